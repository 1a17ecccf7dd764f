import { decisionSteps } from "../shifting/savings.js";
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
function cloverScore(
	{ lambda, base_accuracy, base_g_per_request }: CloverObjective,
	{ accuracy, kwh_per_request }: CloverMeasurement,
	intensity_x_pue: number,
): number {
	const saved = (base_g_per_request - kwh_per_request * intensity_x_pue) / base_g_per_request;
	return lambda * saved - (1 - lambda) * ((base_accuracy - accuracy) / base_accuracy);
}

/** How many slices of each size run each variant: what tells one configuration from another. */
function cloverCounts({ partition_code, variants }: CloverConfiguration, variantsKnown: number): number[] {
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

/** Where chance comes from: a recorded stream, or generators of one's own. */
export interface AnnealingChance {
	/** A random configuration: a partition of the 15, a variant on each of its slices. */
	readonly propose: () => CloverConfiguration;
	/** A uniform number in [0, 1), drawn for each worse score alone. */
	readonly uniform: () => number;
}

/** One evaluation of an hour. */
export interface CloverEvaluation extends CloverMeasurement {
	readonly configuration: CloverConfiguration;
	readonly carbon_g: number;
	readonly score: number;
	/** Known from an earlier evaluation: nothing was reconfigured or measured. */
	readonly fromHistory: boolean;
}

/** What annealing did in an hour; `skipped` where the grid had moved too little since the last optimised hour. */
export interface AnnealedHour {
	readonly skipped: boolean;
	/** In order; where the last is not the best, the best follows once more. */
	readonly evaluations: readonly CloverEvaluation[];
	/** What runs from then on. */
	readonly chosen: CloverConfiguration;
}

export interface AnnealingProblem {
	readonly variants: number;
	readonly start: CloverConfiguration;
	readonly objective: CloverObjective;
	readonly measure: (configuration: CloverConfiguration) => CloverMeasurement;
	/** Intensity x PUE of each hour, g/kWh. */
	readonly intensity_x_pue: readonly number[];
	/** Intensity x PUE that the trigger's 5 % is of. */
	readonly reference_g_per_kwh: number;
}

/** CLOVER's constants (system/clover.py, system_utils.py). */
const temperatures = { first: 100, step: 5, least: 10, k: 1e-4 };
const limits = { distance: 4, proposals: 400, withoutImprovement: 5, fresh: 10 };

/**
 * CLOVER's simulated annealing over variant x MIG partition, hour by hour (Li et al., SC '23, arXiv 2304.09781), as its
 * code has it. Faults that are kept, because its answers are to be repeated: above the SLA a negative score is multiplied
 * by a factor below 1, and so improves; a neighbour search that fails still hands on its last, distant candidate.
 */
export function annealClover(problem: AnnealingProblem, { propose, uniform }: AnnealingChance): AnnealedHour[] {
	const { objective, intensity_x_pue, reference_g_per_kwh } = problem;
	const optimised = new Set(decisionSteps(intensity_x_pue, { share: 0.05, reference_g_per_kwh }));
	const countsOf = (configuration: CloverConfiguration) => cloverCounts(configuration, problem.variants);
	// Configurations with the same counts are one, told as the first of them.
	const first = new Map(cloverConfigurations(problem.variants).map((each) => [countsOf(each).join(), each]));
	const history = new Map<string, CloverMeasurement>();
	let current = problem.start;
	return intensity_x_pue.map((intensity, hour): AnnealedHour => {
		if (!optimised.has(hour)) return { skipped: true, evaluations: [], chosen: current };
		const evaluations: CloverEvaluation[] = [];
		const seen = new Set<string>();
		let centre = { counts: countsOf(current), score: -1000 };
		let best: CloverEvaluation | undefined;
		let [temperature, withoutImprovement, fresh] = [temperatures.first, 0, 0];
		for (;;) {
			const counts = countsOf(current);
			const key = counts.join();
			const known = history.get(key);
			const measured = known ?? problem.measure(current);
			if (known === undefined) fresh++;
			history.set(key, measured);
			seen.add(key);
			const evaluation: CloverEvaluation = {
				...measured,
				configuration: current,
				carbon_g: measured.kwh_per_request * intensity,
				score: cloverScore(objective, measured, intensity),
				fromHistory: known !== undefined,
			};
			evaluations.push(evaluation);
			const { score, p95_ms } = evaluation;
			const within = p95_ms <= objective.sla_ms;
			const annealed = within ? score : (score * objective.sla_ms) / p95_ms;
			const worse = centre.score - annealed;
			if (worse <= 0 || uniform() <= Math.exp(-worse / (temperatures.k * temperature)))
				centre = { counts, score: annealed };
			temperature = Math.max(temperatures.least, temperature - temperatures.step);
			const improves = within && score > (best?.score ?? -1000);
			if (improves) best = evaluation;
			withoutImprovement = improves ? 0 : withoutImprovement + 1;
			const neighbour = nextCandidate(centre.counts, seen);
			const stop = withoutImprovement >= limits.withoutImprovement || fresh >= limits.fresh || !neighbour.found;
			if (best !== undefined && stop) {
				if (countsOf(best.configuration).join() !== key) evaluations.push(best);
				current = best.configuration;
				return { skipped: false, evaluations, chosen: current };
			}
			current = neighbour.configuration;
		}
	});

	/** Draws until one not seen this hour is near the centre; after 400 such the last is handed on all the same. */
	function nextCandidate(centre: readonly number[], seen: ReadonlySet<string>) {
		for (let tries = 1; ; tries++) {
			let configuration = propose();
			let counts = countsOf(configuration);
			while (seen.has(counts.join())) {
				configuration = propose();
				counts = countsOf(configuration);
			}
			const distance = counts.reduce((sum, count, k) => sum + Math.abs(count - centre[k]!), 0);
			const found = distance <= limits.distance;
			if (found || tries === limits.proposals)
				return { configuration: first.get(counts.join()) ?? configuration, found };
		}
	}
}
