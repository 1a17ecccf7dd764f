import { cloverExcluded, migPartitions, type Slice, sliceSizes } from "./partitions.js";

/** A variant on each slice of a partition (by CLOVER's code). */
export interface CloverConfiguration {
	readonly partition_code: number;
	/** Index of the variant on each slice. */
	readonly variants: readonly number[];
}

/** What a configuration came to when it was measured. */
export interface CloverMeasurement {
	/** Mean over the requests served, percent. */
	readonly accuracy: number;
	readonly p95_ms: number;
	readonly kwh_per_request: number;
}

/** CLOVER's objective: lambda (Cb - C)/Cb - (1 - lambda)(Ab - A)/Ab, with Cb at a fixed intensity, not the hour's. */
export interface CloverObjective {
	readonly lambda: number;
	readonly base_accuracy: number;
	readonly base_g_per_request: number;
	/** p95 of the base at a fifth of the load. */
	readonly sla_ms: number;
}

/** The objective of a measurement at an hour's intensity x PUE, g/kWh. */
export function cloverScore(
	{ lambda, base_accuracy, base_g_per_request }: CloverObjective,
	{ accuracy, kwh_per_request }: CloverMeasurement,
	intensity_x_pue: number,
): number {
	const saved = (base_g_per_request - kwh_per_request * intensity_x_pue) / base_g_per_request;
	return lambda * saved - (1 - lambda) * ((base_accuracy - accuracy) / base_accuracy);
}

/** How many slices of each size run each variant: what tells one configuration from another. */
export function cloverCounts({ partition_code, variants }: CloverConfiguration, variantsKnown: number): number[] {
	const counts = new Array<number>(variantsKnown * sliceSizes.length).fill(0);
	migPartitions[partition_code]!.forEach((slice, k) => {
		counts[variants[k]! * sliceSizes.length + sliceSizes.indexOf(slice)]!++;
	});
	return counts;
}

/**
 * Every distinct configuration, each as the first that has its counts (partitions by code, then variants with the last
 * slice moving fastest): 438 with three variants, 1,282 with four.
 */
export function cloverConfigurations(variantsKnown: number): CloverConfiguration[] {
	const found = new Map<string, CloverConfiguration>();
	for (const [partition_code, partition] of migPartitions.entries()) {
		if (cloverExcluded.includes(partition_code)) continue;
		for (let number = 0; number < variantsKnown ** partition.length; number++) {
			const variants = partition.map(
				(_, k) => Math.floor(number / variantsKnown ** (partition.length - 1 - k)) % variantsKnown,
			);
			const key = cloverCounts({ partition_code, variants }, variantsKnown).join();
			if (!found.has(key)) found.set(key, { partition_code, variants });
		}
	}
	return [...found.values()];
}

export type CloverOptimum =
	| { readonly status: "optimal"; readonly configuration: CloverConfiguration; readonly score: number }
	/** None keeps the SLA. */
	| { readonly status: "infeasible" };

/** The best configuration within the SLA, by looking at each: what annealing is held against. */
export function cloverOptimum(
	configurations: readonly CloverConfiguration[],
	measure: (configuration: CloverConfiguration) => CloverMeasurement,
	objective: CloverObjective,
	intensity_x_pue: number,
): CloverOptimum {
	let best: { configuration: CloverConfiguration; score: number } | undefined;
	for (const configuration of configurations) {
		const measured = measure(configuration);
		if (measured.p95_ms > objective.sla_ms) continue;
		const score = cloverScore(objective, measured, intensity_x_pue);
		if (best === undefined || score > best.score) best = { configuration, score };
	}
	return best === undefined ? { status: "infeasible" } : { status: "optimal", ...best };
}

/** A variant's service time and board power above idle on a slice: a stand-in where nothing was measured. Modelled. */
export interface SliceModel {
	readonly service_ms: (variant: number, slice: Slice) => number;
	readonly dynamic_w: (variant: number, slice: Slice) => number;
	readonly static_w: number;
	/** Percent, by variant. */
	readonly accuracy: readonly number[];
}

/**
 * What a configuration would measure if every slice were always busy: a slice serves 1000 / service_ms requests a second
 * and takes that share of all. Joules of a slice are modelled: a board's meter does not know them.
 */
export function measureSlices(model: SliceModel, { partition_code, variants }: CloverConfiguration): CloverMeasurement {
	const slices = migPartitions[partition_code]!.map((slice, k) => {
		const variant = variants[k]!;
		const service_ms = model.service_ms(variant, slice);
		return { variant, service_ms, rate: 1000 / service_ms, w: model.dynamic_w(variant, slice) };
	});
	const rate = slices.reduce((sum, slice) => sum + slice.rate, 0);
	const accuracy = slices.reduce((sum, slice) => sum + (slice.rate / rate) * model.accuracy[slice.variant]!, 0);
	const ascending = [...slices].sort((a, b) => a.service_ms - b.service_ms);
	let share = 0;
	const slowest = ascending.find((slice) => {
		share += slice.rate / rate;
		return share >= 0.95 - 1e-12;
	});
	const power_w = slices.reduce((sum, { w }) => sum + w, model.static_w);
	return {
		accuracy: Math.round(accuracy * 100) / 100,
		p95_ms: slowest!.service_ms,
		kwh_per_request: power_w / rate / 3.6e6,
	};
}
