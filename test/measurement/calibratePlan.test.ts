import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCellsCsv } from "../../src/datasets/readEvidence.js";
import { powercapProbe } from "../../src/energy/powercap.js";
import { InputError } from "../../src/errors.js";
import { parseSpec } from "../../src/ipa/readPipeline.js";
import { type CalibrationVisit, calibratePlan } from "../../src/measurement/calibratePlan.js";
import { calibrationReport, writeCalibration } from "../../src/measurement/calibrationFiles.js";
import { writeMeasuredDataset } from "../../src/measurement/dataset.js";
import { cellsOfStage, cellsOfTable, withPrior } from "../../src/measurement/knownCells.js";
import { measurePlan } from "../../src/measurement/measurePlan.js";
import { detectMeters } from "../../src/measurement/meters.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";
import { fakePowercap } from "../energy/fakePowercap.js";
import { realTime } from "../realTime.js";
import { tinyPlan } from "./plans.js";

/** What the machine draws at all times, W: every cell's true power. */
const draw_w = 20;

/** A counter that goes up by `draw_w` all the time. */
const machine = `
import { renameSync, writeFileSync } from "node:fs";
const file = process.argv[2] + "/intel-rapl:0/energy_uj";
const began = performance.now();
setInterval(() => {
	writeFileSync(file + ".aside", Math.floor(1e6 + ${draw_w} * 1000 * (performance.now() - began)) + "\\n");
	renameSync(file + ".aside", file);
}, 1);
`;

const plan = tinyPlan({
	name: "tiny-calibration",
	variants: [
		{ name: "small", accuracy_pct: 70 },
		{ name: "large", accuracy_pct: 80 },
	],
	runner: { type: "arithmetic", work: 2000 },
	batches: [1, 2, 4, 8],
	repetitions: { min: 2, max: 2, target_relative_interval: 1 },
	blocks: 1,
	window_s: 0.2,
	idle_s: 0.2,
	probes: ["powercap"],
});

describe("a plan on a machine of known power", realTime, () => {
	const folder = mkdtempSync(join(tmpdir(), "calibrate-"));
	const root = fakePowercap({ "intel-rapl:0": { name: "package-0", energy_uj: 1_000_000 } });
	const script = join(folder, "machine.mjs");
	writeFileSync(script, machine);
	const counter = spawn("node", [script, root]);
	afterAll(() => void counter.kill());
	const latencies = join(folder, "latencies");
	beforeAll(async () => {
		const { probes: _, ...bare } = plan;
		const quick = { ...bare, probes: [], window_s: 0.02 };
		const { records } = await measurePlan(quick);
		await writeMeasuredDataset(latencies, quick, [records]);
	});

	test("stops before all cells are measured, goes on where it was stopped, and its energies come near the true ones", async () => {
		const meters = await detectMeters(plan, [powercapProbe({ root })]);
		const table = join(latencies, "dataset", "cells.csv");
		const known = cellsOfTable(plan, table, (await readCellsCsv(table)).cells);
		const options = {
			folder: join(folder, "out"),
			meters,
			// Cells of one variant cost the same a request but for the noise of a busy machine: only a half more is better.
			settings: { margin: 0.5, stopBelow: 0.05, leastDeviation: 0.02 },
		};

		const first: CalibrationVisit[] = [];
		const stop = new AbortController();
		const visited = (visit: CalibrationVisit) => {
			first.push(visit);
			if (first.length === 1) stop.abort(new Error("stopped"));
		};
		expect((await calibratePlan(plan, known, { ...options, visited, signal: stop.signal })).status).toBe("stopped");
		const journals = () =>
			readdirSync(options.folder, { recursive: true, encoding: "utf8" }).filter((name) =>
				name.endsWith("journal.jsonl"),
			);
		const text = readFileSync(join(options.folder, journals()[0] as string), "utf8");

		const done = await calibratePlan(plan, known, options);
		expect(done.status).toBe("sure");
		// What was measured is taken from its journal: the same cells in the same order with the same powers.
		expect(done.visits.slice(0, 1)).toEqual(first);
		expect(readFileSync(join(options.folder, journals()[0] as string), "utf8")).toBe(text);
		const report = calibrationReport(plan, done);
		expect(report.measured).toBeLessThan(8);
		expect(report.curve.at(-1)?.doubt).toBeLessThan(0.05);
		expect(report.idle_kind).toBe("measured");
		expect(report.idle_power_w / draw_w).toBeGreaterThan(0.8);
		const predicted = report.energies.filter(({ kind }) => kind === "modelled");
		expect(predicted).toHaveLength(8 - report.measured);
		for (const { power_w, power_low_w, power_high_w } of predicted) {
			// The latencies are of another, shorter run of a busy machine, and move the power with them.
			expect(Math.abs(Math.log(power_w / draw_w))).toBeLessThan(1);
			expect(power_low_w).toBeLessThan(power_w);
			expect(power_high_w).toBeGreaterThan(power_w);
		}

		const paths = await writeCalibration(options.folder, plan, done, { stage: "tiny", pipeline: pipelineOf(known) });
		expect(paths.every((path) => existsSync(path))).toBe(true);
		const spec = parseSpec("pipeline.json", readFileSync(join(options.folder, "pipeline.json"), "utf8"));
		const energies = spec.stages[0]?.points.map(({ energy }) => energy);
		expect(energies?.filter((energy) => energy?.kind === "modelled")).toHaveLength(predicted.length);
		expect(energies?.every((energy) => energy?.calibration === report.calibration)).toBe(true);
		expect(report.calibration).toContain(`${report.measured} of 8 cells measured on`);
		expect(optimize(spec).status).toBe("optimal");
		// The table reads back, its predicted energies labelled; and a later calibration takes it for a prior.
		const cells = (await readCellsCsv(join(options.folder, "cells.csv"))).cells;
		expect(cells.filter(({ energy }) => energy.status === "available" && energy.kind === "modelled")).toHaveLength(
			predicted.length,
		);
		const prior = withPrior(known, "cells.csv", cells);
		expect(prior[0]?.prior_power_w).toBeCloseTo(report.energies[0]?.power_w as number, 9);
	});
});

