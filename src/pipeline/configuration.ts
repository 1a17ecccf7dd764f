import { type Kind, weakestKind } from "../units.js";
import { type StageEnergy, stageEnergy } from "./energy.js";
import { misses, objectiveValue, pipelineAccuracy, slaLimit } from "./objective.js";
import type { PipelineOptions, StageOption } from "./options.js";
import type { ProfileEnergy } from "./profile.js";
import type { PipelineSpec, SharedNode } from "./spec.js";

/**
 * Which measurement an option rests on: stages that run the same variant, cores and batch with the same latency and
 * energy were given one cell, whose error they share.
 */
export function cellKey({
	variant,
	cores,
	batch,
	latency_s,
	energy,
}: Pick<StageOption, "variant" | "cores" | "batch" | "latency_s" | "energy">): string {
	return JSON.stringify([variant, cores, batch, latency_s, energy]);
}

/** What one stage runs: an option by its index, and replicas. */
export interface StageChoice {
	readonly option: number;
	readonly replicas: number;
}

/** Energy of a configuration and of the node under it. */
export interface EnergyWithFloor {
	readonly power_w: number;
	readonly energy_j_per_request: number;
	/** Where both the replicas' and the floor's error are known. */
	readonly energy_se_j_per_request?: number;
	readonly kind: Kind;
}

/** Energy of a configuration at the arrival rate, or why it has none. */
export type ConfigurationEnergy =
	| {
			readonly status: "available";
			/** Weakest kind among the stages' batch energies, idle powers and latencies, which say how long they idle. */
			readonly kind: Kind;
			/** Weakest kind among the batch energies alone: of the marginal energy, which has no idle share. */
			readonly marginal_kind: Kind;
			readonly energy_j_per_request: number;
			readonly marginal_j_per_request: number;
			readonly dynamic_j_per_request: number;
			readonly power_w: number;
			/** Standard error of energy_j_per_request: cells are independent, stages of one cell or one error_source share its error; absent where a stage has none. */
			readonly energy_se_j_per_request?: number;
			/**
			 * The same with the whole floor of the spec's node charged to this pipeline; absent where the spec names none.
			 * All of the above is without the floor, which is paid whatever is chosen.
			 */
			readonly with_floor?: EnergyWithFloor;
	  }
	| { readonly status: "unavailable"; readonly reason: string };

/** A configuration of the pipeline with all its metrics. */
export interface Configuration {
	readonly stages: readonly (Pick<StageOption, "variant" | "cores" | "batch" | "latency_s"> & {
		readonly stage: string;
		readonly replicas: number;
		/** Absent where the option has no energy, or no requests arrive. */
		readonly energy?: StageEnergy & { readonly kind: Kind };
	})[];
	readonly accuracy: number;
	/** Model latencies and queueing, s. */
	readonly latency_s: number;
	readonly throughput_rps: number;
	/** Allocated cores over all replicas. */
	readonly cost_cores: number;
	readonly objective: number;
	readonly energy: ConfigurationEnergy;
	/** Weakest kind among the latencies. */
	readonly kind: Kind;
	/** Every stage carries the arrival rate and the latency is within the SLA. */
	readonly feasible: boolean;
}

/**
 * All metrics of a choice, one StageChoice a stage.
 *
 * @example
 * const options = pipeline.pipelineOptions((await pipeline.readPreset("sum-qa")).spec);
 * const lightest = pipeline.configuration(options, [{ option: 0, replicas: 1 }, { option: 0, replicas: 2 }]);
 * lightest.cost_cores; // → 3
 */
