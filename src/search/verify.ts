import type { Configuration } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { Bounds } from "./optimum.js";

/**
 * Checks a configuration against its pipeline from the definitions, sharing no code with the search: that its options
 * exist, and that its metrics, the SLA, the arrival rate and the bounds hold. Returns what is wrong, as sentences.
 *
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const options = pipeline.pipelineOptions(spec);
 * const { configuration } = search.optimize(spec);
 * search.verify(options, configuration, {}); // → []
 * search.verify(options, { ...configuration, cost_cores: 1 }, {}); // → ["cost"]
 */
export function verify({ spec, stages, sla_s }: PipelineOptions, found: Configuration, bounds: Bounds): string[] {
	const wrong: string[] = [];
	const check = (holds: boolean, said: string) => {
		if (!holds) wrong.push(said);
	};
	const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
	let latency_s = 0;
	let cost = 0;
	let batches = 0;
	let energy_j: number | undefined = 0;
	const accuracies: number[] = [];
	stages.forEach((stage, s) => {
		const own = found.stages[s];
		const option = stage.options.find(
			(other) => other.variant === own?.variant && other.cores === own.cores && other.batch === own.batch,
		);
		if (own === undefined || option === undefined) {
			wrong.push(`stage ${stage.name} runs something that it cannot run`);
			return;
		}
		check(own.replicas >= stage.replicas[0] && own.replicas <= stage.replicas[1], `stage ${stage.name}: replicas`);
		check(option.throughput_rps * own.replicas >= spec.arrival_rate_rps, `stage ${stage.name} cannot carry the rate`);
		const waits_s =
			spec.semantics === "published" && spec.arrival_rate_rps > 0 ? (own.batch - 1) / spec.arrival_rate_rps : 0;
		latency_s += option.latency_s + waits_s;
		cost += own.cores * own.replicas;
		batches += own.batch;
		accuracies.push(option.accuracy);
		if (option.energy === undefined || energy_j === undefined || spec.arrival_rate_rps === 0) energy_j = undefined;
		else {
			const busy = Math.min(own.replicas, (spec.arrival_rate_rps * option.service_s) / own.batch);
			const power_w =
				(spec.arrival_rate_rps / own.batch) * option.energy.energy_j_per_batch +
				(own.replicas - busy) * option.energy.idle_power_w;
			energy_j += power_w / spec.arrival_rate_rps;
		}
	});
	let accuracy = spec.accuracy_method === "product" ? 1 : 0;
	for (const own of accuracies) accuracy = spec.accuracy_method === "product" ? accuracy * own : accuracy + own;
	if (spec.accuracy_method === "average") accuracy /= accuracies.length;
	const { alpha, beta, gamma, delta } = spec.weights;
	const energyTerm = delta === 0 ? 0 : delta * (energy_j ?? Number.POSITIVE_INFINITY);
	check(near(found.latency_s, latency_s), "latency");
	check(near(found.cost_cores, cost), "cost");
	check(near(found.accuracy, accuracy), "accuracy");
	if (found.energy.status === "available") {
		check(near(found.energy.energy_j_per_request, energy_j ?? Number.POSITIVE_INFINITY), "energy");
		const charged_j = spec.node === undefined ? undefined : (energy_j ?? 0) + spec.node.floor_w / spec.arrival_rate_rps;
		check(near(found.energy.with_floor?.energy_j_per_request ?? 0, charged_j ?? 0), "energy with the node's floor");
	}
	check(near(found.objective, alpha * accuracy - beta * cost - gamma * batches - energyTerm), "objective");
	check(spec.semantics === "published" ? latency_s <= sla_s * (1 + 1e-12) : latency_s < sla_s, "the SLA is missed");
	check(cost <= (bounds.max_cost_cores ?? Number.POSITIVE_INFINITY), "the bound on cost is missed");
	check(accuracy >= (bounds.min_accuracy ?? Number.NEGATIVE_INFINITY) - 1e-12, "the bound on accuracy is missed");
	check(
		latency_s <= (bounds.max_latency_s ?? Number.POSITIVE_INFINITY) * (1 + 1e-12),
		"the bound on latency is missed",
	);
	if (bounds.max_energy_j_per_request !== undefined)
		check(
			(energy_j ?? Number.POSITIVE_INFINITY) <= bounds.max_energy_j_per_request * (1 + 1e-12),
			"the bound on energy is missed",
		);
	if (bounds.max_power_w !== undefined)
		check(
			(energy_j ?? Number.POSITIVE_INFINITY) * spec.arrival_rate_rps <= bounds.max_power_w * (1 + 1e-12),
			"the bound on power is missed",
		);
	return wrong;
}
