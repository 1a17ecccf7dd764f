import fc from "fast-check";
import highsModule from "highs";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { groupBy } from "../../src/group.js";
import type { Configuration } from "../../src/pipeline/configuration.js";
import { stageItems } from "../../src/pipeline/objective.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { type Bounds, optimize } from "../../src/search/optimum.js";
import { verify } from "../../src/search/verify.js";
import { everyConfiguration } from "../pipeline/every.js";
import { oracle, specOf } from "../pipeline/oracle.js";
import { pipelines } from "./pipelines.js";

const runs = Number(process.env.SEARCH_RUNS ?? 300);

const within = (own: Configuration, bounds: Bounds) =>
	own.cost_cores <= (bounds.max_cost_cores ?? Number.POSITIVE_INFINITY) &&
	own.accuracy >= (bounds.min_accuracy ?? Number.NEGATIVE_INFINITY) - 1e-12 &&
	own.latency_s <= (bounds.max_latency_s ?? Number.POSITIVE_INFINITY) &&
	(bounds.max_energy_j_per_request === undefined ||
		(own.energy.status === "available" && own.energy.energy_j_per_request <= bounds.max_energy_j_per_request));

function bruteForce(spec: PipelineSpec, bounds: Bounds = {}): Configuration[] {
	return [...everyConfiguration(pipelineOptions(spec))]
		.filter((own) => own.feasible && within(own, bounds))
		.sort((a, b) => b.objective - a.objective);
}

const key = ({ stages }: Configuration) =>
	JSON.stringify(stages.map(({ variant, cores, batch, replicas }) => [variant, cores, batch, replicas]));

function expectBest(spec: PipelineSpec, bounds: Bounds = {}) {
	const all = bruteForce(spec, bounds);
	const found = optimize(spec, { bounds, k: 3, ties: true });
	const [best] = all;
	if (best === undefined) {
		expect(found.status).toBe("infeasible");
		return;
	}
	if (found.status !== "optimal") throw new Error(`infeasible: ${found.detail}, but ${JSON.stringify(best)}`);
	const tolerance = 1e-9 * Math.max(1, Math.abs(best.objective));
	expect(verify(pipelineOptions(spec), found.configuration, bounds)).toEqual([]);
	expect(Math.abs(found.configuration.objective - best.objective)).toBeLessThanOrEqual(tolerance);
	found.best?.forEach((own, i) => {
		expect(Math.abs(own.objective - (all[i] as Configuration).objective)).toBeLessThanOrEqual(tolerance);
	});
	const ties = all.filter(({ objective }) => objective >= best.objective - tolerance);
	if (found.tiesCut === false) expect(new Set(found.ties?.map(key))).toEqual(new Set(ties.map(key)));
}

test("IPA's own optimum in every case of the oracle", () => {
	for (const entry of oracle) {
		if (entry.expected.error !== undefined) continue;
		const found = optimize(specOf(entry));
		if (entry.expected.n_feasible === 0) expect(found.status).toBe("infeasible");
		else if (found.status === "optimal")
			expect(found.configuration.objective).toBeCloseTo(entry.expected.optimum as number, 9);
		else throw new Error(`case ${entry.case.id}: ${found.detail}`);
	}
});

