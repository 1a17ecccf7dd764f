import { mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { writeMeasuredDataset } from "../../src/measurement/dataset.js";
import { modelledEnergy } from "../../src/measurement/modelEnergy.js";
import { planCells } from "../../src/measurement/planCells.js";
import type { JournalRecord, MeasuredWindow, MeterReading } from "../../src/measurement/records.js";
import { controlVariation } from "../../src/measurement/repetitions.js";
import { idlePowers, summarise } from "../../src/measurement/summary.js";
import { tinyPlan } from "./plans.js";

const plan = tinyPlan({ batches: [2], cores: [3] });
const [small, large] = planCells(plan);
const reading = (energy_j: number, duration_s: number, probe = "powercap"): MeterReading => ({
	status: "reading",
	probe,
	energy_j,
	duration_s,
	covers: ["package"],
	kind: "measured",
});
const window = (given: Partial<MeasuredWindow>): MeasuredWindow => ({
	started_at: "2026-01-01T00:00:00Z",
	elapsed_s: 10,
	batches: 20,
	latency_mean_s: 0.4,
	latency_p50_s: 0.4,
	latency_p99_s: 0.6,
	latency_max_s: 1,
	cpu_s: { status: "available", value: 8 },
	readings: [],
	...given,
});
const session: JournalRecord = {
	type: "session",
	started_at: "2026-01-01T00:00:00Z",
	hardware: "machine",
	environment: {},
	probes: ["powercap"],
	probes_unavailable: [],
};
const repetition = (number: number, given: Partial<MeasuredWindow>, cell = small?.id ?? ""): JournalRecord => ({
	type: "repetition",
	cell,
	repetition: number,
	block: number,
	session: 0,
	warm_up: { batches: 1, stable: number > 0 },
	window: window(given),
});
const idle = (block: number, when: "before" | "after", power_w: number, probe?: string): JournalRecord => ({
	type: "idle",
	block,
	when,
	session: 0,
	started_at: "",
	readings: [reading(10 * power_w, 10, probe)],
});
const baselines = [idle(0, "before", 4), idle(0, "after", 6), idle(1, "before", 3), idle(1, "after", 5)];
const repetitions = [
	// 10 W: 100 J in the window's 10 s, 5 J a batch; 5 W of it idle, 2.5 J a batch left.
	repetition(0, { readings: [reading(90, 9)] }),
	// 14 W: 168 J in 12 s, 5.6 J a batch; 4 W of it idle, 4 J a batch left.
	repetition(1, {
		elapsed_s: 12,
		batches: 30,
		latency_mean_s: 0.5,
		latency_p99_s: 0.8,
		cpu_s: { status: "available", value: 12 },
		readings: [reading(168, 12)],
	}),
];
const only = (records: readonly JournalRecord[]) => {
	const [summary, ...more] = summarise(plan, [records]);
	if (summary === undefined || more.length > 0) throw new Error("not one cell");
	return summary;
};
const energyOf = (records: readonly JournalRecord[]) => {
	const { energy } = only(records);
	if (energy.status === "unavailable") throw new Error(energy.reason);
	return energy.value;
};

describe("two repetitions by hand", () => {
	test("latency, throughput and CPU time", () => {
		const summary = only([session, ...baselines, ...repetitions]);
		expect(summary).toMatchObject({ hardware: "machine", repetitions: 2, dropped: 0, warm_ups_capped: 1 });
		expect(summary.latency_s).toBeCloseTo(0.45, 12);
		expect(summary.latency_p99_s).toBeCloseTo(0.7, 12);
		// 50 batches of 2 in 22 s, with 20 s of CPU time.
		expect(summary.throughput_rps).toBeCloseTo(100 / 22, 12);
		expect(summary.cpu_s_per_batch).toEqual({ status: "available", value: expect.closeTo(0.4, 12) });
	});

	test("energy of a batch, gross and without the idle power of each block", () => {
		const energy = energyOf([session, ...baselines, ...repetitions]);
		expect(energy).toMatchObject({ probe: "powercap", kind: "measured", repetitions: 2, covers: ["package"] });
		expect(energy.gross_j).toBeCloseTo(5.3, 12);
		// Half of 0.6 J to either side: s = 0.6 / sqrt(2).
		expect(energy.gross_sd_j).toBeCloseTo(0.6 / Math.SQRT2, 12);
		expect(energy.power_w).toBeCloseTo(258 / 21, 12);
		expect(energy.idle_subtracted_j).toEqual({ status: "available", value: expect.closeTo(3.25, 12) });
		expect(energy.idle_power_w).toEqual({ status: "available", value: expect.closeTo(4.5, 12) });
	});

	test("a block without both baselines, or with one of another probe, leaves the gross energy alone", () => {
		for (const missing of [
			[...baselines.slice(0, 3)],
			baselines.slice(1),
			[...baselines.slice(0, 2), idle(1, "before", 3, "dcmi"), idle(1, "after", 5, "dcmi")],
			[...baselines.slice(0, 3), idle(1, "after", 5, "dcmi")],
		]) {
			const energy = energyOf([session, ...missing, ...repetitions]);
			expect(energy.gross_j).toBeCloseTo(5.3, 12);
			expect(energy.idle_subtracted_j).toMatchObject({ status: "unavailable" });
			expect(energy.idle_power_w).toMatchObject({ status: "unavailable" });
		}
	});

	test("one energy is not enough, and two probes are no mean", () => {
		const bare = repetition(2, { readings: [{ status: "refused", probe: "powercap", reason: "wrapped" }] });
		expect(only([session, bare, repetitions[0] as JournalRecord]).energy).toEqual({
			status: "unavailable",
			reason: expect.stringMatching(/^1 of 2 repetitions have an energy, at least 2 needed: powercap: wrapped$/),
		});
		expect(energyOf([session, bare, ...repetitions]).repetitions).toBe(2);
		const other = repetition(2, { readings: [reading(100, 10, "dcmi")] });
		expect(only([session, other, ...repetitions]).energy).toMatchObject({
			status: "unavailable",
			reason: expect.stringMatching(/powercap, dcmi|dcmi, powercap/),
		});
		const modelled = repetition(2, { readings: [{ ...reading(100, 10), kind: "modelled" } as MeterReading] });
		expect(energyOf([session, modelled, ...repetitions]).kind).toBe("modelled");
	});

	test("idle power of a block and its drift", () =>
		expect([...idlePowers(baselines).values()]).toMatchObject([
			{ block: 0, probe: "powercap", power_w: 5, before_w: 4, after_w: 6, drift: 0.5 },
			{ block: 1, probe: "powercap", power_w: 4, before_w: 3, after_w: 5, drift: expect.closeTo(2 / 3, 12) },
		]));
});

describe("repetitions beyond three sigma", () => {
	const steady = Array.from({ length: 11 }, (_, i) => i);
	test("one whose latency is far takes its energy with it", () => {
		const records = steady.map((i) =>
			repetition(i, { latency_mean_s: i === 4 ? 2 : 1, readings: [reading(i === 4 ? 500 : 100, 10)] }),
		);
		expect(only([session, ...records])).toMatchObject({ repetitions: 10, dropped: 1, latency_s: 1 });
		expect(energyOf([session, ...records]).gross_j).toBeCloseTo(5, 12);
	});
	test("one whose energy is far takes its latency with it, whoever has no energy", () => {
		const records = steady.map((i) =>
			repetition(i + 1, { latency_mean_s: 1 + i / 1000, readings: [reading(i === 10 ? 500 : 100, 10)] }),
		);
		const summary = only([session, repetition(0, { latency_mean_s: 1 }), ...records]);
		expect(summary).toMatchObject({ repetitions: 11, dropped: 1 });
		// 1 s twice and 1.001 to 1.009 s; the last, of 1.010 s, is gone.
		expect(summary.latency_s).toBeCloseTo((1 + 10 + 0.045) / 11, 12);
	});
});

test("cells come in the plan's order, each machine's by itself", () => {
	const id = large?.id ?? "";
	const records = [session, repetition(0, {}, id), repetition(1, {}, id), ...repetitions];
	const other = [{ ...session, hardware: "other" }, repetition(0, { latency_mean_s: 9 }, id)];
	expect(
		summarise(plan, [records, other]).map(({ cell, hardware, latency_s }) => [cell.variant, hardware, latency_s]),
	).toEqual([
		["small", "machine", expect.closeTo(0.45, 12)],
		["large", "machine", 0.4],
		["large", "other", 9],
	]);
});

test("the dataset has the energy of a request: a batch of two's is half of its energy", async () => {
	const folder = mkdtempSync(join(tmpdir(), "measured-"));
	await writeMeasuredDataset(folder, plan, [[session, ...baselines, ...repetitions]]);
	const { cells } = await readEvidence(join(folder, "dataset"));
	expect(cells).toHaveLength(1);
	expect(cells[0]).toMatchObject({ variant: "small", allocation: 3, batch: 2, repetitions: 2, kind: "measured" });
	expect(cells[0]?.energy).toMatchObject({
		status: "available",
		kind: "measured",
		energy_j_per_request: expect.closeTo(2.65, 9),
		energy_j_per_batch: expect.closeTo(5.3, 9),
		energy_sd_j_per_request: expect.closeTo(0.3 / Math.SQRT2, 9),
		power_w: expect.closeTo(258 / 21, 9),
	});
	const [head = "", row = ""] = (await readFile(join(folder, "details.csv"), "utf8")).split("\n");
	const details = Object.fromEntries(head.split(",").map((column, i) => [column, row.split(",")[i]]));
	expect(Number(details.energy_gross_j_per_batch)).toBeCloseTo(5.3, 9);
	expect(Number(details.energy_idle_subtracted_j_per_batch)).toBeCloseTo(3.25, 9);
	expect(Number(details.idle_power_w)).toBeCloseTo(4.5, 9);
	expect(details.energy_modelled_j_per_batch).toBe("unavailable");
});

test("a modelled energy: three cores at 2 W idle over 0.5 s, and 8 W more over 0.75 s of CPU time, are 9 J", () => {
	const power = { name: "n", source: "s", note: "", idle_w_per_core: 2, full_w_per_core: 10 };
	const cell = { ...(small as NonNullable<typeof small>), cores: 3 };
	const cpu_s_per_batch = { status: "available", value: 0.75 } as const;
	expect(modelledEnergy({ cell, latency_s: 0.5, cpu_s_per_batch }, power)).toBeCloseTo(9, 12);
	expect(
		modelledEnergy({ cell, latency_s: 0.5, cpu_s_per_batch: { status: "unavailable", reason: "" } }, power),
	).toBeUndefined();
});

test("the control's variation: 0.9, 1 and 1.1 s are 10 %", () => {
	const control = (latency_p50_s: number, position: number): JournalRecord => ({
		type: "control",
		block: 0,
		position,
		session: 0,
		window: window({ latency_p50_s }),
	});
	expect(controlVariation([0.9, 1, 1.1].map(control))).toMatchObject({ status: "ok", value: expect.closeTo(0.1, 12) });
	expect(controlVariation([control(1, 0)])).toMatchObject({ status: "undefined" });
});