test("without an energy source there is no calibration, and each probe says why", async () => {
	const known = cellsOfStage(plan, "p.json", stageOf());
	const meters = { available: [], unavailable: [{ probe: "powercap", reason: "not-found: no zone" }] };
	await expect(calibratePlan(plan, known, { folder: "/nowhere", meters })).rejects.toThrow(
		/powercap \(not-found: no zone\)/,
	);
});

test("a cell that the profile lacks is named", () => {
	const stage = stageOf();
	expect(() => cellsOfStage(plan, "p.json", { ...stage, points: stage.points.slice(1) })).toThrow(InputError);
	expect(() => cellsOfStage(plan, "p.json", { ...stage, points: stage.points.slice(1) })).toThrow(
		/p\.json, stage tiny.*small/,
	);
});

function stageOf() {
	const points = ["small", "large"].flatMap((variant) =>
		[1, 2, 4, 8].map((batch) => ({
			variant,
			accuracy_pct: variant === "small" ? 70 : 80,
			cores: 1,
			batch,
			latency_s: 0.01 * batch,
			throughput_rps: 100,
			kind: "measured" as const,
		})),
	);
	return { name: "tiny", points, initial_variant: "small", initial_cores: 1 };
}

function pipelineOf(
	known: readonly { variant: string; batch: number; latency_s: number; throughput_rps: number }[],
): PipelineSpec {
	const points = stageOf().points.map((point) => {
		const own = known.find(({ variant, batch }) => variant === point.variant && batch === point.batch);
		return { ...point, latency_s: own?.latency_s ?? 1, throughput_rps: own?.throughput_rps ?? 1 };
	});
	return {
		name: "tiny",
		stages: [{ ...stageOf(), points }],
		threshold_rps: 1,
		sla_factor: 5,
		sla_s: 1000,
		accuracy_method: "sum",
		normalize_accuracy: false,
		allocation_mode: "variable",
		only_measured_profiles: true,
		scaling_cap: 2,
		weights: { alpha: 0, beta: 0, gamma: 0, delta: 1 },
		arrival_rate_rps: 0.5,
		semantics: "published",
		baseline: "none",
	};
}
