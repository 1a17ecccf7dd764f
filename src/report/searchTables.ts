import { groupBy } from "../group.js";
import type { Configuration } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { optimize } from "../search/optimum.js";
import { paretoFront } from "../search/pareto.js";
import { choiceColumns, columnQuantiles, configurationAt, feasibleRows, summarise } from "../search/query.js";
import { type SpaceChunk, spaceSize } from "../search/space.js";
import { weakestKind } from "../units.js";
import type { FrameValue } from "./frames.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import { scatterByGroup } from "./scatter.js";

/** Where the latencies of the Video pipeline come from, for captions. */
const profileSource =
	"IPA's published measurements (data/raw/ipa-profiles); missing cells modelled, see docs/published.md and docs/profiles.md";

/** Rows of a space, whole, for a frame: a slice, a front, a sample. Not for the space itself, which stays in columns. */
export function configurationRows(
	pipeline: PipelineOptions,
	{ from }: SpaceChunk,
	rows: Int32Array,
): Record<string, FrameValue>[] {
	return [...rows].map((row) => {
		const { stages, energy, ...metrics } = configurationAt(pipeline, from + row);
		const knobs = stages.flatMap(({ variant, cores, batch, replicas }, s) => {
			const name = pipeline.spec.stages[s]?.name ?? `stage ${s}`;
			return [
				[`${name} variant`, variant],
				[`${name} cores`, cores],
				[`${name} batch`, batch],
				[`${name} replicas`, replicas],
			] as const;
		});
		return {
			...Object.fromEntries(knobs),
			accuracy: metrics.accuracy,
			latency_s: metrics.latency_s,
			throughput_rps: metrics.throughput_rps,
			cost_cores: metrics.cost_cores,
			objective: metrics.objective,
			energy_j_per_request: energy.status === "available" ? energy.energy_j_per_request : "unavailable",
			kind: metrics.kind,
		};
	});
}

/** Rows for a table: for each variant of each stage how many feasible configurations use it, and what they cost. */
export function costByVariant(pipeline: PipelineOptions, space: SpaceChunk): Record<string, string | number>[] {
	const feasible = feasibleRows(space);
	return pipeline.spec.stages.flatMap(({ name }, stage) => {
		const { variant, variants } = choiceColumns(pipeline, space, stage);
		const groups = summarise(space, feasible, "cost_cores", (row) => variant[row] as number);
		return groups.map(({ group, count, min, mean, max }) => ({
			stage: name,
			variant: variants[group] ?? "",
			feasible: count,
			"least cost (cores)": min,
			"mean cost (cores)": Number(mean.toPrecision(4)),
			"most (cores)": max,
		}));
	});
}

/** The best configuration at an arrival rate, or undefined where none is feasible. */
export interface OptimumAtLoad {
	readonly rate_rps: number;
	readonly configuration?: Configuration;
	readonly infeasible?: string;
}

/** The optimum at each arrival rate, requests/s. */
export function optimaByLoad(spec: PipelineSpec, rates_rps: readonly number[]): OptimumAtLoad[] {
	return rates_rps.map((rate_rps) => {
		const found = optimize({ ...spec, arrival_rate_rps: rate_rps });
		return found.status === "optimal"
			? { rate_rps, configuration: found.configuration }
			: { rate_rps, infeasible: found.detail };
	});
}

/** Rows for a table: what is chosen as the load grows. */
export function optimaRows(optima: readonly OptimumAtLoad[]): Record<string, string | number>[] {
	return optima.map(({ rate_rps, configuration, infeasible }) => ({
		"load (1/s)": rate_rps,
		configuration:
			configuration === undefined
				? `none: ${infeasible}`
				: configuration.stages
						.map(({ variant, cores, batch, replicas }) => `${variant} (${cores} cores, batch ${batch}) x ${replicas}`)
						.join(", "),
		"cost (cores)": configuration?.cost_cores ?? "",
		"latency (s)": configuration === undefined ? "" : Number(configuration.latency_s.toPrecision(4)),
		accuracy: configuration === undefined ? "" : Number(configuration.accuracy.toPrecision(4)),
		kind: configuration?.kind ?? "",
	}));
}

