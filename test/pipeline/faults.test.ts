import { describe, expect, test } from "vitest";
import { predictor } from "../../src/forecast/predictors.js";
import { configuration } from "../../src/pipeline/configuration.js";
import { pipelineAccuracy } from "../../src/pipeline/objective.js";
import { pipelineOptions, queueing } from "../../src/pipeline/options.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import { optimize } from "../../src/search/optimum.js";
import { everyConfiguration } from "./every.js";
import { handPipeline } from "./handPipeline.js";

const point = (variant: string, accuracy_pct: number, batch: number, latency_s: number): ProfilePoint => ({
	variant,
	accuracy_pct,
	cores: 1,
	batch,
	latency_s,
	throughput_rps: batch / latency_s,
	kind: "measured",
});

// Faults of IPA's code at e1f08dd, each with what the published semantics does instead.
describe("where IPA's code and its paper part", () => {
	test("the queue term is (batch - 1) / rate of the batch chosen, not of the solver's selector", () => {
		expect([1, 2, 8].map((batch) => queueing("published", batch, 10))).toEqual([0, 0.1, 0.7]);
		// 5 x (0.1 + 0.1) = 1 s of SLA: batch 8 with 0.3 s and 0.7 s of queueing in each stage must not fit.
		const stage = [point("a", 50, 1, 0.1), point("a", 50, 8, 0.3)];
		const options = pipelineOptions(handPipeline([stage, stage]));
		const eights = configuration(options, [
			{ option: 1, replicas: 1 },
			{ option: 1, replicas: 1 },
		]);
		expect(options.sla_s).toBeCloseTo(1, 12);
		expect(eights.latency_s).toBeCloseTo(2, 12);
		expect(eights.feasible).toBe(false);
	});

	test("the SLA is met at equality", () => {
		const spec = handPipeline([[point("a", 50, 1, 0.1)]], { sla_factor: 0.2, arrival_rate_rps: 1 });
		expect(optimize(spec).status).toBe("optimal");
		expect(optimize({ ...spec, semantics: "ipa-e1f08dd" }).status).toBe("infeasible");
	});

	test("brute force over every configuration runs, and finds what the search finds", () => {
		const stage = [point("a", 50, 1, 0.1), point("b", 80, 1, 0.2)];
		const spec = handPipeline([stage, stage]);
		const best = Math.max(
			...[...everyConfiguration(pipelineOptions(spec))].flatMap(({ feasible, objective }) =>
				feasible ? [objective] : [],
			),
		);
		const found = optimize(spec);
		expect(found.status === "optimal" ? found.configuration.objective : undefined).toBe(best);
	});

	test("product accuracy has no limit of three stages", () => {
		expect(pipelineAccuracy("product", [0.9, 0.8, 0.7, 0.6, 0.5])).toBeCloseTo(0.1512, 12);
		const stage = [point("a", 50, 1, 0.1), point("b", 80, 1, 0.1)];
		const found = optimize(handPipeline([stage, stage, stage, stage, stage], { accuracy_method: "product" }));
		expect(found.status === "optimal" ? found.configuration.accuracy : 0).toBeCloseTo(0.8 ** 5, 12);
	});

	test("two stages that run a variant of one name both count", () => {
		const found = optimize(handPipeline([[point("same", 50, 1, 0.1)], [point("same", 50, 1, 0.1)]]));
		expect(found.status === "optimal" ? found.configuration.accuracy : 0).toBe(1);
	});

	test("variants keep the order of the profile, run after run", () => {
		const spec = handPipeline([[point("z", 50, 1, 0.1), point("a", 60, 1, 0.1), point("m", 70, 1, 0.1)]]);
		const names = () => pipelineOptions(spec).stages[0]?.options.map(({ variant }) => variant);
		expect(names()).toEqual(["z", "a", "m"]);
		expect(names()).toEqual(names());
	});

	test("the avg predictor is the mean, not the maximum over the length", () => {
		expect(predictor("avg")([2, 4, 12])).toBe(6);
	});

	test("the configuration told is the one that scores what is told", () => {
		const stage = [point("a", 50, 1, 0.1), point("b", 80, 1, 0.2)];
		const spec = handPipeline([stage, stage]);
		const found = optimize(spec, { ties: true, k: 2 });
		if (found.status !== "optimal") throw new Error(found.detail);
		expect(found.best?.[0]?.objective).toBe(found.configuration.objective);
		expect(found.ties?.map(({ stages }) => stages)).toContainEqual(found.configuration.stages);
	});
});
