import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { modelReady } from "../../src/inference/v2.js";
import { measurePlan } from "../../src/measurement/measurePlan.js";
import { readPlan } from "../../src/measurement/plan.js";
import type { Session } from "../../src/measurement/records.js";
import { tinyPlan } from "../measurement/plans.js";

const field = "test/fixtures/field";
const none = { meters: { available: [], unavailable: [] } };

describe("a server behind Seldon's executor", () => {
	test("is measured where its readiness gives the executor's own error and an inference answers", async () => {
		const port = 19_000 + (process.pid % 900);
		const server = spawn("python3", [`${field}/seldon-executor/server.py`, String(port)]);
		try {
			const plan = await readPlan(`${field}/seldon-executor/plan.yaml`);
			if (plan.runner.type !== "mlserver") throw new Error("not a served plan");
			const url = `http://127.0.0.1:${port}/seldon/default/video`;
			for (
				let tries = 0;
				tries < 100 &&
				!(await fetch(url).then(
					() => true,
					() => false,
				));
				tries++
			)
				await sleep(50);
			const outcome = await measurePlan({ ...plan, window_s: 0.3, runner: { ...plan.runner, url } }, none);
			expect(outcome).toMatchObject({ status: "complete", finished: 2 });
		} finally {
			server.kill();
		}
	});
	const answering = async (code: number, inference: number) => {
		const server = createServer((request, response) => {
			response.writeHead(request.url?.endsWith("/infer") ? inference : code).end('{"outputs":[{}]}');
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		try {
			return await modelReady({ url, model: "m", timeout_s: 5 }, "{}");
		} finally {
			server.close();
		}
	};
	test.each([
		[200, 500, undefined],
		[503, 200, undefined],
		[500, 500, "answers 500, and an inference fails"],
		[404, 200, "answers 404"],
		[401, 200, "asks for credentials"],
	])("ready %i, inference %i: %s", async (ready, inference, reason) => {
		const said = await answering(ready, inference);
		if (reason === undefined) expect(said).toBeUndefined();
		else expect(said).toContain(reason);
	});
});

describe("an export of YOLOv5", () => {
	const plan = (file: string, change: object = {}, runner: object = {}) =>
		tinyPlan({
			runner: { type: "onnx", files: { mine: `${field}/yolo-exports/${file}` }, ...runner },
			variants: [{ name: "mine" }],
			batches: [1, 4],
			repetitions: { min: 2, max: 2, target_relative_interval: 0.5 },
			...change,
		});
	test("with a batch of 1 alone is refused before the first cell, and runs with it", async () => {
		const said: string[] = [];
		const run = measurePlan(plan("static.onnx"), { ...none, report: ({ now }) => said.push(now) });
		await expect(run).rejects.toMatchObject({
			name: InputError.name,
			message: expect.stringMatching(/batches: must be \[1\]: .* batch of 1 only .*dynamic.*received 4/),
		});
		expect(said).toEqual([]);
		expect(await measurePlan(plan("static.onnx", { batches: [1] }), none)).toMatchObject({ status: "complete" });
	});
	test("of a side that the file leaves open runs with the plan's, or 640, and the session says which", async () => {
		for (const [runner, told] of [
			[{ side_px: 64 }, /batch x 3 x 64 x 64; left open by its file: height 64 \(side_px of the plan\)/],
			[{}, /batch x 3 x 640 x 640; left open by its file: height 640 \(the default\)/],
		] as const) {
			const { records, status } = await measurePlan(plan("dynamic.onnx", {}, runner), none);
			expect(status).toBe("complete");
			const session = records.find((record): record is Session => record.type === "session");
			expect(session?.environment["input of mine"]).toEqual({
				status: "available",
				value: expect.stringMatching(told),
			});
		}
	});
	test("of a side of its own takes no other", async () =>
		expect(measurePlan(plan("static.onnx", { batches: [1] }, { side_px: 128 }), none)).rejects.toThrow(
			/static\.onnx, side_px: must be 64 or left out: .*, received 128/,
		));
	test("that is not there or no network is named before the first cell", async () => {
		for (const file of ["none.onnx", "plan-static.yaml"])
			await expect(measurePlan(plan(file), none)).rejects.toMatchObject({ name: InputError.name });
	});
});