/** A metric of the optimum as the load grows, for each accuracy weight. */
export function optimaLines(
	spec: PipelineSpec,
	rates_rps: readonly number[],
	alphas: readonly number[],
	metric: "cost_cores" | "latency_s" | "accuracy",
): Figure {
	const labels = {
		cost_cores: "cost (cores)",
		latency_s: "latency (s)",
		accuracy: "accuracy (as the objective counts it)",
	};
	return lines({
		title: `The optimum's ${labels[metric]} as the load grows`,
		caption: `${spec.name}; alpha: weight of accuracy beside ${spec.weights.beta} for a core (the pipeline's own: ${spec.weights.alpha}). Where a line has no marker, nothing is feasible.`,
		kind: "modelled",
		source: profileSource,
		x: "arrival rate (1/s)",
		y: labels[metric],
		points: true,
		lines: alphas.map((alpha) => {
			const feasible = optimaByLoad({ ...spec, weights: { ...spec.weights, alpha } }, rates_rps).flatMap(
				({ rate_rps, configuration }) =>
					configuration === undefined ? [] : [{ rate_rps, value: configuration[metric] }],
			);
			return {
				name: `alpha ${alpha}`,
				x: feasible.map(({ rate_rps }) => rate_rps),
				y: feasible.map(({ value }) => value),
			};
		}),
	});
}

const metrics = {
	accuracy: "accuracy (as the objective counts it)",
	latency_s: "latency (s)",
	throughput_rps: "throughput (1/s)",
	cost_cores: "cost (cores)",
	objective: "objective",
} as const;

/** Rows for a table: the metrics' quantiles over the feasible configurations. */
export function spaceRows(space: SpaceChunk): Record<string, string | number>[] {
	const feasible = feasibleRows(space);
	return (Object.keys(metrics) as (keyof typeof metrics)[]).map((metric) => {
		const [min, q1, median, q3, max] = columnQuantiles(space, feasible, metric, [0, 0.25, 0.5, 0.75, 1]).map((value) =>
			Number(value.toPrecision(4)),
		) as [number, number, number, number, number];
		return { metric: metrics[metric], min, "1st quartile": q1, median, "3rd quartile": q3, max };
	});
}

/** What a space is, in a paragraph and a list: its size, what constrains it, and of each stage the cores and the kinds. */
export function spaceSentence(pipeline: PipelineOptions, space: SpaceChunk): string {
	const { rows, bytes } = spaceSize(pipeline);
	const feasible = feasibleRows(space).length;
	const { arrival_rate_rps } = pipeline.spec;
	return [
		`${rows.toLocaleString("en")} configurations (${Math.round(bytes / 1e6)} MB as columns); ${feasible.toLocaleString("en")} carry ${arrival_rate_rps} requests/s within the SLA of ${pipeline.sla_s.toFixed(2)} s. A configuration with one modelled latency is modelled.`,
		"",
		...pipeline.stages.map(({ name, options }) => {
			const cores = [...groupBy(options, ({ variant }) => variant)].map(
				([variant, own]) => `${variant} ${[...new Set(own.map((option) => option.cores))].join(", ")}`,
			);
			const measured = options.filter(({ kind }) => kind === "measured").length;
			return `- ${name}: cores ${cores.join("; ")}. ${measured} of ${options.length} latencies measured.`;
		}),
	].join("\n");
}

/** The front of cost, latency and accuracy among the feasible configurations. */
export function spaceFront(pipeline: PipelineOptions, space: SpaceChunk): Figure {
	const front = paretoFront(space, feasibleRows(space), [
		{ column: "cost_cores", better: "less" },
		{ column: "latency_s", better: "less" },
		{ column: "accuracy", better: "more" },
	]);
	const points = [...front].map((row) => configurationAt(pipeline, row));
	return scatterByGroup({
		title: "Front of cost, latency and accuracy",
		caption: `${pipeline.spec.name} at ${pipeline.spec.arrival_rate_rps} requests/s: ${points.length} configurations that no other beats on all three.`,
		kind: weakestKind(points.map(({ kind }) => kind)),
		source: profileSource,
		x: "cost (cores)",
		y: "latency (s)",
		colourTitle: "first stage",
		markerTitle: "last stage",
		points: points.map(({ stages, cost_cores, latency_s, accuracy }) => ({
			x: cost_cores,
			y: latency_s,
			colour: stages[0]?.variant ?? "",
			marker: stages.at(-1)?.variant ?? "",
			hover: `${stages.map(({ variant, batch, replicas }) => `${variant} batch ${batch} x ${replicas}`).join(", ")}; accuracy ${accuracy.toFixed(2)}`,
		})),
	});
}
