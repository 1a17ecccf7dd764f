import { describe, expect, test } from "vitest";
import { admissible } from "../../src/evaluation/admissible.js";
import { coupling } from "../../src/evaluation/coupling.js";
import { discordance } from "../../src/evaluation/discordance.js";
import { evaluate, valuesOf } from "../../src/evaluation/evaluate.js";
import type { EvidenceCell } from "../../src/evaluation/evidence.js";
import { explained } from "../../src/evaluation/explained.js";
import { fronts } from "../../src/evaluation/fronts.js";
import { lookalikes } from "../../src/evaluation/lookalikes.js";
import { knobsOf, strataOf } from "../../src/evaluation/strata.js";
import { verdictMatrix } from "../../src/evaluation/summary.js";
import { seeded } from "../../src/random.js";
import { cell, evidence, settings } from "./cells.js";

/** Eight variants x four allocations x four batches with a chosen law of energy. */
function factorial(
	energy: (at: { size: number; cores: number; batch: number; noise: number }) => number,
): EvidenceCell[] {
	const random = seeded(7);
	const cells: EvidenceCell[] = [];
	for (let size = 1; size <= 8; size++)
		for (const cores of [1, 2, 4, 8])
			for (const batch of [1, 2, 4, 8]) {
				const latency_s = (size * batch ** 0.9) / cores ** 0.7;
				cells.push(
					cell({
						variant: `v${size}`,
						allocation: cores,
						batch,
						latency_s,
						throughput_rps: batch / latency_s,
						accuracy_pct: 60 + 4 * size,
						energy_j: energy({ size, cores, batch, noise: random() }),
					}),
				);
			}
	return cells;
}

describe("the conclusion on evidence whose answer is known", () => {
	test("energy proportional to core-seconds is coupled with them", () => {
		const cells = factorial(({ size, cores, batch }) => 20 * size * batch ** -0.1 * cores ** 0.3);
		const { conclusion } = evaluate([evidence(cells)], settings);
		expect(conclusion.verdict).toBe("coupled");
		expect(conclusion.metrics.find(({ metric }) => metric === "resource_seconds_per_request")?.verdict).toBe("coupled");
		expect(conclusion.metrics.find(({ metric }) => metric === "allocation")?.verdict).toBe("adds-information");
	});

	test("energy that no metric knows adds information", () => {
		const cells = factorial(({ noise }) => 1 + 9 * noise);
		const { conclusion } = evaluate([evidence(cells)], settings);
		expect(conclusion.verdict).toBe("adds-information");
		expect(conclusion.joint.verdict).toBe("adds-information");
		expect(conclusion.regret.material).toBe(true);
	});

	test("the same energies, modelled, are no evidence at all", () => {
		const cells = factorial(({ noise }) => 1 + 9 * noise).map((one) =>
			one.energy.status === "available" ? { ...one, energy: { ...one.energy, kind: "modelled" as const } } : one,
		);
		const { conclusion, studies } = evaluate([evidence(cells)], settings);
		expect(studies).toEqual([]);
		expect(conclusion.verdict).toBe("undetermined");
	});

	test("a barred dataset is shown and decides nothing", () => {
		const cells = factorial(({ noise }) => 1 + 9 * noise);
		const { conclusion, studies } = evaluate([evidence(cells, { barred: "constant power" })], settings);
		expect(studies.length).toBeGreaterThan(0);
		expect(conclusion.verdict).toBe("undetermined");
		const shown = verdictMatrix(studies, valuesOf(settings.thresholds)).flatMap(({ verdicts }) => verdicts);
		expect(shown.length).toBeGreaterThan(5);
		for (const { verdict, because } of shown)
			expect({ verdict, because }).toEqual({ verdict: "undetermined", because: "barred: constant power" });
	});

	test("a metric that energy rises with here and falls with there stands in for it in neither", () => {
		const law = (power: number) =>
			factorial(({ size, cores, batch }) => ((size * batch ** 0.9) / cores ** 0.7) ** power);
		const rising = evidence(law(1), { dataset: "rising" });
		const falling = evidence(law(-1), { dataset: "falling" });
		const latency = ({ conclusion }: ReturnType<typeof evaluate>) =>
			conclusion.metrics.find(({ metric }) => metric === "latency_s");
		for (const [one, direction] of [
			[rising, 1],
			[falling, -1],
		] as const) {
			const alone = latency(evaluate([one], settings));
			expect(alone?.verdict).toBe("coupled");
			for (const claim of alone?.claims ?? []) expect(claim.direction).toBe(direction);
		}
		expect(latency(evaluate([rising, falling], settings))).toMatchObject({
			verdict: "adds-information",
			because: expect.stringMatching(/^rises here and falls there/),
		});
	});

	test("too few variants decide nothing, and the sensitivity table shows it", () => {
		const cells = factorial(({ noise }) => 1 + 9 * noise);
		const { sensitivity } = evaluate([evidence(cells)], settings);
		const byClusters = sensitivity.filter(({ threshold }) => threshold === "minimum_clusters");
		expect(byClusters.map(({ value, verdict }) => [value, verdict])).toEqual([
			[5, "adds-information"],
			[50, "undetermined"],
		]);
	});

	test("the same seed gives the same numbers", () => {
		const cells = factorial(({ noise }) => 1 + 9 * noise);
		expect(evaluate([evidence(cells)], settings)).toEqual(evaluate([evidence(cells)], settings));
	});
});

