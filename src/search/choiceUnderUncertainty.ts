import { type Configuration, cellKey, configuration } from "../pipeline/configuration.js";
import { pipelineOptions, type StageOption, type StageOptions } from "../pipeline/options.js";
import type { ProfileEnergy } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type Random, seeded } from "../random.js";
import { normalQuantile } from "../statistics/distributions.js";
import { type Bounds, optimizePipeline } from "./optimum.js";
import { verify } from "./verify.js";

/** How often another configuration would be chosen, had the cells been measured again. */
export type ChoiceStability =
	| {
			readonly status: "resampled";
			readonly chosen: Configuration;
			readonly resamples: number;
			readonly seed: number;
			/** Share of the resamples whose optimum is not this configuration: another, or none (`infeasible`). */
			readonly changed: number;
			/** Share of the resamples in which no configuration is feasible (a bound on energy that is not met). */
			readonly infeasible: number;
			/** What was chosen, most often first. */
			readonly choices: readonly { readonly configuration: Configuration; readonly share: number }[];
			/**
			 * Mean over the resamples of what the choice loses against the resample's own optimum, in units of the objective;
			 * of those in which the choice keeps the bounds; absent where it never does.
			 */
			readonly meanRegret?: number;
	  }
	/** Energy has no part in the choice, a cell has no standard error, or nothing is feasible: said which. */
	| { readonly status: "unavailable"; readonly reason: string };

/**
 * The choice under measurement uncertainty: the energies of all cells are drawn again from a normal distribution with
 * their mean and standard error, and the pipeline is optimised for each draw. A cell is drawn once a resample, for every
 * configuration that uses it, in whichever stages. Latencies and idle powers stay, since they come with no error of their
 * own.
 *
 * @param seed of the draws, recorded in the result
 * @throws InputError as optimize does
 */
export function choiceUnderUncertainty(
	spec: PipelineSpec,
	{ resamples = 1000, seed, bounds = {} }: { resamples?: number; seed: number; bounds?: Bounds },
): ChoiceStability {
	const pipeline = pipelineOptions(spec);
	const { max_energy_j_per_request, max_power_w } = bounds;
	if (pipeline.spec.weights.delta === 0 && max_energy_j_per_request === undefined && max_power_w === undefined)
		return {
			status: "unavailable",
			reason:
				"energy has no part in this choice: delta is 0, and neither prices nor a bound on energy or power are given",
		};
	for (const { name, options } of pipeline.stages)
		for (const { variant, cores, batch, energy } of options)
			if (energy?.energy_se_j_per_batch === undefined)
				return {
					status: "unavailable",
					reason: `${name}: ${variant} on ${cores} cores, batch ${batch} has no standard error of its energy`,
				};
	const found = optimizePipeline(pipeline, { bounds });
	if (found.status === "infeasible") return { status: "unavailable", reason: found.detail };
	const chosen = found.configuration;
	const kept = chosen.stages.map(({ variant, cores, batch, replicas }, s) => ({
		option: (pipeline.stages[s] as StageOptions).options.findIndex(
			(own) => own.variant === variant && own.cores === cores && own.batch === batch,
		),
		replicas,
	}));
	const random = seeded(seed);
	const counts = new Map<string, { readonly configuration: Configuration; count: number }>();
	let infeasible = 0;
	let regret = 0;
	let compared = 0;
	for (let i = 0; i < resamples; i++) {
		const draws = new Map<string, number>();
		const again = {
			...pipeline,
			stages: pipeline.stages.map((stage) => ({
				...stage,
				options: stage.options.map((option) => drawn(option, draws, random)),
			})),
		};
		const best = optimizePipeline(again, { bounds });
		if (best.status === "infeasible") {
			infeasible++;
			continue;
		}
		const key = keyOf(best.configuration);
		const entry = counts.get(key) ?? { configuration: best.configuration, count: 0 };
		entry.count++;
		counts.set(key, entry);
		const own = configuration(again, kept);
		if (verify(again, own, bounds).length > 0) continue;
		compared++;
		regret += best.configuration.objective - own.objective;
	}
	return {
		status: "resampled",
		chosen,
		resamples,
		seed,
		changed: 1 - (counts.get(keyOf(chosen))?.count ?? 0) / resamples,
		infeasible: infeasible / resamples,
		choices: [...counts.values()]
			.sort((a, b) => b.count - a.count)
			.map(({ configuration: own, count }) => ({ configuration: own, share: count / resamples })),
		...(compared === 0 ? {} : { meanRegret: regret / compared }),
	};
}

function drawn(option: StageOption, draws: Map<string, number>, random: Random): StageOption {
	const energy = option.energy as ProfileEnergy;
	const cell = energy.error_source ?? cellKey(option);
	// 1 - u lies in (0, 1]: kept off 1, whose quantile is infinite.
	const z = draws.get(cell) ?? normalQuantile(Math.min(1 - random(), 1 - 2 ** -33), 0, 1);
	draws.set(cell, z);
	const energy_j_per_batch = energy.energy_j_per_batch + z * (energy.energy_se_j_per_batch as number);
	// No batch takes nothing or less: with a standard error near the mean a draw is cut short of that.
	return {
		...option,
		energy: { ...energy, energy_j_per_batch: Math.max(energy_j_per_batch, 1e-3 * energy.energy_j_per_batch) },
	};
}

function keyOf({ stages }: Configuration): string {
	return JSON.stringify(stages.map(({ variant, cores, batch, replicas }) => [variant, cores, batch, replicas]));
}
