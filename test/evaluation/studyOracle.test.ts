import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DeviceClass } from "../../src/evaluation/evidence.js";
import { configurationsAt, medianThroughput, metrics, type StudyConfiguration } from "../../src/evaluation/grid.js";
import { addMisranked, emptyTally, gapsOf } from "../../src/evaluation/misranked.js";
import { type Pairs, pairsOf, type StudyCell } from "../../src/evaluation/population.js";
import { spearman } from "../statistics/support.js";

type Shares = Record<string, Record<string, number | null>>;

interface OraclePopulation {
	device: DeviceClass;
	median_throughput: number;
	least_power_w: number;
	queueing: boolean;
	columns: string[];
	cells: (string | number | null)[][];
	pairs: Record<string, number>;
	results: {
		rate_multiple: number | "limit";
		idle: "zero" | "least";
		spearman_energy_cost: number | null;
		energy_j_sum: number;
		cost_sum: number;
		misranked: Shares;
		misranked_noise5: Shares;
	}[];
}

// Another file of the same form, computed by whoever checks, in place of the shipped one.
const file = process.env.STUDY_ORACLE ?? new URL("../fixtures/study-oracle.json", import.meta.url);
const oracle = JSON.parse(readFileSync(file, "utf8")) as Record<string, OraclePopulation>;

const columnsOf: Readonly<Record<string, readonly string[]>> = {
	variant: ["variant"],
	batch: ["batch"],
	allocation: ["allocation"],
	runtime: ["backend", "framework", "runtime", "engine"],
	power: ["power_mode", "power_limit", "clock"],
	precision: ["precision", "quantisation"],
	resolution: ["resolution"],
};

describe.each(Object.entries(oracle))("%s", (_, population) => {
	const cells = cellsOf(population);
	const sets = Object.fromEntries(Object.keys(population.pairs).map((name) => [name, pairsIn(cells, name)]));

	test("median throughput and number of pairs", () => {
		agree(medianThroughput(cells), population.median_throughput);
		expect(Object.fromEntries(Object.entries(sets).map(([name, { first }]) => [name, first.length]))).toEqual(
			population.pairs,
		);
	});

	test("configurations and misranked shares at every rate", () => {
		for (const expected of population.results) check(expected);
	});

	function check(expected: OraclePopulation["results"][number]): void {
		const { rate_multiple, idle } = expected;
		const rate = rate_multiple === "limit" ? rate_multiple : rate_multiple * population.median_throughput;
		const idle_w = (cell: StudyCell) =>
			idle === "zero" ? 0 : population.least_power_w * (population.device === "gpu" ? cell.allocation : 1);
		const configurations = configurationsAt(cells, rate, "dedicated", idle_w, 0.02);
		const energy = configurations.map(({ energy_j }) => energy_j);
		const cost = configurations.map((configuration) => configuration.cost);
		agree(energy.reduce(add, 0), expected.energy_j_sum);
		agree(cost.reduce(add, 0), expected.cost_sum);
		agree(spearman(energy, cost) ?? null, expected.spearman_energy_cost);
		for (const [name, pairs] of Object.entries(sets)) {
			agreeAll(sharesOf(pairs, cells, configurations, 0), expected.misranked[name]);
			agreeAll(sharesOf(pairs, cells, configurations, 1.96), expected.misranked_noise5[name]);
		}
	}
});

function cellsOf({ columns, cells, queueing }: OraclePopulation): StudyCell[] {
	return cells.map((row) => {
		const at = Object.fromEntries(columns.map((column, i) => [column, row[i]]));
		const { variant, allocation, batch, latency_s, throughput, energy_j, accuracy_pct, ...knobs } = at;
		return {
			variant: String(variant),
			network: String(variant),
			allocation: allocation as number,
			batch: batch as number,
			throughput_rps: throughput as number,
			energy_j_per_request: energy_j as number,
			knobs: Object.fromEntries(Object.entries(knobs).map(([name, value]) => [name, value ?? ""])),
			...(latency_s == null ? {} : { latency_s: latency_s as number }),
			...(accuracy_pct == null ? {} : { accuracy_pct: accuracy_pct as number }),
			continuous_batching: !queueing,
		};
	});
}

function pairsIn(cells: readonly StudyCell[], name: string): Pairs {
	if (name === "all") {
		const all = cells.flatMap((_, i) => cells.slice(i + 1).map((__, k) => [i, i + 1 + k] as const));
		return {
			first: Int32Array.from(all, ([i]) => i),
			second: Int32Array.from(all, ([, j]) => j),
			weight: new Float64Array(all.length).fill(1),
		};
	}
	const present = new Set(cells.flatMap(({ knobs }) => Object.keys(knobs)));
	const columns = (columnsOf[name] as readonly string[])
		.filter((column) => ["variant", "batch", "allocation"].includes(column) || present.has(column))
		.map((column) => ({
			name: column,
			free: column === "allocation" ? ["parallelism"] : column === "power_mode" ? ["allocation"] : [],
		}));
	return pairsOf(cells, { name, columns }, 1000);
}

function sharesOf(
	pairs: Pairs,
	cells: readonly StudyCell[],
	configurations: readonly StudyConfiguration[],
	z: number,
): Record<string, number | null> {
	const charged = {
		log_energy: Float64Array.from(configurations, ({ energy_j }) => Math.log(energy_j)),
		relative_error: Float64Array.from(
			configurations,
			({ energy_j }, i) => (0.05 * (cells[i]?.energy_j_per_request as number)) / energy_j,
		),
	};
	const gaps = gapsOf(pairs, charged, z);
	return Object.fromEntries(
		metrics.map(({ name, direction, of }) => {
			const values = Float64Array.from(
				cells,
				(cell, i) => direction * of(cell, configurations[i] as StudyConfiguration),
			);
			const whole = { unitOf: new Int32Array(cells.length), unitMachine: [0], machines: ["all"] };
			const tally = emptyTally(whole);
			const accuracy = name === "accuracy";
			const tie = { relative_tie: accuracy ? 0 : 1e-9, absolute_tie: accuracy ? 0.25 : 0 };
			addMisranked(tally, whole, pairs, gaps, [{ values, ...tie }]);
			const [wrong, stake] = [tally.machineWrong[0] as number, tally.machineStake[0] as number];
			return [name, stake > 0 ? wrong / stake : null];
		}),
	);
}

function add(a: number, b: number): number {
	return a + b;
}

function agreeAll(found: Record<string, number | null>, expected: Record<string, number | null> | undefined): void {
	for (const [metric, value] of Object.entries(expected ?? {})) agree(found[metric] as number | null, value);
}

function agree(found: number | null, expected: number | null): void {
	if (expected === null || found === null) expect(found).toBe(expected);
	else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
}
