import { pipelineAccuracy } from "../pipeline/accuracy.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { Item, Limits } from "./items.js";
import { labelSearch, type Search } from "./labels.js";

/** Nothing is feasible: the first bound that nothing meets, and by how much the best misses it. */
export interface Infeasible {
	readonly status: "infeasible";
	readonly bound: "replicas" | "latency" | "cost" | "energy" | "power" | "accuracy" | "combination";
	readonly detail: string;
	/** What the best possible value of the bounded quantity is, and the bound as it was asked for; absent for `combination`. */
	readonly best?: number;
	readonly limit?: number;
}

/** Finds the bound that makes a pipeline infeasible: each alone first, then their combination, as far as `stop` lets it. */
export function explainInfeasible(
	pipeline: PipelineOptions,
	items: readonly (readonly Item[])[],
	limits: Limits,
	stop?: () => boolean,
): Infeasible {
	const { spec, stages } = pipeline;
	for (const [s, own] of items.entries()) {
		if (own.length > 0) continue;
		const stage = stages[s] as (typeof stages)[number];
		const best = stage.options.reduce((so, { throughput_rps }) => Math.max(so, throughput_rps * stage.replicas[1]), 0);
		const limit = spec.arrival_rate_rps;
		return {
			status: "infeasible",
			bound: "replicas",
			detail: `stage ${stage.name}: ${stage.replicas[1]} replicas carry at most ${best} of ${limit} requests/s`,
			best,
			limit,
		};
	}
	const least = (read: (item: Item) => number) =>
		items.reduce((sum, own) => sum + own.reduce((so, item) => Math.min(so, read(item)), Number.POSITIVE_INFINITY), 0);
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
		items.map((own) => own.reduce((so, item) => Math.max(so, item.accuracy), Number.NEGATIVE_INFINITY)),
	);
	if (accuracy < limits.accuracy)
		return alone(
			"accuracy",
			accuracy,
			limits.accuracy,
			"(as the objective counts it): the most accurate configuration has less",
		);
	const without = (changed: Partial<Limits>) => labelSearch(spec, items, { ...limits, ...changed }, stop).status;
	const relaxations = [
		["latency", without({ latency_s: Number.POSITIVE_INFINITY, strict: false })],
		["cost", without({ cost_cores: Number.POSITIVE_INFINITY })],
		[limits.power ? "power" : "energy", without({ energy_j: Number.POSITIVE_INFINITY })],
		["accuracy", without({ accuracy: Number.NEGATIVE_INFINITY })],
	] as const;
	const named = (status: Search["status"]) => relaxations.flatMap(([name, own]) => (own === status ? [name] : []));
	const [helping, unknown] = [named("found"), named("stopped")];
	const rest = unknown.length === 0 ? "" : `; of ${unknown.join(", ")} there was no time to tell`;
	return {
		status: "infeasible",
		bound: "combination",
		detail:
			helping.length > 0
				? `each bound can be met, not all together; without the bound on ${helping.join(", or ")} there is a configuration${rest}`
				: unknown.length > 0
					? `each bound can be met, not all together${rest}`
					: "each bound can be met, but not even three of them together",
	};
}

function alone(bound: Infeasible["bound"], best: number, limit: number, said: string): Infeasible {
	return { status: "infeasible", bound, detail: `${best} against ${limit} ${said}`, best, limit };
}