describe("against brute force", () => {
	test("sum, average and product, both semantics", () => {
		fc.assert(
			fc.property(pipelines({ stages: 3, variants: 3, batches: [1, 4], cap: 3 }), (spec) => expectBest(spec)),
			{
				numRuns: runs,
			},
		);
	});

	test("with energy in the objective and bounds on everything", () => {
		const bounds = fc.record(
			{
				max_cost_cores: fc.integer({ min: 2, max: 20 }),
				min_accuracy: fc.double({ min: 0, max: 1.5, noNaN: true }),
				max_latency_s: fc.double({ min: 0.1, max: 3, noNaN: true }),
				max_energy_j_per_request: fc.double({ min: 1, max: 60, noNaN: true }),
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(pipelines({ stages: 2, variants: 3, batches: [1, 4], cap: 4, energy: true }), bounds, (spec, given) =>
				expectBest(spec, given),
			),
			{ numRuns: runs },
		);
	});
});

test("against HiGHS on additive pipelines too large to enumerate", async () => {
	// The package is CommonJS whose types declare a default export.
	const highs = await (highsModule as unknown as typeof highsModule.default)();
	fc.assert(
		fc.property(pipelines({ stages: 5, variants: 5, batches: [1, 2, 4, 8], cap: 50, energy: true }), (drawn) => {
			const spec: PipelineSpec = {
				...drawn,
				// HiGHS has no strict inequality.
				semantics: "published",
				accuracy_method: drawn.accuracy_method === "product" ? "sum" : drawn.accuracy_method,
			};
			const pipeline = pipelineOptions(spec);
			const items = pipeline.stages.map((stage) => stageItems(pipeline, stage));
			const found = optimize(spec);
			if (items.some((own) => own.length === 0)) {
				expect(found).toMatchObject({ status: "infeasible", bound: "replicas" });
				return;
			}
			const scale = spec.accuracy_method === "average" ? 1 / items.length : 1;
			const names = items.map((own, s) => own.map((_, i) => `x${s}_${i}`));
			const sum = (read: (s: number, i: number) => number) =>
				names
					.flatMap((own, s) =>
						own.map((name, i) => `${read(s, i) < 0 ? "-" : "+"} ${Math.abs(read(s, i)).toPrecision(17)} ${name}`),
					)
					.join(" ");
			const item = (s: number, i: number) => items[s]?.[i] as (typeof items)[number][number];
			const solved = highs.solve(
				[
					"Maximize",
					` obj: ${sum((s, i) => spec.weights.alpha * scale * item(s, i).accuracy - item(s, i).penalty)}`,
					"Subject To",
					` sla: ${sum((s, i) => item(s, i).latency_s)} <= ${pipeline.sla_s.toPrecision(17)}`,
					...names.map((own, s) => ` one${s}: ${own.join(" + ")} = 1`),
					"Binary",
					` ${names.flat().join(" ")}`,
					"End",
				].join("\n"),
				{ mip_rel_gap: 1e-9, mip_abs_gap: 1e-9 },
			);
			if (solved.Status === "Infeasible") expect(found.status).toBe("infeasible");
			else {
				expect(solved.Status).toBe("Optimal");
				if (found.status !== "optimal") throw new Error(found.detail);
				expect(verify(pipeline, found.configuration, {})).toEqual([]);
				// HiGHS is feasible and optimal within its own tolerances (1e-6), ours exactly.
				const slack = 1e-5 * Math.max(1, Math.abs(solved.ObjectiveValue));
				expect(Math.abs(found.configuration.objective - solved.ObjectiveValue)).toBeLessThanOrEqual(slack);
			}
		}),
		{ numRuns: Math.max(runs, 2000) },
	);
});

describe("metamorphic", () => {
	const drawn = pipelines({ stages: 4, variants: 4, batches: [1, 2, 8], cap: 20, energy: true });
	const objectiveOf = (spec: PipelineSpec) => {
		const found = optimize(spec);
		return found.status === "optimal" ? found.configuration.objective : undefined;
	};

	test("the order of the variants, and one under another name too, change nothing", () => {
		fc.assert(
			fc.property(drawn, (spec) => {
				const before = objectiveOf(spec);
				// The SLA rests on the order of the points within a variant, so only the variants are turned round.
				const variants = (points: PipelineSpec["stages"][number]["points"]) =>
					[...groupBy(points, ({ variant }) => variant).values()].reverse().flat();
				const turned = {
					...spec,
					normalize_accuracy: false,
					stages: spec.stages.map((stage) => ({ ...stage, points: variants(stage.points) })),
				};
				const again = (points: PipelineSpec["stages"][number]["points"]) =>
					points.map((point) => ({ ...point, variant: `${point.variant} again` }));
				const doubled = {
					...spec,
					normalize_accuracy: false,
					stages: spec.stages.map((stage) => ({ ...stage, points: [...stage.points, ...again(stage.points)] })),
				};
				if (spec.normalize_accuracy) return;
				for (const other of [turned, doubled]) {
					const after = objectiveOf(other);
					if (before === undefined || after === undefined) expect(after).toBe(before);
					else expect(after).toBeCloseTo(before, 9);
				}
			}),
			{ numRuns: runs },
		);
	});

	test("a bound at the optimum's own energy changes nothing, one below it binds or is infeasible", () => {
		fc.assert(
			fc.property(drawn, (spec) => {
				const found = optimize(spec);
				if (found.status !== "optimal" || found.configuration.energy.status !== "available") return;
				const own_j = found.configuration.energy.energy_j_per_request;
				const same = optimize(spec, { bounds: { max_energy_j_per_request: own_j } });
				expect(same.status === "optimal" ? same.configuration.objective : undefined).toBeCloseTo(
					found.configuration.objective,
					9,
				);
				const less = optimize(spec, { bounds: { max_energy_j_per_request: own_j * 0.9 } });
				if (less.status !== "optimal" || less.configuration.energy.status !== "available") return;
				expect(less.configuration.energy.energy_j_per_request).toBeLessThanOrEqual(own_j * 0.9);
				expect(less.configuration.objective).toBeLessThanOrEqual(found.configuration.objective + 1e-9);
			}),
			{ numRuns: runs },
		);
	});

	test("delta 0 gives the optimum without energy; a rising delta never raises energy", () => {
		fc.assert(
			fc.property(drawn, (spec) => {
				const at = (delta: number) => optimize({ ...spec, weights: { ...spec.weights, delta } });
				const bare = {
					...spec,
					weights: { ...spec.weights, delta: 0 },
					stages: spec.stages.map((stage) => ({
						...stage,
						points: stage.points.map(({ energy: _, ...point }) => point),
					})),
				};
				const without = objectiveOf(bare);
				const zero = at(0);
				if (zero.status === "optimal") expect(zero.configuration.objective).toBe(without);
				let last = Number.POSITIVE_INFINITY;
				for (const delta of [0.01, 0.1, 1, 10]) {
					const found = at(delta);
					if (found.status !== "optimal" || found.configuration.energy.status !== "available") return;
					const energy = found.configuration.energy.energy_j_per_request;
					expect(energy).toBeLessThanOrEqual(last * (1 + 1e-9) + 1e-9);
					last = energy;
				}
			}),
			{ numRuns: runs },
		);
	});
});

describe("refusals", () => {
	const [spec] = fc.sample(pipelines({ stages: 2, variants: 2, batches: [1], cap: 2 }), { numRuns: 1, seed: 1 }) as [
		PipelineSpec,
	];

	test("a weight on energy without energies is an error, never a zero", () => {
		expect(() => optimize({ ...spec, weights: { ...spec.weights, delta: 1 } })).toThrow(InputError);
		expect(() => optimize(spec, { bounds: { max_energy_j_per_request: 5 } })).toThrow(/never taken as 0/);
	});

	test("what makes it infeasible is named with the best value and the bound", () => {
		const fast = { ...spec, arrival_rate_rps: 0.1, sla_factor: 100 };
		expect(optimize({ ...fast, arrival_rate_rps: 1e6 })).toMatchObject({ bound: "replicas", limit: 1e6 });
		expect(optimize(fast, { bounds: { max_latency_s: 1e-6 } })).toMatchObject({ bound: "latency", limit: 1e-6 });
		expect(optimize(fast, { bounds: { max_cost_cores: 0 } })).toMatchObject({ bound: "cost", limit: 0 });
		expect(optimize(fast, { bounds: { min_accuracy: 9 } })).toMatchObject({ bound: "accuracy", limit: 9 });
	});
});
