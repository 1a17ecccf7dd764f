import { describe, expect, test } from "vitest";
import { planCells } from "../../src/measurement/planCells.js";
import type { JournalRecord } from "../../src/measurement/records.js";
import { relativeHalfWidth, withinThreeSigma } from "../../src/measurement/repetitions.js";
import { settled, unsettledCell, warmUp } from "../../src/measurement/window.js";
import { tinyPlan } from "./plans.js";

describe("the interval of repetitions", () => {
	// Hand-worked: 9.8, 10, 10.2, 9.9, 10.1: mean 10, s = sqrt(0.1 / 4) = 0.158114, t(0.975, 4) = 2.776445 (tables);
	// t s / sqrt(5) = 0.196324, hence 0.0196324 of the mean.
	test("is Student's", () => expect(relativeHalfWidth([9.8, 10, 10.2, 9.9, 10.1])).toBeCloseTo(0.0196324, 6));
	// Hand-worked: 1, 3: mean 2, s = sqrt(2), t(0.975, 1) = 12.706205; 12.706205 sqrt(2) / sqrt(2) / 2 = 6.353102.
	test("is wide for two", () => expect(relativeHalfWidth([1, 3])).toBeCloseTo(6.353102, 5));
	test("is not there for one", () => expect(relativeHalfWidth([1])).toBe(Number.POSITIVE_INFINITY));
});

describe("dropping beyond three sigma", () => {
	// n - 1 equal values and one other: |z| is (n - 1) / sqrt(n), 3.015 for 11 and 2.846 for 10.
	test("drops one of eleven", () => {
		const { kept, dropped } = withinThreeSigma([...Array(10).fill(1), 2]);
		expect([kept.length, dropped]).toEqual([10, [10]]);
	});
	test("cannot drop one of ten", () => expect(withinThreeSigma([...Array(9).fill(1), 1e9]).dropped).toEqual([]));
	test("drops nothing where nothing varies", () => expect(withinThreeSigma(Array(20).fill(3)).dropped).toEqual([]));
});

describe("the warm-up", () => {
	const rule = { runs: 5, variation: 0.05, at_most_s: 100 };
	test("looks at the last runs alone", () => {
		expect(settled([9, 1, 1, 1, 1, 1], rule)).toBe(true);
		expect(settled([1, 1, 1, 1], rule)).toBe(false);
		expect(settled([1, 1, 1, 1, 1.2], rule)).toBe(false);
	});
	test("ends when settled, or before the batch that would pass the cap", async () => {
		const durations = [5, 1, 1, 1, 1, 1, 1];
		expect(await warmUp(rule, async () => durations.shift() as number)).toEqual({ batches: 6, stable: true });
		expect(await warmUp({ ...rule, at_most_s: 3 }, async () => 2)).toEqual({ batches: 1, stable: false });
	});
});

describe("a cell is settled", () => {
	const plan = tinyPlan({ repetitions: { min: 2, max: 9, target_relative_interval: 0.02 } });
	const [cell] = planCells(plan);
	const id = cell?.id ?? "";
	const records = (latencies: readonly number[], energies: readonly number[] = []): JournalRecord[] =>
		latencies.map((latency_mean_s, repetition) => ({
			type: "repetition",
			cell: id,
			repetition,
			block: 0,
			session: 0,
			warm_up: { batches: 1, stable: true },
			window: {
				started_at: "",
				elapsed_s: 1,
				batches: 2,
				latency_mean_s,
				latency_p50_s: 1,
				latency_p99_s: 1,
				latency_max_s: 1,
				cpu_s: { status: "available", value: 1 },
				readings: energies.slice(repetition, repetition + 1).map((energy_j) => ({
					status: "reading" as const,
					probe: "p",
					energy_j,
					duration_s: 1,
					covers: ["package"],
					kind: "measured" as const,
				})),
			},
		}));
	const steady = [9.8, 10, 10.2, 9.9, 10.1];

	test("when the interval of its latency, 1.96 %, is within 2 %", () => {
		expect(unsettledCell(plan, records(steady), id, 5)).toBe(false);
		expect(unsettledCell(plan, records(steady), id, 4)).toBe(true);
		expect(unsettledCell(plan, records([...steady.slice(1), 11]), id, 5)).toBe(true);
	});
	test("and that of its energy as well", () => {
		expect(unsettledCell(plan, records(steady, steady), id, 5)).toBe(false);
		expect(unsettledCell(plan, records(steady, [1, 2, 3, 4, 5]), id, 5)).toBe(true);
	});
});
