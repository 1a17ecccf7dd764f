import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { type ProfileRules, seriesPoints } from "../../src/ipa/readIpaPipeline.js";
import { readResult, readSeries } from "../../src/ipa/readSeries.js";
import { type Experiment, resultOf, temporary, writeExperiments } from "./series.js";

const rules: ProfileRules = {
	reference_latency: "p99",
	reference_throughput: "max",
	latency_margin: 0,
	throughput_margin: 0,
	only_measured_profiles: true,
};

/** Three requests of 0.1, 0.2 and 0.3 s, one lost, over two seconds; 8 and 10 requests/s. */
const plain: Pick<Experiment, "seconds" | "throughput"> = {
	seconds: [
		[
			{ arrival: 0, serving: 0.1 },
			{ arrival: 1, serving: 9, lost: true },
		],
		[
			{ arrival: 0, serving: 0.3 },
			{ arrival: 0, serving: 0.2 },
		],
	],
	throughput: [8, null, 10],
};

const cell = (
	id: number,
	variant: string,
	cores: number,
	batch: number,
	more: Partial<Experiment> = {},
): Experiment => ({
	id,
	variant,
	cores,
	batch,
	load: 20,
	...plain,
	...more,
});

async function series(experiments: readonly Experiment[]): Promise<string> {
	const folder = temporary();
	await writeExperiments(folder, "m", experiments);
	return folder;
}

async function pointsOf(
	experiments: readonly Experiment[],
	accuracies: Readonly<Record<string, number>>,
	changed: Partial<ProfileRules> = {},
) {
	const cells = await readSeries({ folder: await series(experiments), model: "m", load: 20 });
	return seriesPoints(cells, new Map(Object.entries(accuracies)), { ...rules, ...changed });
}

describe("a profiling series", () => {
	// By hand: sorted 0.1, 0.2, 0.3; p99 at position 1.98, so 0.3 - 0.1 x 0.02 = 0.298; throughputs 8 and 10.
	test.each([
		["p99", 0.298, "max", 10],
		["avg", 0.2, "avg", 9],
		["p50", 0.2, "p50", 9],
		["min", 0.1, "min", 8],
		["max", 0.3, "p95", 9.9],
	] as const)("latency %s is %s s and throughput %s is %s requests/s", async (latency, l, throughput, t) => {
		const { points } = await pointsOf(
			[cell(1, "a", 2, 4)],
			{ a: 50 },
			{ reference_latency: latency, reference_throughput: throughput },
		);
		expect(points).toHaveLength(1);
		expect(points[0]).toMatchObject({ variant: "a", accuracy_pct: 50, cores: 2, batch: 4, kind: "measured" });
		expect(points[0]?.latency_s).toBeCloseTo(l, 12);
		expect(points[0]?.throughput_rps).toBeCloseTo(t, 12);
	});

	test("margins are percents on top", async () => {
		const { points } = await pointsOf([cell(1, "a", 1, 1)], { a: 50 }, { latency_margin: 100, throughput_margin: -50 });
		expect(points[0]?.latency_s).toBeCloseTo(0.596, 12);
		expect(points[0]?.throughput_rps).toBeCloseTo(5, 12);
	});

	test("variants and their allocations come as they first appear, batches rising; no accuracy, no variant", async () => {
		const { points, leftOut } = await pointsOf(
			[
				cell(4, "b", 8, 2),
				cell(1, "a", 2, 1),
				cell(2, "b", 8, 1),
				cell(7, "b", 1, 1),
				cell(3, "a", 1, 1),
				cell(9, "c", 1, 1),
			],
			{ a: 1, b: 2 },
		);
		expect(points.map(({ variant, cores, batch }) => [variant, cores, batch])).toEqual([
			["b", 8, 1],
			["b", 8, 2],
			["b", 1, 1],
			["a", 2, 1],
			["a", 1, 1],
		]);
		expect(leftOut).toEqual(["c: accuracies.yaml has no accuracy of it"]);
	});

	test("an allocation one of whose experiments answered nothing is left out, and said", async () => {
		const silent = { seconds: [[{ arrival: 0, serving: 1, lost: true }]] };
		const { points, leftOut } = await pointsOf([cell(1, "a", 1, 1), cell(2, "a", 1, 2, silent), cell(3, "a", 2, 1)], {
			a: 50,
		});
		expect(points.map(({ cores }) => cores)).toEqual([2]);
		expect(leftOut).toEqual(["a on 1 cores: no request of batch 2 came back"]);
	});

	test("only the load that is asked for, written as 20, 20.0 or text; other loads' files are not opened", async () => {
		const folder = await series([
			cell(1, "a", 1, 1),
			cell(2, "a", 1, 2, { load: "20.0" }),
			cell(3, "a", 1, 4, { load: "100-200" }),
			cell(4, "a", 1, 8, { load: 5 }),
		]);
		rmSync(join(folder, "4.json"));
		const batches = async (load: number | string) =>
			(await readSeries({ folder, model: "m", load })).map(({ batch }) => batch);
		expect(await batches(20)).toEqual([1, 2]);
		expect(await batches("100-200")).toEqual([4]);
		await expect(batches(7)).rejects.toThrow(
			/must have an experiment at the load 7, received \["20","20.0","100-200","5"\]/,
		);
	});

	test("a series that we wrote says of which kind its points are", async () => {
		const meta = "written by sustainable-ipa, kind modelled: video, crop";
		const { points } = await pointsOf([cell(1, "a", 1, 1, { meta }), cell(2, "a", 1, 2)], { a: 50 });
		expect(points.map(({ kind }) => kind)).toEqual(["modelled", "measured"]);
	});

	test("a batch that was profiled twice: the fit takes both, measured profiles cannot", async () => {
		const twice = [cell(1, "a", 1, 2), cell(2, "a", 1, 2)];
		expect((await pointsOf(twice, { a: 50 }, { only_measured_profiles: false })).points).toHaveLength(2);
		await expect(pointsOf(twice, { a: 50 })).rejects.toThrow(
			/key_config_mapper.csv:3, max_batch_size: must be the one experiment of a on 1 cores/,
		);
	});

	test("no throughput was recorded: the fit needs none, measured profiles do", async () => {
		const none = [cell(1, "a", 1, 2, { throughput: null })];
		const { points } = await pointsOf(none, { a: 50 }, { only_measured_profiles: false });
		expect(points[0]?.throughput_rps).toBeCloseTo(2 / 0.298, 12);
		await expect(pointsOf(none, { a: 50 })).rejects.toThrow(/:2, throughput: must be recorded/);
	});

	test("a latency or throughput of 0 is refused", async () => {
		await expect(
			pointsOf([cell(1, "a", 1, 1, { seconds: [[{ arrival: 1, serving: 1 }]] })], { a: 50 }),
		).rejects.toThrow(/:2, p99: latency must be above 0, received 0/);
		await expect(pointsOf([cell(1, "a", 1, 1, { throughput: [0, 0] })], { a: 50 })).rejects.toThrow(
			/:2, max: throughput must be above 0, received 0/,
		);
	});
});

