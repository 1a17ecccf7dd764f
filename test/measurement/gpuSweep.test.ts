import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { writeSweepDataset } from "../../src/measurement/gpuSweep/dataset.js";
import { cellOf } from "../../src/measurement/gpuSweep/summary.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "sweep-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const header = {
	type: "header",
	version: 1,
	created_at: "2026-01-02T03:04:05+00:00",
	seed: 7,
	window_s: 10,
	repetitions: 2,
	idle_s: 30,
	device: "cuda",
	grid: [
		"resnet18/fp16/b8",
		"resnet50/fp16/b16",
		"yolov5s/fp16/b1/x2",
		"yolov5n+resnet18/fp16/b8",
		"resnet152/fp32/b64",
	],
	gpu: { name: "Test GPU", uuid: "GPU-1", driver: "555" },
	software: { torch: "2.9", threads: 8 },
	parameters: { resnet18: { counted: 11689512, published: 11689512 } },
};

const call = (number: number) => ({
	type: "call",
	call: number,
	at: `2026-01-0${number + 2}T03:05:00+00:00`,
	settings: { power_limit_w: 700, compute_processes: 1 },
});

const joules = (energy_j: number | string) =>
	typeof energy_j === "number" ? { status: "available", energy_j } : { status: "unavailable", reason: energy_j };

const idle = (number: number, when: string, energy_j: number) => ({
	type: "idle",
	call: number,
	when,
	start_s: 1000,
	end_s: 1030,
	counter: joules(energy_j),
	integrated: joules(energy_j),
	power_source: "NVML_FI_DEV_POWER_INSTANT",
	power_samples: 600,
	state: {},
});

interface Given {
	readonly call: number;
	readonly repetition: number;
	readonly images: number;
	readonly counter: number | string;
	readonly integrated?: number | string;
	readonly latency_s?: number;
	readonly control?: number;
	readonly events?: Record<string, number>;
}

/** A window of 10 s. */
const window = (cell: string, given: Given) => {
	const { batch, tenants, variants } = cellOf(cell);
	const latency = given.latency_s ?? (10 * batch * tenants) / given.images;
	return {
		type: "window",
		call: given.call,
		key: `${given.control === undefined ? cell : `control.${given.control}`}#${given.repetition}`,
		cell,
		repetition: given.repetition,
		control: given.control !== undefined,
		at: "2026-01-02T03:06:00+00:00",
		warm_ups: [{ batches: 20, seconds: 0.6, settled: true }],
		start_s: 2000,
		end_s: 2010,
		counter: joules(given.counter),
		integrated: joules(given.integrated ?? given.counter),
		power_source: "NVML_FI_DEV_POWER_INSTANT",
		power_samples: 200,
		state: { temperature_c: { min: 50, mean: 55, max: 60 }, events: given.events ?? {} },
		batches: given.images / batch,
		images: given.images,
		latency_s: { count: 100, mean: latency, sd: 0, p50: latency, p99: 2 * latency, max: 2 * latency },
		draw_s: 0.0001,
		stages_s: variants.map(() => latency / variants.length),
	};
};

// Joules and images of each window are chosen so that every figure below can be worked out by hand.
const records = [
	header,
	call(0),
	idle(0, "before", 1800),
	window("resnet50/fp16/b16", { call: 0, repetition: 0, control: 0, images: 1000, counter: 3000 }),
	window("resnet18/fp16/b8", { call: 0, repetition: 0, images: 800, counter: 1600, integrated: 1616 }),
	window("resnet50/fp16/b16", { call: 0, repetition: 0, images: 1000, counter: 3000 }),
	window("yolov5s/fp16/b1/x2", { call: 0, repetition: 0, images: 500, counter: "the counter stood still for 1 s" }),
	window("resnet50/fp16/b16", { call: 0, repetition: 0, control: 1, images: 1000, counter: 3000 }),
	idle(0, "after", 2100),
	{ type: "end", call: 0, at: "2026-01-02T03:14:00+00:00", why: "time" },
	call(1),
	idle(1, "before", 1800),
	window("resnet50/fp16/b16", { call: 1, repetition: 1, control: 0, images: 1000, counter: 3030 }),
	window("resnet18/fp16/b8", { call: 1, repetition: 1, images: 800, counter: 1680, integrated: 1713.6 }),
	window("resnet50/fp16/b16", {
		call: 1,
		repetition: 1,
		images: 1000,
		counter: 3000,
		integrated: 3600,
		events: { "software power cap": 0.5, "hardware thermal slowdown": 0.1 },
	}),
	window("yolov5s/fp16/b1/x2", { call: 1, repetition: 1, images: 500, counter: 2500 }),
	{
		...window("yolov5n+resnet18/fp16/b8", { call: 1, repetition: 0, images: 1, counter: 1 }),
		type: "failed",
		reason: "OutOfMemoryError: CUDA out of memory",
	},
	window("yolov5n+resnet18/fp16/b8", { call: 1, repetition: 1, images: 400, counter: 2000 }),
	window("resnet50/fp16/b16", { call: 1, repetition: 1, control: 1, images: 1000, counter: 3090 }),
	idle(1, "after", 1800),
	{ type: "end", call: 1, at: "2026-01-03T03:14:00+00:00", why: "complete" },
];

