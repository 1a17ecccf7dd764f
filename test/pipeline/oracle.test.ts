import { describe, expect, test } from "vitest";
import { BaseAllocationError } from "../../src/pipeline/allocation.js";
import type { Configuration } from "../../src/pipeline/configuration.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import { regressed } from "../../src/pipeline/regression.js";
import { everyConfiguration } from "./every.js";
import { oracle, specOf } from "./oracle.js";

const close = (actual: number, expected: number) =>
	expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(expected)));

describe.each(oracle.map((entry) => [entry.case.id, entry] as const))("IPA's answers, case %i", (_, entry) => {
	const spec = specOf(entry);
	const { expected } = entry;

	if (expected.error !== undefined) {
		test("there is no base allocation", () => {
			expect(() => pipelineOptions(spec)).toThrow(BaseAllocationError);
		});
		return;
	}

	test("profiles after the regression step", () => {
		for (const stage of spec.stages) {
			const points = spec.only_measured_profiles ? stage.points : regressed(stage.points);
			const wanted = expected.profiles[stage.name] ?? [];
			expect(points.length).toBe(wanted.length);
			for (const { variant, cores, batch, latency, throughput } of wanted) {
				const point = points.find((own) => own.variant === variant && own.cores === cores && own.batch === batch);
				close(point?.latency_s ?? Number.NaN, latency);
				close(point?.throughput_rps ?? Number.NaN, throughput);
			}
		}
	});

	test("SLAs, accuracies, configurations, feasible ones and the optimum", () => {
		const pipeline = pipelineOptions(spec);
		close(pipeline.sla_s, expected.pipeline_sla);
		for (const { name, sla_s, options } of pipeline.stages) {
			close(sla_s, expected.stage_slas[name] as number);
			for (const [variant, cores] of Object.entries(expected.base_allocations?.[name] ?? {}))
				expect(new Set(options.filter((own) => own.variant === variant).map((own) => own.cores))).toEqual(
					new Set([cores]),
				);
			if (spec.normalize_accuracy)
				for (const { variant, accuracy } of options)
					close(accuracy, expected.accuracies_normalized[name]?.[variant] as number);
		}
		const all = [...everyConfiguration(pipeline)];
		const feasible = all.filter((own) => own.feasible);
		expect(all.length).toBe(expected.n_states);
		expect(feasible.length).toBe(expected.n_feasible);
		const key = (stages: readonly { variant: string; cores: number; batch: number; replicas: number }[]) =>
			JSON.stringify(stages.map(({ variant, cores, batch, replicas }) => [variant, cores, batch, replicas]));
		const byKey = new Map(all.map((own) => [key(own.stages), own]));
		for (const state of expected.sample_states) {
			const own = byKey.get(key(state.stages)) as Configuration;
			close(own.accuracy, state.accuracy);
			close(own.latency_s, state.latency);
			close(own.throughput_rps, state.throughput);
			close(own.cost_cores, state.cost);
			close(own.objective, state.objective);
		}
		if (feasible.length === 0) return;
		const best = Math.max(...feasible.map(({ objective }) => objective));
		close(best, expected.optimum as number);
		const optimal = feasible.filter(({ objective }) => objective >= best - 1e-9 * Math.max(1, Math.abs(best)));
		expect(new Set(optimal.map(({ stages }) => key(stages)))).toEqual(
			new Set(expected.optimal_states.map(({ stages }) => key(stages))),
		);
	});
});