describe("files that do not fit", () => {
	test("a result that is missing, torn, or of no experiment", async () => {
		const folder = await series([cell(1, "a", 1, 1), cell(2, "a", 1, 2)]);
		const read = () => readSeries({ folder, model: "m", load: 20 });
		await expect(read()).resolves.toHaveLength(2);
		writeFileSync(join(folder, "3.json"), "{}");
		await expect(read()).rejects.toThrow(/3.json: must have a row in key_config_mapper.csv/);
		rmSync(join(folder, "3.json"));
		writeFileSync(join(folder, "2.json"), JSON.stringify(resultOf("m", plain)).slice(0, -20));
		await expect(read()).rejects.toThrow(/2.json:1:539: must be JSON/);
		rmSync(join(folder, "2.json"));
		await expect(read()).rejects.toThrow(/2.json: must exist/);
	});

	test("a mapper that is missing, or names an experiment twice, or has another column", async () => {
		await expect(readSeries({ folder: temporary(), model: "m", load: 1 })).rejects.toThrow(
			/key_config_mapper.csv: must exist: a profiling result/,
		);
		await expect(
			readSeries({ folder: await series([cell(1, "a", 1, 1), cell(1, "a", 1, 2)]), model: "m", load: 20 }),
		).rejects.toThrow(/:3, experiment_id: must not repeat, received 1/);
		await expect(
			readSeries({ folder: await series([cell(1, "a", 1, 1, { cores: "500m" })]), model: "m", load: 20 }),
		).rejects.toThrow(/:2, cpu_request: must be a number above 0, received "500m"/);
	});

	test.each([
		["[]", "must be an object"],
		['{"throughput": []}', "responses: must be a list"],
		['{"responses": [{}]}', "responses.0: must be a list"],
		['{"responses": [["lost"]]}', "responses.0.0: must be an object"],
		['{"responses": [[{"times": 3}]]}', "responses.0.0.times: must be an object"],
		[
			'{"responses": [[{"times": {"request": {"sending": 0, "arrival": 1}, "models": {"m": {"arrival": "0", "serving": 1}}}}]]}',
			"responses.0.0.times.models.m.arrival: must be a number",
		],
		['{"responses": [], "throughput": ["8"]}', "throughput.0: must be a number"],
		['{"responses": [], "throughput": [8}', "1.json:1:35: must be JSON"],
		['{"responses": [[{"times": {"request": {"sending": NaN, "arrival": 1}}}]]}', "sending: must be a number"],
	])("the result %s is refused: %s", async (text, message) => {
		const file = join(temporary(), "1.json");
		writeFileSync(file, text);
		await expect(readResult(file, "m")).rejects.toThrow(InputError);
		await expect(readResult(file, "m")).rejects.toThrow(message);
	});

	test("a bare NaN or Infinity, as Python's json.dumps writes 0/0, is a missing sample; a NaN in a string is text", async () => {
		const file = join(temporary(), "1.json");
		writeFileSync(
			file,
			'\uFEFF{"responses": [], "note": "NaN, -Infinity", "throughput": [NaN, 8, -Infinity, Infinity, null]}',
		);
		expect(await readResult(file, "m")).toEqual({ latencies_s: [], timeouts: 0, throughputs_rps: [8] });
	});

	test("a request that lacks any of its four times is a timeout", async () => {
		const whole = { request: { sending: 0, arrival: 1 }, models: { m: { arrival: 0.25, serving: 0.75 } } };
		const lacking = [
			{ request: { sending: 0 }, models: whole.models },
			{ request: { arrival: 1 }, models: whole.models },
			{ request: whole.request, models: { m: { arrival: 0.25 } } },
			{ request: whole.request, models: { m: { serving: 0.25 } } },
			{ request: whole.request, models: { other: whole.models.m } },
			{ models: whole.models },
		];
		const file = join(temporary(), "1.json");
		const requests = [...lacking.map((times) => ({ times })), { failed: "timeout" }, { times: whole }];
		writeFileSync(file, JSON.stringify({ responses: [requests] }));
		expect(await readResult(file, "m")).toEqual({ latencies_s: [0.5], timeouts: 7, throughputs_rps: [] });
	});
});
