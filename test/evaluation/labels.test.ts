import { beforeAll, describe, expect, test } from "vitest";
import { instruments, readEvaluationSettings } from "../../src/datasets/dataFiles.js";
import { packageRoot } from "../../src/datasets/root.js";
import { evaluate, type LabelRow, labelRows, sensitivityOf } from "../../src/evaluation/evaluate.js";
import type { EvidenceCell } from "../../src/evaluation/evidence.js";
import type { EvaluationSettings } from "../../src/evaluation/settings.js";
import { cell, evidence } from "./cells.js";
import { runInstruments } from "./madeUpGrids.js";

let settings: EvaluationSettings;
beforeAll(async () => {
	settings = await readEvaluationSettings(`${packageRoot}/data/evaluation.yaml`);
});

/** Variants x cores x batches on machines, at a power that is given: throughput rises with cores and batch. */
function grid(
	power: (at: { variant: number; cores: number; batch: number; machine: number }) => number,
	given: { variants?: number; machines?: number; more?: Partial<EvidenceCell> } = {},
) {
	const { variants = 8, machines = 1, more = {} } = given;
	const cells = Array.from({ length: machines }, (_, machine) =>
		Array.from({ length: variants }, (__, variant) =>
			[1, 2, 4].flatMap((cores) =>
				[1, 4, 16].map((batch) => {
					const latency_s = ((0.1 * (variant + 1) * batch ** 0.9) / cores ** 0.5) * (1 + machine);
					const throughput_rps = batch / latency_s;
					const energy_j = power({ variant, cores, batch, machine }) / throughput_rps;
					const where = { hardware: `m${machine}`, population: `m${machine}` };
					return cell({
						...where,
						variant: `v${variant}`,
						allocation: cores,
						batch,
						latency_s,
						throughput_rps,
						energy_j,
						...more,
					});
				}),
			),
		),
	);
	return evidence(cells.flat(2));
}

function rows(set: ReturnType<typeof grid>): LabelRow[] {
	return labelRows(evaluate([set], settings)).filter(
		({ band, accounting }) => band === "limit" && accounting === "dedicated",
	);
}

function label(found: readonly LabelRow[], knob: string, metric: string) {
	const row = found.find((one) => one.knob === knob && one.metric === metric);
	return [row?.label, row?.by ?? row?.reason, row?.reversed];
}

describe("labels on tables of which the answer is known", () => {
	test("constant power: throughput stands in everywhere; over cores the core-seconds run against it", () => {
		const found = rows(grid(() => 50));
		for (const knob of ["variant", "batch", "allocation"])
			expect(label(found, knob, "throughput")).toEqual(["stands-in", undefined, false]);
		expect(label(found, "allocation", "core_seconds")).toEqual(["stands-in", undefined, true]);
		expect(label(found, "batch", "accuracy")).toEqual(["undetermined", "unknown", false]);
	});

	test("power that no metric follows but a formula of cores, batch and runtime does: derivable by the formula", () => {
		const factor = { slow: 4, fast: 1 };
		const cells = (["slow", "fast"] as const).flatMap((runtime) =>
			grid(() => 50, { variants: 24 }).cells.map((one) => {
				// The slow runtime has a tenth less throughput or a tenth more, by variant: no metric tells which costs more.
				const tenth = Number(one.variant.slice(1)) % 2 === 0 ? 1.1 : 0.9;
				const throughput_rps = (one.throughput_rps as number) * (runtime === "slow" ? 1 : tenth);
				return cell({
					...one,
					throughput_rps,
					latency_s: one.batch / throughput_rps,
					knobs: { runtime },
					energy_j: (50 * factor[runtime]) / throughput_rps,
				});
			}),
		);
		expect(label(rows(evidence(cells)), "runtime", "throughput")).toEqual(["derivable", "formula", false]);
	});

	test("power that hangs on variant and batch at random: independent over the batch", () => {
		const random = (n: number) => Math.abs(Math.sin(n * 12.9898) * 43758.5453) % 1;
		const found = rows(
			grid(({ variant, cores, batch }) => Math.exp(8 * random(1 + variant * 97 + cores * 13 + batch * 7)), {
				variants: 24,
			}),
		);
		expect(label(found, "batch", "throughput")[0]).toBe("independent");
	});

	test("noise that explains every difference is no counterexample: undetermined", () => {
		const found = rows(grid(({ batch, cores }) => (1 + 0.01 * batch) * batch ** 0.1 * cores ** 0.5));
		expect(label(found, "allocation", "throughput")).toEqual(["undetermined", "noise", false]);
	});

	test("a machine that shows the contrary by itself: machines disagree, and it is named", () => {
		const set = grid(({ cores, machine }) => cores ** (machine === 0 ? 6 : 0.25), { machines: 2 });
		const row = rows(set).find(({ knob, metric }) => knob === "allocation" && metric === "core_seconds");
		expect(row).toMatchObject({ label: "undetermined", reason: "machines-disagree", ends: [{ contrary: ["d: m1"] }] });
	});

	test("cells that a controller visited are pooled into no class", () => {
		const { groups } = evaluate([grid(() => 50), grid(() => 50, { more: { trajectory: true } })], settings);
		expect(groups.map(({ trajectory, grid: { cells } }) => [trajectory, cells.length])).toEqual([
			[undefined, 72],
			["d", 72],
		]);
	});

	test("a threshold that is moved changes labels, and the table says which", () => {
		const strict = { ...settings.thresholds.minimum_variants, moved: [10] };
		const study = evaluate([grid(() => 50)], {
			...settings,
			thresholds: { ...settings.thresholds, minimum_variants: strict },
		});
		const moved = sensitivityOf(study).find(({ threshold }) => threshold === "minimum_variants");
		const standing = study.groups.flatMap(({ labels }) => labels).filter(({ label }) => label === "stands-in");
		expect(standing.length).toBeGreaterThan(0);
		expect(moved?.changed.length).toBe(standing.length);
		expect(new Set(moved?.changed.map(({ from, to }) => `${from} ${to}`))).toEqual(new Set(["stands-in undetermined"]));
	});

	test("instruments on a made-up grid: coupled is never independent, independent never stands in, mixed neither", () => {
		const study = evaluate([grid(() => 50, { variants: 20 })], settings);
		const found = runInstruments(study, { draws: 4, noises: [{ noise: 0.05, told: 0.05 }], seed: 1 });
		expect(found.map(({ instrument }) => instrument)).toEqual([...instruments]);
		for (const { instrument, labels, scored, right } of found) {
			if (["throughput", "core_seconds", "latency"].includes(instrument)) {
				expect(labels.independent).toBe(0);
				expect(right / scored).toBeGreaterThanOrEqual(0.85);
			}
			if (instrument === "independent" || instrument === "mixed") expect(labels["stands-in"]).toBe(0);
		}
	});
});
