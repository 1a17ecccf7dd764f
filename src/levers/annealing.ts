import { integerBelow, type Random, seeded } from "../random.js";
import {
	annealClover,
	cloverConfigurations,
	cloverOptimum,
	measureSlices,
	type SliceModel,
} from "../sharing/clover.js";
import { cloverExcluded, migPartitions, type Slice } from "../sharing/partitions.js";
import { type Spread, spreadOf } from "./timeAndPlace.js";

/** How far CLOVER's annealing ended from the best configuration, hour by hour. */
export interface AnnealingGap {
	readonly instance: number;
	readonly hour: number;
	/** Configurations that it looked at, the return to the best left out. */
	readonly evaluations: number;
	/** Score of the optimum less that of its choice, x 100 as CLOVER prints scores; 0 or more. */
	readonly gap_x100: number;
	readonly n_configurations: number;
}

/** YOLOv5 l, x, x6: accuracies of CLOVER's repository, percent. */
const accuracy = [49, 50.7, 55];

/**
 * A made-up instance, since CLOVER ships no measurement: larger variants slower and hungrier, smaller slices slower by a
 * power of their share. Modelled; good for comparing two searches, and no evidence of what either saves.
 */
function modelledInstance(random: Random): SliceModel {
	const between = (low: number, high: number) => low + (high - low) * random();
	const whole_ms = [between(12, 16), between(14, 20), between(22, 34)];
	const whole_w = [between(110, 170), between(110, 170), between(110, 170)];
	const slower = whole_ms.map(() => between(0.4, 0.85));
	const lighter = whole_w.map(() => between(0.75, 1.05));
	return {
		accuracy,
		static_w: between(80, 120),
		service_ms: (variant, slice) => whole_ms[variant]! * (7 / slice) ** slower[variant]!,
		dynamic_w: (variant, slice) => whole_w[variant]! * (slice / 7) ** lighter[variant]!,
	};
}

/**
 * CLOVER's annealing beside the exact search on made-up instances over hours of a grid.
 *
 * @param intensities g/kWh, of consecutive hours
 */
export function annealingGaps(intensities: readonly number[], instances = 20, seed = 1): AnnealingGap[] {
	const allowed = migPartitions.map((_, code) => code).filter((code) => !cloverExcluded.includes(code));
	const configurations = cloverConfigurations(accuracy.length);
	return Array.from({ length: instances }, (_, instance) => {
		const random = seeded(seed * 1000 + instance);
		const model = modelledInstance(random);
		const start = { partition_code: 0, variants: [accuracy.length - 1] };
		const base = measureSlices(model, start);
		const objective = {
			lambda: 0.1,
			base_accuracy: base.accuracy,
			base_g_per_request: base.kwh_per_request * 250 * 1.5,
			sla_ms: base.p95_ms * (1 + 2 * random()),
		};
		const intensity_x_pue = intensities.map((intensity) => intensity * 1.5);
		const measure = (configuration: Parameters<typeof measureSlices>[1]) => measureSlices(model, configuration);
		const hours = annealClover(
			{ variants: accuracy.length, start, objective, measure, intensity_x_pue, reference_g_per_kwh: 375 },
			{
				propose: () => {
					const partition_code = allowed[integerBelow(random, allowed.length)]!;
					const variants = migPartitions[partition_code]!.map((_: Slice) => integerBelow(random, accuracy.length));
					return { partition_code, variants };
				},
				uniform: random,
			},
		);
		return hours.flatMap(({ skipped, evaluations }, hour): AnnealingGap[] => {
			if (skipped) return [];
			const best = cloverOptimum(configurations, measure, objective, intensity_x_pue[hour]!);
			if (best.status === "infeasible") return [];
			const looked = new Set(evaluations.map(({ configuration }) => JSON.stringify(configuration))).size;
			const gap_x100 = 100 * (best.score - evaluations.at(-1)!.score);
			return [{ instance, hour, evaluations: looked, gap_x100, n_configurations: configurations.length }];
		});
	}).flat();
}

/** How far annealing ended from the optimum over all hours that it optimised; scores x 100, as CLOVER prints them. */
export interface AnnealingSummary {
	readonly optimised_hours: number;
	/** All of which the exact search looks at. */
	readonly configurations: number;
	readonly evaluations_mean: number;
	readonly gap_x100: Spread;
	readonly gap_x100_mean: number;
	readonly gap_x100_worst: number;
	/** Hours on the optimum. */
	readonly on_optimum_share: number;
	/** The instances are made up. */
	readonly kind: "modelled";
}

/**
 * How far CLOVER's annealing ends from the exact search, on made-up instances over hours of a grid.
 *
 * @param intensities g/kWh, of consecutive hours
 * @throws RangeError where it never optimises
 * @example
 * const { gap_x100_worst } = beyondEnergy.annealing([100, 300], 2);
 * gap_x100_worst >= 0; // → true
 */
export function annealing(intensities: readonly number[], instances = 20, seed = 1): AnnealingSummary {
	const gaps = annealingGaps(intensities, instances, seed);
	const gap = spreadOf(gaps.map(({ gap_x100 }) => gap_x100));
	return {
		optimised_hours: gaps.length,
		configurations: gaps[0]?.n_configurations ?? 0,
		evaluations_mean: spreadOf(gaps.map(({ evaluations }) => evaluations)).mean,
		gap_x100: gap,
		gap_x100_mean: gap.mean,
		gap_x100_worst: Math.max(...gaps.map(({ gap_x100 }) => gap_x100)),
		on_optimum_share: gaps.filter(({ gap_x100 }) => gap_x100 < 1e-9).length / gaps.length,
		kind: "modelled",
	};
}