const written = (name: string, all: readonly object[]) => {
	const file = join(folder, name);
	writeFileSync(file, `${all.map((record) => JSON.stringify(record)).join("\n")}\n`);
	return file;
};

describe("a journal of hand-worked joules", () => {
	let out: string;
	let result: Awaited<ReturnType<typeof writeSweepDataset>>;
	beforeAll(async () => {
		out = join(folder, "gpu");
		result = await writeSweepDataset([written("whole.jsonl", records)], out);
	});
	const summaryOf = (id: string) => {
		const found = result.summaries.find(({ cell }) => cell.id === id);
		if (found === undefined) throw new Error(id);
		return found;
	};

	test("1600 J and 1680 J for 800 images each: 2.05 J an image, of which idle power of 65 W and 60 W is taken off", () => {
		const { counter, idle_subtracted, disagreement, throughput_rps, latency_s, latency_p99_s } =
			summaryOf("resnet18/fp16/b8");
		if (counter.status !== "available") throw new Error(counter.reason);
		expect(counter.value.energy_j_per_image).toBeCloseTo(2.05, 12);
		expect(counter.value.sd_j_per_image).toBeCloseTo(0.1 / Math.SQRT2, 12);
		// Student's t of one degree of freedom at 0.975 is 12.7062.
		expect(counter.value.relative_interval).toBeCloseTo((12.7062 * 0.05) / 2.05, 5);
		expect(counter.value.power_w).toBeCloseTo(3280 / 20, 12);
		// (1600 - 650) / 800 and (1680 - 600) / 800.
		expect(idle_subtracted).toEqual({
			status: "available",
			value: { energy_j_per_image: expect.closeTo((1.1875 + 1.35) / 2, 12), repetitions: 2 },
		});
		expect(disagreement).toEqual({ status: "available", value: expect.closeTo(0.015, 12) });
		expect(throughput_rps).toBeCloseTo(80, 12);
		expect([latency_s, latency_p99_s]).toEqual([expect.closeTo(0.1, 12), expect.closeTo(0.2, 12)]);
	});

	test("the study reads it back: cells, knobs, populations by task, flags, and no energy where there is none", async () => {
		const { cells, provenance } = await readEvidence(out);
		expect(cells.map(({ variant, batch, knobs, flags }) => [variant, batch, knobs.tenants, flags])).toEqual([
			["resnet18", 8, 1, ["interval-wide"]],
			["resnet50", 16, 1, ["counter-disagrees", "slowed"]],
			["yolov5s", 1, 2, []],
			["yolov5n+resnet18", 8, 1, ["interval-wide"]],
		]);
		expect(new Set(cells.map(({ population }) => population)).size).toBe(3);
		expect(cells[0]).toMatchObject({
			device: "gpu",
			allocation: 1,
			replicas: 1,
			accuracy_pct: 69.75,
			kind: "measured",
			knobs: { precision: "fp16", tenants: 1 },
			energy: { status: "available", kind: "measured", energy_j_per_batch: expect.closeTo(16.4, 12) },
		});
		expect(cells[2]?.energy).toEqual({
			status: "unavailable",
			reason: "1 of 2 repetitions have an energy, at least 2 needed; the counter stood still for 1 s",
		});
		expect(provenance.barred).toBeUndefined();
		expect(provenance.dataset).toBe("gpu");
		expect(provenance.files.map(({ name }) => name)).toEqual(["cells.csv", "details.csv", "journal.jsonl"]);
		for (const words of ["random", "single GPU", "eager PyTorch", "open context", "OutOfMemoryError", "(16.7 %)"])
			expect(provenance.caveats.join("\n")).toContain(words);
	});

	test("both energies stand side by side in the details", async () => {
		const { rows } = await readCsv(join(out, "details.csv"));
		expect(Number(rows[0]?.values.energy_counter_j_per_image)).toBeCloseTo(2.05, 12);
		expect(Number(rows[0]?.values.energy_integrated_j_per_image)).toBeCloseTo((1616 + 1713.6) / 1600, 12);
		expect(rows[2]?.values.energy_counter_j_per_image).toContain("unavailable: 1 of 2");
	});

	test("its quality: grid, intervals, control drift, counter against integrated power", () => {
		const { quality } = result;
		expect([quality.grid, quality.complete, quality.partial, quality.missing]).toEqual([
			5,
			3,
			1,
			["resnet152/fp32/b64"],
		]);
		expect(quality.failed).toEqual([
			{ cell: "yolov5n+resnet18/fp16/b8", reason: "OutOfMemoryError: CUDA out of memory" },
		]);
		// Two cells have an energy: one with an interval of 31 %, one with none at all.
		expect(quality.narrowEnergy).toEqual({ status: "available", value: 0.5 });
		// Means of the calls 3.00 and 3.06 J, of all 3.03 J; squares about it 9 + 9 + 0 + 36 (1e-4), by 3.
		expect(quality.controlEnergy).toEqual({
			status: "available",
			value: {
				windows: 4,
				variation: expect.closeTo(Math.sqrt(0.0018) / 3.03, 12),
				drift: { status: "available", value: expect.closeTo(0.06 / 3.03, 12) },
			},
		});
		// 1.5 %, 10 %, 0 % (one of the two windows has no counter), 0 %.
		expect(quality.disagreement).toEqual({
			status: "available",
			value: { median: expect.closeTo(0.0075, 12), farthest: expect.closeTo(0.1, 12), cell: "resnet50/fp16/b16" },
		});
	});

	test("and `evaluate` takes the folder", () => {
		const { status, stdout, stderr } = spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "evaluate", out], {
			encoding: "utf8",
		});
		expect(stderr).toBe("");
		expect(status).toBe(0);
		expect(stdout).toContain("not used (flag interval-wide");
	});
});

