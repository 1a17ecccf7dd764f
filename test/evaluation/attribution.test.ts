import { expect, test } from "vitest";
import { attribution } from "../../src/evaluation/attribution.js";
import { partialResiduals } from "../../src/evaluation/partialResiduals.js";
import { cell } from "./cells.js";

// Energy = latency^2 x allocation^0.5, throughput and accuracy unrelated: a law whose elasticities are known.
const cells = Array.from({ length: 40 }, (_, i) => {
	const latency_s = 1 + (i % 5);
	const allocation = 2 ** (i % 4);
	return cell({
		latency_s,
		allocation,
		throughput_rps: 1 + ((i * 7) % 11),
		batch: 1 + Math.floor(i / 20),
		energy_j: latency_s ** 2 * Math.sqrt(allocation),
	});
});

test("the slope of the partial residuals is the law's elasticity", () => {
	const byLatency = partialResiduals(cells, "latency_s");
	const byAllocation = partialResiduals(cells, "allocation");
	expect(byLatency.status === "ok" ? byLatency.slope : 0).toBeCloseTo(2, 9);
	expect(byAllocation.status === "ok" ? byAllocation.slope : 0).toBeCloseTo(0.5, 9);
	expect(partialResiduals(cells, "accuracy_pct")).toMatchObject({ status: "undefined" });
});

test("the Shapley split sums to R2 = 1 of an exact law, and partial ranks single out the metrics of the law", () => {
	const { shapley, metrics } = attribution(cells);
	if (shapley.status !== "ok") throw new Error(shapley.detail);
	expect(shapley.r2).toBeCloseTo(1, 9);
	expect(shapley.groups.reduce((sum, { r2 }) => sum + r2, 0)).toBeCloseTo(shapley.r2, 9);
	const partial = (name: string) => {
		const found = metrics.find(({ metric }) => metric === name)?.partial;
		return found?.status === "ok" ? Math.abs(found.value) : 0;
	};
	expect(partial("latency_s")).toBeGreaterThan(0.9);
	expect(partial("throughput_rps")).toBeLessThan(0.3);
});