describe("admissible", () => {
	const flags = [
		{ name: "broken", meaning: "", severity: "fault" as const },
		{ name: "late", meaning: "", severity: "suspect" as const },
	];
	const cells = [
		cell({ energy_j: 1 }),
		cell({ energy_j: 1, flags: ["broken"] }),
		cell({ energy_j: 1, flags: ["late"] }),
		cell({ energy_j: 1, flags: ["undeclared"] }),
		cell({ energy_j: 1, energyKind: "modelled" }),
		{ ...cell({ energy_j: 1 }), energy: { status: "unavailable" as const, reason: "no counter" } },
	];

	test("keeps suspect cells only on request, faulty, undeclared, modelled and missing ones never", () => {
		const clean = admissible(evidence(cells, { flags }), "clean");
		const all = admissible(evidence(cells, { flags }), "with-suspect");
		expect(clean.cells.map(({ line }) => line)).toEqual([2]);
		expect(all.cells.map(({ line }) => line)).toEqual([2, 4]);
		expect(clean.leftOut).toEqual({
			"flag broken": 1,
			"flag late": 1,
			"flag undeclared": 1,
			"energy modelled": 1,
			"energy unavailable: no counter": 1,
		});
	});
});

describe("strata", () => {
	const cells = factorial(({ size }) => size);
	test("one knob varies within a stratum and everything else is fixed", () => {
		expect(knobsOf(cells)).toEqual(["all", "batch", "variant", "allocation"]);
		expect(strataOf(cells, "batch")).toHaveLength(32);
		expect(strataOf(cells, "variant")).toHaveLength(16);
		expect(strataOf(cells, "all")).toHaveLength(1);
	});
	test("populations are never mixed", () => {
		const two = cells.map((one, i) => ({ ...one, population: i % 2 === 0 ? "a" : "b" }));
		expect(strataOf(two, "all")).toHaveLength(2);
	});
});

describe("coupling", () => {
	test("Simpson's paradox: +1 within each variant, negative pooled", () => {
		// Hand-made: within a variant energy rises with latency; the slower variant uses less energy throughout.
		const cells = [1, 2, 3].flatMap((batch) => [
			cell({ variant: "slow", batch, latency_s: 10 + batch, energy_j: batch }),
			cell({ variant: "fast", batch, latency_s: batch, energy_j: 10 + batch }),
		]);
		const within = coupling(cells, "batch", "latency_s", "request", settings);
		const pooled = coupling(cells, "all", "latency_s", "request", settings);
		expect(within).toMatchObject({ status: "estimated", correlation: 1, strata: 2, clusters: 2 });
		// Ranks of energy 1 2 3 4 5 6 against latency 4 5 6 1 2 3: rho = 1 - 6 x 54 / 210 = -19/35.
		expect(pooled.status === "estimated" ? pooled.correlation : undefined).toBeCloseTo(-19 / 35, 12);
	});

	test("a metric that stands still, or is absent, is named as such", () => {
		const cells = [1, 2, 3].map((batch) => cell({ batch, energy_j: batch }));
		expect(coupling(cells, "batch", "allocation", "request", settings)).toMatchObject({ reason: "metric-constant" });
		expect(coupling(cells, "batch", "accuracy_pct", "request", settings)).toMatchObject({ reason: "metric-absent" });
		expect(coupling(cells.slice(0, 2), "batch", "allocation", "request", settings)).toMatchObject({
			reason: "too-few-levels",
		});
	});
});

