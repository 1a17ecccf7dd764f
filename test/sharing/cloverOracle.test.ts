import { describe, expect, test } from "vitest";
import {
	type AnnealingProblem,
	annealClover,
	type CloverConfiguration,
	cloverConfigurations,
	cloverOptimum,
	measureSlices,
	type SliceModel,
} from "../../src/sharing/clover.js";
import { cloverExcluded, migPartitions, type Slice } from "../../src/sharing/partitions.js";
import { oracle } from "../oracle.js";

interface Hour {
	readonly skipped: boolean;
	readonly evaluated: readonly string[];
	readonly acc: readonly number[];
	readonly lat_ms: readonly number[];
	readonly carbon_g: readonly number[];
	readonly score_x100: readonly number[];
	readonly from_history: readonly boolean[];
	readonly exact_optimum: { readonly score: number };
}
interface Cases {
	readonly partitions: Readonly<Record<string, readonly number[]>>;
	readonly excluded_codes: readonly string[];
	readonly cases: readonly {
		readonly case: {
			readonly service: string;
			readonly accuracies: Readonly<Record<string, number>>;
			readonly variants: readonly string[];
			readonly start: string;
			readonly instance: {
				readonly service_ms: Readonly<Record<string, number>>;
				readonly dynamic_w: Readonly<Record<string, number>>;
				readonly static_w: number;
			};
			readonly sla_ms: number;
			readonly base: { readonly accuracy: number; readonly carbon_per_request_at_unit_intensity_g: number };
			readonly base_intensity: number;
			readonly base_pue: number;
			readonly pue: number;
			readonly lambda: number;
			readonly intensities: readonly number[];
			readonly proposals: readonly string[];
			readonly uniforms: readonly number[];
		};
		readonly expected: { readonly hours: readonly Hour[]; readonly n_configurations: number };
	}[];
}

const cases = oracle<Cases>("clover");

test("partitions and those left out are those of the code", () => {
	expect(migPartitions).toEqual(migPartitions.map((_, code) => cases.partitions[code]));
	expect(cloverExcluded).toEqual(cases.excluded_codes.map(Number));
});

type Given = Cases["cases"][number]["case"];

function problemOf(given: Given): { problem: AnnealingProblem; parse: (text: string) => CloverConfiguration } {
	const { variants, instance, accuracies, base, lambda, sla_ms } = given;
	const of = (table: Readonly<Record<string, number>>) => (variant: number, slice: Slice) =>
		table[`${variants[variant]}${slice}`] as number;
	const model: SliceModel = {
		service_ms: of(instance.service_ms),
		dynamic_w: of(instance.dynamic_w),
		static_w: instance.static_w,
		accuracy: variants.map((variant) => accuracies[variant] as number),
	};
	const reference_g_per_kwh = given.base_intensity * given.base_pue;
	const parse = (text: string): CloverConfiguration => {
		const [code = "", models = ""] = text.split(":");
		return { partition_code: Number(code), variants: [...models].map((variant) => variants.indexOf(variant)) };
	};
	const base_g_per_request = base.carbon_per_request_at_unit_intensity_g * reference_g_per_kwh;
	return {
		parse,
		problem: {
			variants: variants.length,
			start: parse(given.start),
			objective: { lambda, base_accuracy: base.accuracy, base_g_per_request, sla_ms },
			measure: (configuration) => measureSlices(model, configuration),
			intensity_x_pue: given.intensities.map((intensity) => intensity * given.pue),
			reference_g_per_kwh,
		},
	};
}

describe.each(cases.cases)("$case.service, run $#", ({ case: given, expected }) => {
	const { problem, parse } = problemOf(given);
	let [proposed, drawn] = [0, 0];
	const hours = annealClover(problem, {
		propose: () => parse(given.proposals[proposed++] as string),
		uniform: () => given.uniforms[drawn++] as number,
	});
	const text = ({ partition_code, variants }: CloverConfiguration) =>
		`${partition_code}:${variants.map((variant) => given.variants[variant]).join("")}`;

	test("every evaluation of every hour, and the recorded chance used up exactly", () => {
		expect([proposed, drawn]).toEqual([given.proposals.length, given.uniforms.length]);
		for (const [k, hour] of expected.hours.entries()) {
			const { skipped, evaluations } = hours[k]!;
			expect(skipped).toBe(hour.skipped);
			expect(evaluations.map(({ configuration }) => text(configuration))).toEqual(hour.evaluated);
			const columns = [
				[hour.acc, "accuracy"],
				[hour.lat_ms, "p95_ms"],
				[hour.carbon_g, "carbon_g"],
			] as const;
			for (const [values, key] of columns)
				for (const [i, value] of values.entries()) expect(evaluations[i]![key] / value - 1).toBeCloseTo(0, 9);
			for (const [i, score] of hour.score_x100.entries()) expect(100 * evaluations[i]!.score).toBeCloseTo(score, 8);
		}
	});

	test("the exact optimum of every hour, over all configurations", () => {
		const configurations = cloverConfigurations(given.variants.length);
		expect(configurations).toHaveLength(expected.n_configurations);
		for (const [k, { exact_optimum }] of expected.hours.entries()) {
			const best = cloverOptimum(configurations, problem.measure, problem.objective, problem.intensity_x_pue[k]!);
			expect(best.status === "optimal" ? best.score - exact_optimum.score : best).toBeCloseTo(0, 9);
		}
	});
});
