import { stageEnergy } from "../pipeline/energy.js";
import type { PipelineOptions } from "../pipeline/options.js";

/** Separable terms of every (option, replicas) of a stage, in the order of the rows. */
export interface Terms {
	readonly accuracy: Float64Array;
	readonly latency_s: Float64Array;
	readonly throughput_rps: Float64Array;
	readonly cost_cores: Float64Array;
	readonly batch: Float64Array;
	readonly energy_j: Float64Array;
}

/** Terms of a stage, by its position. */
export function termsOf(pipeline: PipelineOptions, stage: number, withEnergy: boolean): Terms {
	const {
		options,
		replicas: [from, to],
	} = pipeline.stages[stage] as PipelineOptions["stages"][number];
	const count = to - from + 1;
	const length = options.length * count;
	const make = () => new Float64Array(length);
	const terms: Terms = {
		accuracy: make(),
		latency_s: make(),
		throughput_rps: make(),
		cost_cores: make(),
		batch: make(),
		energy_j: make(),
	};
	options.forEach((option, o) => {
		for (let n = from; n <= to; n++) {
			const i = o * count + (n - from);
			terms.accuracy[i] = option.accuracy;
			terms.latency_s[i] = option.latency_s + option.queueing_s;
			terms.throughput_rps[i] = option.throughput_rps * n;
			terms.cost_cores[i] = option.cores * n;
			terms.batch[i] = option.batch;
			if (withEnergy && option.energy !== undefined)
				terms.energy_j[i] = stageEnergy(
					option.energy,
					{ ...option, latency_s: option.service_s, replicas: n },
					pipeline.spec.arrival_rate_rps,
				).energy_j_per_request;
		}
	});
	return terms;
}
