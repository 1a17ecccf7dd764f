import { readBusNetwork } from "../datasets/publishedTables.js";
import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import {
	networkRequests,
	type QueueResult,
	remainingSlo,
	type ServingStep,
	scaleInPlace,
	scaleOut,
	serveByDeadline,
} from "../scaling/sponge.js";
import { spongeRunModel } from "./publishedLevers.js";
import { type Spread, spreadOf } from "./timeAndPlace.js";

/** What a replica's energy does when its cores grow in place, on measured cells that differ in nothing else. */
export interface CoresInPlace {
	readonly dataset: string;
	readonly hardware: string;
	readonly variant: string;
	readonly batch: number;
	readonly from_cores: number;
	readonly to_cores: number;
	/** Latency and energy of a request on the larger allocation, over those on the smaller. */
	readonly latency_ratio: number;
	readonly energy_ratio: number;
}

/**
 * Every pair of neighbouring allocations of a dataset that has measured energies and no flag. A machine that scales out
 * instead would have the smaller allocation's energy a request, several times at once.
 */
export function coresInPlace({ dataset, cells }: Evidence): CoresInPlace[] {
	const usable = cells.filter(
		({ flags, energy, latency_s }) => flags.length === 0 && energy.status === "available" && latency_s !== undefined,
	);
	const alike = ({
		allocation: _,
		latency_s: __,
		throughput_rps: ___,
		energy: ____,
		line: _____,
		repetitions,
		accuracy_pct,
		...rest
	}: EvidenceCell) => JSON.stringify(rest);
	return [...groupBy(usable, alike).values()].flatMap((own) => {
		const ascending = [...own].sort((a, b) => a.allocation - b.allocation);
		return ascending.slice(1).flatMap((larger, k): CoresInPlace[] => {
			const smaller = ascending[k]!;
			if (
				larger.energy.status !== "available" ||
				smaller.energy.status !== "available" ||
				larger.allocation === smaller.allocation
			)
				return [];
			return [
				{
					dataset,
					hardware: larger.hardware,
					variant: larger.variant,
					batch: larger.batch,
					from_cores: smaller.allocation,
					to_cores: larger.allocation,
					latency_ratio: larger.latency_s! / smaller.latency_s!,
					energy_ratio: larger.energy.energy_j_per_request / smaller.energy.energy_j_per_request,
				},
			];
		});
	});
}

/** What a step of cores does on the measured cells of a data set. */
export interface CoresStep {
	readonly dataset: string;
	readonly hardware: string;
	readonly from_cores: number;
	readonly to_cores: number;
	readonly pairs: number;
	/** On the larger allocation over that on the smaller. */
	readonly latency_ratio: Spread;
	readonly energy_ratio: Spread;
	readonly kind: "measured";
}

/**
 * The pairs of `coresInPlace` over several data sets, a row a machine and step of cores.
 *
 * @example
 * const pi = await datasets.readEvidence(`${datasets.dataRoot}/raw/pi5-llm`);
 * const [step] = beyondEnergy.coresSteps([pi]);
 * [step.from_cores, step.to_cores, step.energy_ratio.median < 1]; // → [1, 2, true]
 */
export function coresSteps(evidence: readonly Evidence[]): CoresStep[] {
	const pairs = evidence.flatMap(coresInPlace);
	const steps = groupBy(pairs, ({ dataset, hardware, from_cores, to_cores }) =>
		JSON.stringify([dataset, hardware, from_cores, to_cores]),
	);
	return [...steps.values()].flatMap((own): CoresStep[] => {
		const [first] = own;
		if (first === undefined) return [];
		const { dataset, hardware, from_cores, to_cores } = first;
		return [
			{
				dataset,
				hardware,
				from_cores,
				to_cores,
				pairs: own.length,
				latency_ratio: spreadOf(own.map(({ latency_ratio }) => latency_ratio)),
				energy_ratio: spreadOf(own.map(({ energy_ratio }) => energy_ratio)),
				kind: "measured",
			},
		];
	});
}

/** How a way of scaling served the requests of a bus. */
export interface ScalingSystem extends Pick<QueueResult, "requests" | "core_seconds"> {
	readonly rate_rps: number;
	readonly system: "in place (Sponge)" | "replicas (FA2)" | "static, 16 cores";
	/** Of the requests. */
	readonly late_share: number;
	readonly kind: "modelled";
}

/**
 * In-place scaling, replicas and a static allocation on the same ten minutes of a bus' network, decided anew each second
 * from
 * what that second's network leaves of the SLO, requests served by the earliest deadline. Latencies are those of Sponge's
 * shipped runs, so the violations are simulated. A new replica serves at once, which favours replicas: Sponge's case is
 * that
 * one takes seconds to start.
 *
 * @example
 * const systems = await beyondEnergy.spongeSystems(2);
 * systems.map(({ system }) => system); // → ["in place (Sponge)", "replicas (FA2)", "static, 16 cores"]
 * systems[0].core_seconds < systems[2].core_seconds; // → true
 */
export async function spongeSystems(rate_rps = 20, image_kib = 284, slo_ms = 1000): Promise<ScalingSystem[]> {
	const remaining = remainingSlo((await readBusNetwork()).slice(0, 600), image_kib, slo_ms);
	const requests = networkRequests(remaining, { slo_ms, rate_rps });
	const common = { model: spongeRunModel, slo_ms, rate_rps, max_cores: 16, max_batch: 16 };
	const held = (choose: (remaining_slo_ms: number) => Omit<ServingStep, "from_ms"> | undefined) => {
		let last: Omit<ServingStep, "from_ms"> = { replicas: 1, cores: 16, batch: 1 };
		return remaining.map((remaining_slo_ms, second): ServingStep => {
			last = choose(remaining_slo_ms) ?? last;
			return { from_ms: 1000 * second, ...last };
		});
	};
	const systems: readonly (readonly [ScalingSystem["system"], readonly ServingStep[]])[] = [
		[
			"in place (Sponge)",
			held((remaining_slo_ms) => {
				const found = scaleInPlace({ ...common, remaining_slo_ms });
				return found && { replicas: 1, cores: found.cores, batch: found.batch };
			}),
		],
		[
			"replicas (FA2)",
			held((remaining_slo_ms) => {
				const found = scaleOut({ ...common, remaining_slo_ms });
				return found && { replicas: found.replicas, cores: 1, batch: found.batch };
			}),
		],
		["static, 16 cores", [{ from_ms: 0, replicas: 1, cores: 16, batch: 16 }]],
	];
	return systems.map(([system, steps]) => {
		const { requests: count, late, core_seconds } = serveByDeadline(requests, steps, common.model);
		return { rate_rps, system, requests: count, late_share: late / count, core_seconds, kind: "modelled" };
	});
}