export function configuration(pipeline: PipelineOptions, choice: readonly StageChoice[]): Configuration {
	const { spec } = pipeline;
	const chosen = choice.map(({ option, replicas }, s) => {
		const stage = pipeline.stages[s];
		const found = stage?.options[option];
		if (stage === undefined || found === undefined)
			throw new RangeError(`stage ${s} has no option ${option} (${stage?.options.length ?? 0} options)`);
		return { ...found, stage: stage.name, replicas };
	});
	const accuracy = pipelineAccuracy(
		spec.accuracy_method,
		chosen.map((stage) => stage.accuracy),
	);
	let latency_s = 0;
	let cost_cores = 0;
	let batches = 0;
	let throughput_rps = Number.POSITIVE_INFINITY;
	for (const stage of chosen) {
		latency_s += stage.latency_s + stage.queueing_s;
		cost_cores += stage.cores * stage.replicas;
		batches += stage.batch;
		throughput_rps = Math.min(throughput_rps, stage.throughput_rps * stage.replicas);
	}
	const energy = configurationEnergy(chosen, spec);
	const energy_j = energy.status === "available" ? energy.energy_j_per_request : Number.POSITIVE_INFINITY;
	return {
		stages: chosen.map(({ stage, variant, cores, batch, latency_s: own, service_s, kind, replicas, energy: cell }) => ({
			stage,
			variant,
			cores,
			batch,
			latency_s: own,
			replicas,
			...(cell === undefined || spec.arrival_rate_rps === 0
				? {}
				: {
						energy: {
							...stageEnergy(cell, { latency_s: service_s, batch, replicas }, spec.arrival_rate_rps),
							kind: weakestKind(kindsOf(cell, kind)),
						},
					}),
		})),
		accuracy,
		latency_s,
		throughput_rps,
		cost_cores,
		objective: objectiveValue(spec.weights, accuracy, cost_cores, batches, energy_j),
		energy,
		kind: weakestKind(chosen.map(({ kind }) => kind)),
		feasible: throughput_rps >= spec.arrival_rate_rps && !misses(latency_s, slaLimit(pipeline)),
	};
}

function configurationEnergy(
	chosen: readonly (StageOption & { readonly stage: string; readonly replicas: number })[],
	{ arrival_rate_rps: rate_rps, node }: PipelineSpec,
): ConfigurationEnergy {
	if (rate_rps === 0) return { status: "unavailable", reason: "no requests arrive, so there is no energy per request" };
	const kinds: Kind[] = [];
	const marginalKinds: Kind[] = [];
	let power_w = 0;
	let marginal = 0;
	let dynamic = 0;
	const errors = new Map<string, number>();
	let known = true;
	for (const option of chosen) {
		const { stage, variant, cores, batch, service_s, kind, replicas, energy } = option;
		if (energy === undefined)
			return { status: "unavailable", reason: `${stage}: ${variant} on ${cores} cores, batch ${batch} has no energy` };
		const own = stageEnergy(energy, { latency_s: service_s, batch, replicas }, rate_rps);
		kinds.push(...kindsOf(energy, kind));
		marginalKinds.push(energy.kind);
		power_w += own.power_w;
		marginal += own.marginal_j_per_request;
		dynamic += own.dynamic_j_per_request;
		const se = own.energy_se_j_per_request;
		if (se === undefined) known = false;
		else {
			const source = energy.error_source ?? cellKey(option);
			errors.set(source, (errors.get(source) ?? 0) + se);
		}
	}
	const kind = weakestKind(kinds);
	const error = known ? { energy_se_j_per_request: Math.hypot(...errors.values()) } : {};
	return {
		status: "available",
		kind,
		marginal_kind: weakestKind(marginalKinds),
		energy_j_per_request: power_w / rate_rps,
		marginal_j_per_request: marginal,
		dynamic_j_per_request: dynamic,
		power_w,
		...error,
		...(node === undefined
			? {}
			: { with_floor: withFloor(node, power_w, rate_rps, kind, error.energy_se_j_per_request) }),
	};
}

function withFloor(
	{ floor_w, floor_se_w, kind: floorKind }: SharedNode,
	replicas_w: number,
	rate_rps: number,
	kind: Kind,
	se_j: number | undefined,
): EnergyWithFloor {
	const power_w = floor_w + replicas_w;
	return {
		power_w,
		energy_j_per_request: power_w / rate_rps,
		...(se_j === undefined || floor_se_w === undefined
			? {}
			: { energy_se_j_per_request: Math.hypot(se_j, floor_se_w / rate_rps) }),
		kind: weakestKind([kind, floorKind]),
	};
}

function kindsOf({ kind, idle_kind }: ProfileEnergy, latency: Kind): Kind[] {
	return [kind, idle_kind ?? kind, latency];
}

/** `yolov5n (1 core, batch 4) x 2, resnet18 (1 core, batch 1) x 1`. `resource`: what an allocation is of. */
export function describeConfiguration({ stages }: Pick<Configuration, "stages">, resource = "core"): string {
	return stages
		.map(
			({ variant, cores, batch, replicas }) =>
				`${variant} (${cores} ${cores === 1 ? resource : `${resource}s`}, batch ${batch}) x ${replicas}`,
		)
		.join(", ");
}
