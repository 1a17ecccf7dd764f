import { InputError } from "../errors.js";
import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { Kind } from "../units.js";

/** Power of an idle replica of a cell, W. */
export type IdleOf = (cell: EvidenceCell) => { readonly idle_power_w: number; readonly kind: Kind };

/**
 * A stage's profile from measured cells of one population: a point for each cell that has no flag. The energy of a batch
 * keeps its kind and, where the cell was repeated, its standard error; the idle power is the caller's, with its own kind.
 *
 * @param cells of one variant, allocation and batch each; cells that differ in another knob alone are refused
 * @throws InputError naming the cell that has no latency or accuracy, or that repeats another
 */
export function evidenceStage(name: string, cells: readonly EvidenceCell[], idleOf: IdleOf): StageProfile {
	const seen = new Set<string>();
	const points = cells
		.filter(({ flags }) => flags.length === 0)
		.map((cell): ProfilePoint => {
			const { dataset, line, variant, allocation, batch, latency_s, accuracy_pct, throughput_rps, energy } = cell;
			const at = { file: dataset, line };
			if (latency_s === undefined)
				throw new InputError({ ...at, field: "latency_s", rule: "must be there for a profile" });
			if (accuracy_pct === undefined)
				throw new InputError({ ...at, field: "accuracy_pct", rule: "must be there for a profile" });
			const key = JSON.stringify([variant, allocation, batch]);
			if (seen.has(key))
				throw new InputError({ ...at, rule: "must be the one cell of its variant, allocation and batch", value: key });
			seen.add(key);
			return {
				variant,
				accuracy_pct,
				cores: allocation,
				batch,
				latency_s,
				throughput_rps: throughput_rps ?? batch / latency_s,
				kind: cell.kind,
				...(energy.status === "available" ? { energy: { ...profileEnergy(cell, energy), ...idle(idleOf(cell)) } } : {}),
			};
		});
	const [first] = points;
	if (first === undefined) throw new InputError({ file: name, rule: "must have at least one cell without a flag" });
	return { name, points, initial_variant: first.variant, initial_cores: first.cores };
}

function profileEnergy(
	{ batch, repetitions }: EvidenceCell,
	energy: Extract<EvidenceCell["energy"], { status: "available" }>,
) {
	const { energy_sd_j_per_request: sd, energy_j_per_batch, kind } = energy;
	return {
		energy_j_per_batch,
		kind,
		...(sd === undefined || repetitions === undefined || repetitions < 2
			? {}
			: { energy_se_j_per_batch: (batch * sd) / Math.sqrt(repetitions) }),
	};
}

function idle({ idle_power_w, kind }: ReturnType<IdleOf>) {
	return { idle_power_w, idle_kind: kind };
}

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
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const { spec } = await pipeline.readPreset("video");
 * const options = { machine: "server(eiger-1)", idleShare: 0.5, arrival_rate_rps: 20 };
 * const { stages } = pipeline.edgetunePipeline(edgetune, spec, options);
 * stages[0].points.every(({ energy }) => energy.kind === "measured"); // → true
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

/** How the measured stages are asked. */
export interface VideoGpuOptions {
	readonly precision: "fp32" | "fp16";
	/** Power of a GPU with its model loaded and no work, by the sweep's own idle windows, W. */
	readonly idle_power_w: number;
	readonly arrival_rate_rps: number;
	/** Weight of energy in the objective, 1/J. */
	readonly delta?: number;
}

/** `unavailable`: a stage has no cell without a flag that has an energy. */
export type VideoGpuPipeline =
	| {
			readonly status: "built";
			readonly spec: PipelineSpec;
			/** Cells of the precision, alone on the GPU, that have a flag or no energy: no points of the profile. */
			readonly leftOut: number;
			/** Largest share of a batch's time that is not its latency: drawing images, the program's loop; 0..1. */
			readonly beyondLatency: number;
	  }
	| { readonly status: "unavailable"; readonly reason: string };

/**
 * The Video pipeline with every latency and energy measured on a GPU: two stages, a replica is one GPU, cost counts
 * GPUs. The energy of a batch is gross, by the GPU's counter; the idle power is measured too, so that the energy of a
 * request has the kind `measured` throughout. Weights are those of the pipeline given; IPA's prices are of cores and
 * are left out. Accuracies are published ones.
 *
 * The energy of a batch holds the drawing of its images, which its latency does not: at most `beyondLatency` of it, and
 * that share of the idle power counts twice where a replica is busy.
 *
 * @param video the Video pipeline, for its stages' variants, its weights and its accuracy method
 */
export function videoGpuPipeline(
	{ cells, provenance }: Evidence,
	video: PipelineSpec,
	{ precision, idle_power_w, arrival_rate_rps, delta = 0 }: VideoGpuOptions,
): VideoGpuPipeline {
	const alone = cells.filter(({ knobs }) => knobs.precision === precision && knobs.tenants === 1);
	const usable = alone.filter(({ energy, flags }) => energy.status === "available" && flags.length === 0);
	const stages = video.stages.map(({ name, points }) => {
		const variants = groupBy(points, ({ variant }) => variant);
		return { name, own: usable.filter(({ variant }) => variants.has(variant)) };
	});
	const empty = stages.find(({ own }) => own.length === 0);
	if (empty !== undefined)
		return {
			status: "unavailable",
			reason: `the stage ${empty.name} has no cell in ${precision} with an energy and without a flag`,
		};
	const single = new Set(stages.flatMap(({ own }) => own));
	const { prices: _, ...unpriced } = video;
	return {
		status: "built",
		leftOut: alone.filter((cell) => !cell.variant.includes("+") && !single.has(cell)).length,
		beyondLatency: Math.max(...[...single].map(beyondLatency)),
		spec: {
			...unpriced,
			name: `Video in ${precision} on ${provenance.hardware}`,
			stages: stages.map(({ name, own }) => evidenceStage(name, own, () => ({ idle_power_w, kind: "measured" }))),
			allocation_mode: "variable",
			only_measured_profiles: true,
			arrival_rate_rps,
			weights: { ...video.weights, delta },
		},
	};
}

function beyondLatency({ batch, latency_s, throughput_rps }: EvidenceCell): number {
	if (latency_s === undefined || throughput_rps === undefined) return 0;
	return Math.max(0, 1 - (latency_s * throughput_rps) / batch);
}
