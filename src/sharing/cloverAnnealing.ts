import { decisionSteps } from "../shifting/decisions.js";
import {
	type CloverConfiguration,
	type CloverMeasurement,
	type CloverObjective,
	cloverConfigurations,
	cloverCounts,
	cloverScore,
} from "./clover.js";

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
