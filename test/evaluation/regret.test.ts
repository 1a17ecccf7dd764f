import { describe, expect, test } from "vitest";
import { regret } from "../../src/evaluation/regret.js";
import { cell } from "./cells.js";

describe("regret", () => {
	const grid = {
		alpha: [0],
		beta: [1],
		gamma: [0],
		sla_quantiles: [1],
		rate_multiples: [1],
		objective_tolerances: [0],
	};

	test("between two configurations of equal cost the indifferent chooser loses half the difference", () => {
		const cells = [
			cell({ energy_j: 4, accuracy_pct: 50, throughput_rps: 1 }),
			cell({ energy_j: 2, accuracy_pct: 50, throughput_rps: 1, batch: 2 }),
		];
		// Chosen: mean of 4 and 2; possible: 2. Left on the table: 1 - 2/3.
		expect(regret(cells, grid, 0)).toMatchObject({ status: "estimated", scenarios: 1, withChoice: 1, max: 1 - 2 / 3 });
	});

	test("replicas count into the cost, so that a slow cheap configuration may lose", () => {
		const cells = [
			cell({ energy_j: 1, accuracy_pct: 50, throughput_rps: 1, allocation: 1 }),
			cell({ energy_j: 2, accuracy_pct: 50, throughput_rps: 10, allocation: 2, batch: 2 }),
		];
		// Rate 5.5/s: six replicas of one core, or one of two cores: the second is chosen though the first saves half.
		expect(regret(cells, grid, 0)).toMatchObject({ max: 0 });
		expect(regret(cells, grid, 2)).toMatchObject({ max: 0.5 });
	});

	test("accuracy counts for a configuration, cores and batch against it", () => {
		const cells = [
			cell({ energy_j: 8, accuracy_pct: 90, batch: 4, throughput_rps: 1 }),
			cell({ energy_j: 2, accuracy_pct: 60, batch: 1, throughput_rps: 1 }),
		];
		const weighed = { ...grid, alpha: [1], beta: [0] };
		// 0.9 - 0.2 against 0.6 - 0.05: the second is 0.15 behind, more than a fifth of the best.
		const light = { ...weighed, gamma: [0.05] };
		expect(regret(cells, light, 0)).toMatchObject({ scenarios: 1, withChoice: 0, max: 0 });
		expect(regret(cells, light, 0.2)).toMatchObject({ withChoice: 0, max: 0 });
		expect(regret(cells, light, 0.22)).toMatchObject({ withChoice: 1, max: 0.75 });
		// 0.9 - 0.8 against 0.6 - 0.2: the second is chosen, and nothing saves more.
		expect(regret(cells, { ...weighed, gamma: [0.2] }, 5)).toMatchObject({ withChoice: 1, max: 0 });
	});

	test("an SLA leaves the slow out, and the curve is of every scenario, rising", () => {
		const cells = [
			cell({ energy_j: 4, accuracy_pct: 50, latency_s: 1 }),
			cell({ energy_j: 3, accuracy_pct: 50, latency_s: 2, batch: 2 }),
			cell({ energy_j: 1, accuracy_pct: 50, latency_s: 3, batch: 4 }),
		];
		// Within 2 s: 1 - 3 / 3.5; within 3 s: 1 - 1 / (8 / 3). One alone, within 1 s, is no choice and no scenario.
		const found = regret(cells, { ...grid, sla_quantiles: [1, 0.5, 0] }, 0);
		expect(found).toMatchObject({ status: "estimated", scenarios: 2, withChoice: 2 });
		if (found.status !== "estimated") return;
		expect(found.shares).toEqual([expect.closeTo(1 / 7, 12), expect.closeTo(5 / 8, 12)]);
		expect(found.max).toBeCloseTo(5 / 8, 12);
	});

	test("a source without accuracies is chosen from within a variant alone", () => {
		const bare = (variant: string, energy_j: number, batch: number) => {
			const { accuracy_pct: _, ...rest } = cell({ variant, energy_j, batch });
			return rest;
		};
		const cells = [bare("a", 4, 1), bare("a", 2, 2), bare("b", 0.1, 1)];
		expect(regret(cells, { ...grid, alpha: [1, 2, 3] }, 0)).toMatchObject({ scenarios: 1, max: 1 - 2 / 3 });
	});

	test("without latency or throughput there is nothing to choose by", () => {
		const { latency_s: _, ...bare } = cell({ energy_j: 1 });
		expect(regret([bare], grid, 0)).toMatchObject({ status: "undefined", reason: "no-latency-or-throughput" });
	});
});