describe("a journal", () => {
	const refused = (name: string, ...journals: readonly (readonly object[])[]) =>
		writeSweepDataset(
			journals.map((all, i) => written(`${name}-${i}.jsonl`, all)),
			join(folder, name),
		);
	const changed = (change: object) => [{ ...header, ...change }, ...records.slice(1)];

	test("whose last line was not finished is read without it", async () => {
		const file = written("torn.jsonl", records);
		appendFileSync(file, '{"type":"window","key":"resnet1');
		const { summaries } = await writeSweepDataset([file], join(folder, "torn"));
		expect(summaries).toHaveLength(4);
		expect(readFileSync(join(folder, "torn", "journal.jsonl"), "utf8").endsWith("}\n")).toBe(true);
	});

	test.each([
		["0 J", { counter: { status: "available", energy_j: 0 } }, ":4, counter.energy_j: Too small"],
		["a window of no length", { end_s: 2000 }, ":4, end_s: must be after start_s"],
		["no batch", { batches: 0 }, ":4, batches: Too small"],
	])("with %s is refused", async (_, fault, words) => {
		const all = records.map((record, i) => (i === 3 ? { ...record, ...fault } : record));
		await expect(refused("fault", all)).rejects.toThrow(words);
		expect(existsSync(join(folder, "fault"))).toBe(false);
	});

	test("that measured a window twice, has no header, or counted other parameters is refused", async () => {
		await expect(refused("twice", [...records, records[4] as object])).rejects.toThrow(
			':22, key: must not be measured twice, received "resnet18/fp16/b8#0"',
		);
		await expect(refused("headless", records.slice(1))).rejects.toThrow(":1: must be the header of a sweep");
		const parameters = { resnet18: { counted: 11689513, published: 11689512 } };
		await expect(refused("counted", changed({ parameters }))).rejects.toThrow(
			"parameters.resnet18: must be as published: 11689512, received 11689513",
		);
		await expect(refused("empty", [header])).rejects.toThrow("must hold a measured window");
	});

	test("of another GPU of the model adds repetitions; of another model, driver or torch, or the same one, it is refused", async () => {
		const other = changed({ gpu: { ...header.gpu, uuid: "GPU-2" } });
		const { summaries } = await refused("pooled", records, other);
		expect(summaries.map(({ repetitions }) => repetitions)).toEqual([4, 4, 4, 2]);
		// Four windows of 2.0, 2.1, 2.0 and 2.1 J: the deviation of the pool, not of the means.
		expect(summaries[0]?.counter).toMatchObject({ value: { sd_j_per_image: expect.closeTo(0.1 / Math.sqrt(3), 12) } });
		const { provenance } = await readEvidence(join(folder, "pooled"));
		expect(provenance.caveats.join("\n")).toContain("2 GPUs of one model");
		await expect(refused("model", records, changed({ gpu: { ...header.gpu, name: "Other" } }))).rejects.toThrow(
			"gpu.name: must be as in",
		);
		await expect(refused("torch", records, changed({ software: { torch: "3", threads: 8 } }))).rejects.toThrow(
			"software: must be as in",
		);
		await expect(refused("same", records, records)).rejects.toThrow("must not repeat GPU and seed of another");
	});
});
