import type { Evidence } from "../evaluation/evidence.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { evidenceStage } from "./evidenceStage.js";

/** How EdgeTune's measured stage is asked: one machine's cells, and the idle power that they are given. */
export interface EdgetuneOptions {
	/** The population: a machine of the data set. */
	readonly machine: string;
	/**
	 * Idle power of a replica as a share of the lowest mean power that any of the machine's cells drew: nobody measured
	 * the idle power, and a machine at work draws no less. 1 is therefore the most that it can be.
	 */
	readonly idleShare: number;
	readonly arrival_rate_rps: number;
	/** Weight of energy in the objective, 1/J. */
	readonly delta?: number;
}

/**
 * A pipeline of one stage, classification by ResNets, whose energies of a batch are EdgeTune's measurements: package
 * energy of the whole machine, so a replica stands for a machine. The idle power is assumed and keeps the kind
 * `modelled`; with it the energy of a request is modelled too, and only its marginal part is measured. Weights are those
 * of IPA's Video pipeline.
 *
 * @param video the Video pipeline, for its weights and its accuracy method
 * @throws RangeError where the data set has no such machine
 */
export function edgetunePipeline(
	{ cells }: Evidence,
	video: PipelineSpec,
	{ machine, idleShare, arrival_rate_rps, delta = 0 }: EdgetuneOptions,
): PipelineSpec {
	const own = cells.filter(({ population, flags }) => population === machine && flags.length === 0);
	if (own.length === 0) throw new RangeError(`EdgeTune has no cells of ${machine}`);
	const lowest_w = Math.min(
		...own.map(({ energy, latency_s }) =>
			energy.status === "available" && latency_s !== undefined
				? energy.energy_j_per_batch / latency_s
				: Number.POSITIVE_INFINITY,
		),
	);
	const { prices: _, ...unpriced } = video;
	return {
		...unpriced,
		name: `EdgeTune's classification on ${machine}`,
		stages: [evidenceStage("classification", own, () => ({ idle_power_w: idleShare * lowest_w, kind: "modelled" }))],
		allocation_mode: "variable",
		arrival_rate_rps,
		weights: { ...video.weights, delta },
	};
}
