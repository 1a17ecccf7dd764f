import { groupBy } from "../group.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import { describeConfiguration } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { energyFront, tradeOff as tradeOffOf } from "../search/energyFront.js";
import { paretoFront } from "../search/pareto.js";
import { configurationAt, feasibleRows } from "../search/query.js";
import { type SpaceChunk, spaceSize } from "../search/space.js";
import { optimaByLoad } from "../studies/choices.js";
import { weakestKind } from "../units.js";
import { decimals, significant, thousands } from "./format.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import { scatterByGroup } from "./scatter.js";

/** Where the latencies of the Video pipeline come from, for captions. */
const profileSource =
	"IPA's published measurements (data/raw/ipa-profiles); missing cells modelled, see docs/published.md and docs/profiles.md";

/**
 * A metric of the optimum as the load grows, for each accuracy weight.
 *
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const [line] = figures.optimaLines(spec, [20, 1e6], [2], "cost_cores").data;
 * [line.name, line.x]; // → ["alpha 2", [20]]
 */
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
			const feasible = optimaByLoad({ ...spec, weights: { ...spec.weights, alpha } }, rates_rps).flatMap((own) => {
				const value = own[metric];
				return value === undefined ? [] : [{ rate_rps: own.rate_rps, value }];
			});
			return {
				name: `alpha ${alpha}`,
				x: feasible.map(({ rate_rps }) => rate_rps),
				y: feasible.map(({ value }) => value),
			};
		}),
	});
}

/**
 * What a space is, in a paragraph and a list: its size, what constrains it, and of each stage the cores and the kinds.
 *
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2, arrival_rate_rps: 5 };
 * const options = pipeline.pipelineOptions(spec);
 * words.space(options, search.wholeSpace(options)).startsWith("48 configurations (0 MB as columns); 14 carry"); // → true
 */
export function spaceSentence(pipeline: PipelineOptions, space: SpaceChunk): string {
	const { rows, bytes } = spaceSize(pipeline);
	const feasible = feasibleRows(space).length;
	const { arrival_rate_rps } = pipeline.spec;
	return [
		`${thousands(rows)} configurations (${decimals(0, 1e6)(bytes)} MB as columns); ${thousands(feasible)} carry ${arrival_rate_rps} requests/s within the SLA of ${decimals(2)(pipeline.sla_s)} s. A configuration with one modelled latency is modelled.`,
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

/**
 * The front of cost, latency and accuracy among the feasible configurations.
 *
 * @example
 * const spec = { ...(await pipeline.readPreset("sum-qa")).spec, scaling_cap: 2, arrival_rate_rps: 5 };
 * const options = pipeline.pipelineOptions(spec);
 * figures.spaceFront(options, search.wholeSpace(options)).data.map(({ x }) => x); // → [[4], [6], [10], [18]]
 */
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
			hover: `${stages.map(({ variant, batch, replicas }) => `${variant} batch ${batch} x ${replicas}`).join(", ")}; accuracy ${decimals(2)(accuracy)}`,
		})),
	});
}

/**
 * The front of energy and objective, and which of its points some weight of energy makes optimal; or why there is none:
 * energies that nobody measured or modelled, or nothing feasible.
 *
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * figures.tradeOff(spec, "data/published").status; // → "unavailable"
 */
export function tradeOff(spec: PipelineSpec, source: string): Perhaps<Figure> {
	if (spec.stages.some(({ points }) => points.some(({ energy }) => energy === undefined)))
		return unavailable("not every point of the profile has an energy (--model-energy models one)");
	const front = energyFront(spec);
	if (front.status === "infeasible") return unavailable(front.detail);
	const { points: path, knee } = tradeOffOf(front.points);
	const onPath = new Map(path.map((point) => [point.configuration, point]));
	return available(
		scatterByGroup({
			title: "What energy costs in IPA's objective",
			caption: `${spec.name} at ${spec.arrival_rate_rps} requests/s: every configuration that none beats in both; ${path.length} of ${front.points.length} are optimal for some delta. Best: up and to the left.`,
			kind: weakestKind(
				front.points.flatMap(({ configuration: { energy } }) => (energy.status === "available" ? [energy.kind] : [])),
			),
			source,
			x: "energy (J/request)",
			y: "objective without energy",
			colourTitle: "delta",
			markerTitle: "knee",
			points: front.points.map(({ configuration, energy_j_per_request, objective_without_energy }) => {
				const point = onPath.get(configuration);
				return {
					x: energy_j_per_request,
					y: objective_without_energy,
					colour: point === undefined ? "optimal for none" : "optimal for some",
					marker: point !== undefined && point === knee ? "the knee" : "other",
					hover: `${describeConfiguration(configuration)}${point === undefined ? "" : `; delta ${shown(point.delta_from)} to ${shown(point.delta_to)}`}`,
				};
			}),
		}),
	);
}

function shown(delta: number): string {
	return Number.isFinite(delta) ? significant(delta, 3) : "any larger";
}
