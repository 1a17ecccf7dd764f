import { pipelineAccuracy } from "../pipeline/accuracy.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { Item } from "./items.js";
import { labelSearch } from "./labels.js";
import type { Limits } from "./limits.js";

/** Nothing is feasible: the first bound that nothing meets, and by how much the best misses it. */
export interface Infeasible {
	readonly status: "infeasible";
	readonly bound: "replicas" | "latency" | "cost" | "energy" | "power" | "accuracy" | "combination";
	readonly detail: string;
	/** What the best possible value of the bounded quantity is, and the bound as it was asked for; absent for `combination`. */
	readonly best?: number;
	readonly limit?: number;
}

/** Finds the bound that makes a pipeline infeasible: each alone first, then their combination. */
export function explainInfeasible(
	pipeline: PipelineOptions,
	items: readonly (readonly Item[])[],
	limits: Limits,
): Infeasible {
	const { spec, stages } = pipeline;
	for (const [s, own] of items.entries()) {
		if (own.length > 0) continue;
		const stage = stages[s] as (typeof stages)[number];
		const best = Math.max(0, ...stage.options.map(({ throughput_rps }) => throughput_rps * stage.replicas[1]));
		const limit = spec.arrival_rate_rps;
		return {
			status: "infeasible",
			bound: "replicas",
			detail: `stage ${stage.name}: ${stage.replicas[1]} replicas carry at most ${best} of ${limit} requests/s`,
			best,
			limit,
		};
	}
	const least = (read: (item: Item) => number) => items.reduce((sum, own) => sum + Math.min(...own.map(read)), 0);
	const latency = least(({ latency_s }) => latency_s);
	if (limits.strict ? latency >= limits.latency_s : latency > limits.latency_s)
		return alone("latency", latency, limits.latency_s, "s: the fastest configuration takes longer");
	const cost = least(({ cost_cores }) => cost_cores);
	if (cost > limits.cost_cores)
		return alone("cost", cost, limits.asked.cost_cores, "cores: the cheapest configuration costs more");
	const energy = least(({ energy_j }) => energy_j ?? 0);
	if (energy > limits.energy_j)
		return limits.power
			? alone(
					"power",
					energy * spec.arrival_rate_rps,
					limits.asked.power_w,
					"W: the most frugal configuration draws more",
				)
			: alone("energy", energy, limits.asked.energy_j, "J per request: the most frugal configuration uses more");
	const accuracy = pipelineAccuracy(
		spec.accuracy_method,
		items.map((own) => Math.max(...own.map((item) => item.accuracy))),
	);
	if (accuracy < limits.accuracy)
		return alone(
			"accuracy",
			accuracy,
			limits.accuracy,
			"(as the objective counts it): the most accurate configuration has less",
		);
	const without = (changed: Partial<Limits>) => labelSearch(spec, items, { ...limits, ...changed }) !== undefined;
	const relaxations = [
		["latency", { latency_s: Number.POSITIVE_INFINITY, strict: false }],
		["cost", { cost_cores: Number.POSITIVE_INFINITY }],
		[limits.power ? "power" : "energy", { energy_j: Number.POSITIVE_INFINITY }],
		["accuracy", { accuracy: Number.NEGATIVE_INFINITY }],
	] as const;
	const helping = relaxations.flatMap(([name, changed]) => (without(changed) ? [name] : []));
	return {
		status: "infeasible",
		bound: "combination",
		detail:
			helping.length > 0
				? `each bound can be met, not all together; without the bound on ${helping.join(", or ")} there is a configuration`
				: "each bound can be met, but not even three of them together",
	};
}

function alone(bound: Infeasible["bound"], best: number, limit: number, said: string): Infeasible {
	return { status: "infeasible", bound, detail: `${best} against ${limit} ${said}`, best, limit };
}
