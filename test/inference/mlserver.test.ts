import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { infer, modelReady, noiseImage, v2Body } from "../../src/inference/v2.js";
import { mlserverWorkloads } from "../../src/measurement/mlserverWorkloads.js";
import { measureWindow } from "../../src/measurement/window.js";
import { realTime } from "../realTime.js";
import { freePort, mlserverProgram, type RealMlserver, realMlserver } from "./realMlserver.js";

const program = mlserverProgram();
const signal = new AbortController().signal;

test("an image as IPA's load tester sends it over REST", () => {
	const body = JSON.parse(v2Body([noiseImage(2, 3, 7)]));
	expect(body.inputs).toHaveLength(1);
	expect(body.inputs[0]).toMatchObject({
		name: "parameters-np",
		datatype: "INT32",
		shape: [2, 3, 3],
		parameters: { content_type: "np" },
	});
	expect(body.inputs[0].data).toHaveLength(18);
	expect(new Set(body.inputs[0].data).size).toBeGreaterThan(5);
	for (const value of body.inputs[0].data) expect(value >= 0 && value < 256 && Number.isInteger(value)).toBe(true);
	expect(v2Body([noiseImage(2, 3, 7)])).toBe(v2Body([noiseImage(2, 3, 7)]));
});

describe.runIf(program !== undefined)("a two-stage pipeline on a real MLServer", realTime, () => {
	let server: RealMlserver;
	beforeAll(async () => {
		server = await realMlserver(program as string);
	});
	afterAll(() => server?.close());
	const runner = (rate_rps: number, model = "{variant}") => ({
		type: "mlserver" as const,
		url: server.url,
		model,
		rate_rps,
		arrivals: "poisson" as const,
		height_px: 32,
		width_px: 32,
		timeout_s: 10,
		request_unit: "image",
	});
	const cell = (variant: string, batch: number) => ({ id: variant, variant, batch, cores: 1, knobs: {} });
	const seen = async (): Promise<{ detect: number[]; classify: number[] }> => {
		const answer = await fetch(`${server.url}/v2/models/seen/infer`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: v2Body([noiseImage(1, 1, 1)]),
		});
		const { outputs } = (await answer.json()) as { outputs: { data: number[] }[] };
		return JSON.parse(String.fromCharCode(...(outputs[0]?.data ?? [])));
	};

	test("requests come at the set rate, each is answered, and the server forms batches of those that wait", async () => {
		const workload = await mlserverWorkloads(runner(60), 11).prepare(cell("video", 4));
		const before = await seen();
		const window = await measureWindow(workload, { atLeast_s: 2, atLeastBatches: 1 }, [], signal);
		const requests = 4 * window.batches;
		// 120 expected, standard deviation 11.
		expect(requests).toBeGreaterThan(75);
		expect(requests).toBeLessThan(170);
		expect(window.cpu_s).toMatchObject({ status: "unavailable", reason: expect.stringContaining("server") });
		// Through both stages: 10 + 2 ms and 5 + 1 ms at least.
		expect(window.latency_p50_s).toBeGreaterThan(0.018);
		const after = await seen();
		const own = {
			detect: after.detect.slice(before.detect.length),
			classify: after.classify.slice(before.classify.length),
		};
		const total = (sizes: number[]) => sizes.reduce((sum, size) => sum + size, 0);
		expect(total(own.detect)).toBe(requests);
		expect(total(own.classify)).toBe(requests);
		expect(Math.max(...own.detect)).toBeGreaterThan(1);
		expect(Math.max(...own.detect)).toBeLessThanOrEqual(4);
	}, 30_000);

	test("a higher rate queues: latencies rise, since nobody waits for the server", async () => {
		const at = async (rate_rps: number) => {
			const workload = await mlserverWorkloads(runner(rate_rps), 3).prepare(cell("video", 1));
			return measureWindow(workload, { atLeast_s: 1.5, atLeastBatches: 1 }, [], signal);
		};
		const [slow, fast] = [await at(5), await at(300)];
		expect(fast.latency_p99_s).toBeGreaterThan(2 * slow.latency_p99_s);
		expect(fast.batches / fast.elapsed_s).toBeLessThan(300);
	}, 60_000);

	test("no such model, an image that the model cannot take, and no server: each named", async () => {
		await expect(mlserverWorkloads(runner(1), 1).prepare(cell("yolov9", 1))).rejects.toThrow(
			/models\/yolov9\/ready answers 404/,
		);
		const odd = mlserverWorkloads(runner(1, "../{variant} $(id)"), 1).prepare(cell("video", 1));
		await expect(odd).rejects.toThrow(/models\/\.\.%2Fvideo%20%24\(id\)\/ready answers 404/);
		const target = { url: server.url, model: "video", timeout_s: 5 };
		await expect(infer(target, '{"inputs": []}')).rejects.toThrow(/models\/video\/infer answers [45]\d\d/);
		expect(await modelReady({ url: `http://127.0.0.1:${await freePort()}`, model: "m", timeout_s: 1 })).toMatch(
			/does not answer: ECONNREFUSED/,
		);
	}, 30_000);
});
