import { groupBy } from "../../group.js";
import type { PipelineOptions } from "../../pipeline/options.js";
import { paretoFront } from "../../search/pareto.js";
import { columnQuantiles, feasibleRows } from "../../search/query.js";
import { configurationAt } from "../../search/rowChoice.js";
import { type SpaceChunk, spaceSize } from "../../search/space.js";
import { weakestKind } from "../../units.js";
import type { Figure } from "../figure.js";
import { scatterByGroup } from "../plots/scatterByGroup.js";
import { profileSource } from "./profileSource.js";

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