test("discordance counts by hand, ties apart", () => {
	// Energies 1 2 3 3; metric 1 3 2 2: pairs told apart by both: (1,2) (1,3) (1,4) (2,3) (2,4); the last two are against.
	const found = discordance([{ members: [0, 1, 2, 3] }], [1, 3, 2, 2], [1, 2, 3, 3], "latency_s");
	expect(found).toEqual({ untied: 5, discordant: 2, metricTied: 0, share: 0.4 });
});

test("discordance expects more energy of more latency and less of more throughput", () => {
	// Pairs: (1,2) the metric does not tell apart; (1,3) and (2,3) rise in energy and fall in the metric.
	const against = (metric: "latency_s" | "throughput_rps") =>
		discordance([{ members: [0, 1, 2] }], [5, 5, 4], [1, 2, 3], metric);
	expect(against("latency_s")).toEqual({ untied: 2, discordant: 2, metricTied: 1, share: 1 });
	expect(against("throughput_rps")).toEqual({ untied: 2, discordant: 0, metricTied: 1, share: 0 });
	expect(discordance([{ members: [0, 1] }], [5, 5], [1, 2], "latency_s")).toEqual({
		untied: 0,
		discordant: 0,
		metricTied: 1,
	});
});

test("explained: an exact power law is explained fully in unseen variants, noise is not", () => {
	const law = factorial(({ size, cores }) => size ** 1.5 * cores ** 0.3);
	const noise = factorial(({ noise }) => 1 + noise);
	const names = ["latency_s", "throughput_rps", "allocation"] as const;
	const exact = explained(law, "all", names, "request", settings);
	const none = explained(noise, "all", names, "request", settings);
	expect(exact.status === "estimated" ? exact.r2 : 0).toBeGreaterThan(0.95);
	expect(none.status === "estimated" ? none.r2 : 1).toBeLessThan(0.1);
});

test("lookalikes: pairs within the tolerance on every metric, and the ratio of their energies", () => {
	const cells = [
		cell({ energy_j: 1, latency_s: 1, throughput_rps: 1 }),
		cell({ energy_j: 3, latency_s: 1.005, throughput_rps: 1 }),
		cell({ energy_j: 9, latency_s: 2, throughput_rps: 1 }),
	];
	expect(lookalikes(cells, 0.01)).toMatchObject({ pairs: 1, ratio: { median: 3, max: 3 } });
	expect(lookalikes(cells, 0.001)).toMatchObject({ pairs: 0 });
});

test("fronts: a dominated cell enters when it alone saves energy", () => {
	const cells = [
		cell({ energy_j: 5, latency_s: 1, allocation: 1 }),
		cell({ energy_j: 1, latency_s: 2, allocation: 2 }),
		cell({ energy_j: 9, latency_s: 3, allocation: 3 }),
	];
	const found = fronts(cells, "allocation");
	expect(found.without.map(({ latency_s }) => latency_s)).toEqual([1]);
	expect(found.withEnergy.map(({ latency_s }) => latency_s)).toEqual([1, 2]);
	expect(found.entered).toBe(1);
});

test("fronts: more accuracy is better, and a metric that a cell lacks is no axis", () => {
	const cells = [
		cell({ energy_j: 1, latency_s: 2, accuracy_pct: 90 }),
		cell({ energy_j: 1, latency_s: 1, accuracy_pct: 80 }),
		cell({ energy_j: 1, latency_s: 3, accuracy_pct: 85 }),
	];
	const latencies = (own: readonly EvidenceCell[]) =>
		fronts(own, "allocation").without.map(({ latency_s }) => latency_s);
	expect(latencies(cells)).toEqual([2, 1]);
	const [first, ...others] = cells as [EvidenceCell, ...EvidenceCell[]];
	const { accuracy_pct: _, ...bare } = first;
	expect(latencies([bare, ...others])).toEqual([1]);
});
