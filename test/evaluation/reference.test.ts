import { join } from "node:path";
import { median } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/evidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { admissible } from "../../src/evaluation/admissible.js";
import { coupling } from "../../src/evaluation/coupling.js";
import type { EvidenceCell } from "../../src/evaluation/evidence.js";
import { type Denominator, energyOf, type MetricName, metricOf } from "../../src/evaluation/metrics.js";
import { strataOf } from "../../src/evaluation/strata.js";
import { spearmanValue } from "../../src/statistics/spearmanValue.js";
import { settings } from "./cells.js";

// What earlier readings of the same files found, by other programs: the study must come to the same.
const cellsOf = async (dataset: string) =>
	admissible(await readEvidence(join(packageRoot, "data/raw", dataset)), "with-suspect").cells;

const correlation = (
	cells: readonly EvidenceCell[],
	knob: string,
	metric: MetricName,
	per: Denominator = "request",
) => {
	const found = coupling(cells, knob, metric, per, settings);
	return found.status === "estimated" ? found.correlation : Number.NaN;
};

describe("EdgeTune, all rows, per machine", async () => {
	const cells = await cellsOf("edgetune");
	test.each([
		["server(eiger-1)", -0.06, 0.86, -0.94, -0.57],
		["edge(nuc-1)", -0.15, 0.84, -0.94, -0.57],
	])(
		"%s: allocated cores %f, core-seconds %f, throughput %f, batch latency %f",
		(machine, cores, coreSeconds, throughput, latency) => {
			const own = cells.filter(({ population }) => population === machine);
			expect(own).toHaveLength(63);
			expect(correlation(own, "all", "allocation")).toBeCloseTo(cores, 2);
			expect(correlation(own, "all", "resource_seconds_per_request")).toBeCloseTo(coreSeconds, 2);
			expect(correlation(own, "all", "throughput_rps")).toBeCloseTo(throughput, 2);
			expect(Math.abs(correlation(own, "all", "latency_s") - latency)).toBeLessThan(0.0055);
		},
	);
});

describe("ML.ENERGY, language models", async () => {
	const cells = (await cellsOf("mlenergy")).filter(({ request_unit }) => request_unit === "token");
	const within = (knob: string, metric: MetricName) =>
		strataOf(cells, knob)
			.map(({ members }) => members.map((i) => cells[i] as EvidenceCell))
			.filter((group) => group.length >= 4)
			.map((group) =>
				spearmanValue(
					group.map((cell) => metricOf(cell, metric) as number),
					group.map((cell) => energyOf(cell, "request") as number),
				),
			)
			.filter((value) => value !== undefined);

	test("energy per token against latency: -1 over batches within a model, +0.6 to +0.85 over models, about 0 pooled", () => {
		expect(median(within("batch", "latency_s"))).toBeCloseTo(-1, 2);
		expect(correlation(cells, "variant", "latency_s")).toBeGreaterThan(0.6);
		expect(correlation(cells, "variant", "latency_s")).toBeLessThan(0.85);
		const pooled = spearmanValue(
			cells.map((cell) => metricOf(cell, "latency_s") as number),
			cells.map((cell) => energyOf(cell, "request") as number),
		);
		expect(Math.abs(pooled as number)).toBeLessThan(0.05);
	});

	test("against GPU-seconds per token 0.97 or more in all but one task and device, pooled", () => {
		const tasks = [...new Set(cells.map(({ population }) => population))];
		const found = tasks.map((task) =>
			correlation(
				cells.filter(({ population }) => population === task),
				"all",
				"resource_seconds_per_request",
			),
		);
		expect(found.filter((value) => value >= 0.97)).toHaveLength(tasks.length - 1);
		expect(Math.min(...found)).toBeGreaterThan(0.94);
	});
});

test("the earlier study: per image energy rises with batch; divided by the batch, as it was plotted, it falls", async () => {
	const cells = (await cellsOf("yolov7-cascadelake")).filter(({ population }) => population === "experiment 2");
	const batches = cells.map(({ batch }) => batch);
	const perImage = cells.map((cell) => energyOf(cell, "request") as number);
	expect(spearmanValue(batches, perImage)).toBeCloseTo(0.93, 2);
	// The whole run's energy (5000 images) over the batch size.
	const plotted = perImage.map((energy, i) => (5000 * energy) / (batches[i] as number));
	expect(spearmanValue(batches, plotted)).toBe(-1);
});
