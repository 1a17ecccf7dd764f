import type { SystemRow } from "../adaptation/compareSystems.js";
import type { Footprint } from "../carbon/footprint.js";
import type { Configuration } from "../pipeline/configuration.js";
import { describeConfiguration } from "../pipeline/configuration.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { ChoiceStability } from "../search/choiceUnderUncertainty.js";
import type { EnergyFront, EnergySaved, FrontPoint, TradeOff } from "../search/energyFront.js";
import type { Kind } from "../units.js";
import { decimals, percent, significant } from "./format.js";

/** What a pipeline's accuracies are, for the reader of a number without a unit: "sum of the stages' ranks, 0 to 1 each". */
export function accuracyText({ accuracy_method, normalize_accuracy }: PipelineSpec): string {
	return `${accuracy_method} of the stages' ${normalize_accuracy ? "ranks" : "accuracies"}, 0 to 1 each`;
}

/** What a shared node's floor adds to every system's energy over a load, J; nothing where the pipeline names no node. */
export function floorOf({ node }: PipelineSpec, load_rps: ArrayLike<number>): { readonly floor_j?: number } {
	return node === undefined ? {} : { floor_j: node.floor_w * load_rps.length };
}

/**
 * What a shared node's floor comes to over a load, as a sentence: energies of systems are without it. Undefined where the
 * pipeline names no node.
 *
 * @param load_rps requests in each second
 */
export function floorText(spec: PipelineSpec, load_rps: ArrayLike<number>): string | undefined {
	const { node } = spec;
	const { floor_j } = floorOf(spec, load_rps);
	if (node === undefined || floor_j === undefined) return undefined;
	const requests = Array.from(load_rps).reduce((sum, rate) => sum + rate, 0);
	const perRequest = requests === 0 ? "" : `, ${significant(floor_j / requests)} J a request sent`;
	return `Energies, and grams, are without the floor of the node that the replicas share (${significant(node.floor_w)} W, ${node.kind}). Charged to the pipeline it adds the same to every system: ${significant(floor_j / 1000)} kJ over the load${perRequest}.`;
}

/** What a pipeline's space holds, for a reader and for programs. */
export interface SpaceTold {
	readonly configurations: number;
	readonly feasible: number;
	readonly kinds: Partial<Record<Kind, number>>;
	readonly energy_kinds: Partial<Record<Kind, number>>;
	readonly quantiles: Readonly<Record<string, readonly number[]>>;
	readonly front: readonly Configuration[];
	readonly best: readonly Configuration[];
}

/** A space in lines: how many configurations are feasible, their metrics, the front and the best. */
export function spaceText(
	pipeline: PipelineOptions,
	{ configurations, feasible, kinds, energy_kinds, quantiles, front, best }: SpaceTold,
): string {
	return [
		`${pipeline.spec.name}: ${feasible} of ${configurations} configurations carry ${pipeline.spec.arrival_rate_rps} requests/s within ${decimals(3)(pipeline.sla_s)} s; accuracy: ${accuracyText(pipeline.spec)}`,
		`  options of the stages by kind of their latencies: ${kindsText(kinds)}; of their energies: ${kindsText(energy_kinds)}`,
		...Object.entries(quantiles).map(
			([name, five]) => `  ${name}: ${five.map((value) => significant(value)).join("  ")}  (min, quartiles, max)`,
		),
		`front of cost, latency and accuracy: ${front.length} configurations; best by the objective:`,
		...best.map(
			({ stages, objective, cost_cores, latency_s, accuracy, kind }) =>
				`  ${decimals(4)(objective)}  ${stages.map(({ variant, cores, batch, replicas }) => `${variant} ${cores} cores batch ${batch} x${replicas}`).join(" | ")}  cost ${cost_cores}, ${decimals(3)(latency_s)} s, accuracy ${decimals(4)(accuracy)}, ${kind}`,
		),
	].join("\n");
}

function kindsText(counts: Partial<Record<Kind, number>>): string {
	return (
		Object.entries(counts)
			.map(([kind, count]) => `${count} ${kind}`)
			.join(", ") || "unavailable"
	);
}

/** What energy costs in a pipeline's objective, for a reader and for programs. */
export interface TradeOffTold {
	readonly pipeline: string;
	readonly arrival_rate_rps: number;
	readonly front: Exclude<EnergyFront, { readonly status: "infeasible" }>;
	readonly path: TradeOff;
	readonly saved: readonly EnergySaved[];
	readonly stability: ChoiceStability | undefined;
}

/** The same in lines. */
export function tradeoffText({ pipeline, arrival_rate_rps, front, path, saved, stability }: TradeOffTold): string {
	const { energy } = (front.points[0] as FrontPoint).configuration;
	const kind = energy.status === "available" ? energy.kind : "unavailable";
	return [
		`${pipeline} at ${arrival_rate_rps} requests/s, energies ${kind}`,
		`${front.points.length} configurations on the front${front.status === "cut" ? " (cut there)" : ""}, ${path.points.length} of them optimal for some delta (of the objective, per J/request):`,
		...path.points.map(
			(point) =>
				`${point === path.knee ? "knee" : "    "} delta ${show(point.delta_from)} to ${show(point.delta_to)}: ${show(point.energy_j_per_request)} J/request, objective without energy ${significant(point.objective_without_energy, 7)}  ${describeConfiguration(point.configuration)}`,
		),
		...saved.map(
			({ allowedLoss, saved: share, saved_with_floor, point }) =>
				`losing at most ${100 * allowedLoss} % of what the objective weighs saves ${percent(share, 1)} of the energy (${kind}${saved_with_floor === undefined ? "" : `; ${percent(saved_with_floor, 1)} with the node's floor charged`}): ${describeConfiguration(point.configuration)}`,
		),
		...(stability?.status === "unavailable" ? [`choice under uncertainty: unavailable: ${stability.reason}`] : []),
		...(stability?.status === "resampled"
			? [
					`choice under uncertainty: another in ${percent(stability.changed, 1)} of ${stability.resamples} resamples (seed ${stability.seed})`,
				]
			: []),
	].join("\n");
}

function show(value: number): string {
	return Number.isFinite(value) ? significant(value) : "any larger";
}

/** What a system came to over a load, with its emissions where a place and an hour are given and it has an energy. */
export type CarbonRow = SystemRow & { readonly carbon: Footprint | undefined };

/** The same as a line. */
export function systemText({ system, outcome, carbon }: CarbonRow): string {
	if (outcome.status !== "served") return `${system.padEnd(10)} ${outcome.status}: ${outcome.reason}`;
	const { served } = outcome;
	const { energy } = served;
	const joules =
		energy.status === "available"
			? `${decimals(0)(energy.total_j)} J (${energy.kind})${carbon === undefined ? "" : `, ${decimals(1)(carbon.total_g)} g CO2e`}`
			: `unavailable (${energy.reason})`;
	const share = percent(served.violations / served.requests, 2);
	return `${system.padEnd(10)} accuracy ${decimals(3)(served.meanAccuracy)} (${decimals(3)(served.meanAccuracyOverTime)} over time), ${decimals(0)(served.core_seconds)} core-s, ${share} of ${served.requests} requests late or dropped, ${served.changes} changes, ${served.infeasibleSteps} infeasible steps; energy ${joules}`;
}
