import type { Comparison, GurobiComparison, StateDifferences } from "../ipa/compareIpa.js";
import type { SimulatorComparison } from "../ipa/compareSimulator.js";
import type { PublishedFigure } from "../levers/publishedLevers.js";
import type { LeftOutError } from "../profiles/latencyModel.js";
import type { ProfileReport, SlaComparison, StageReport } from "../profiles/profileReport.js";
import type { PublishedComparison } from "../published/comparePublished.js";
import type { WeightsComparison } from "../published/compareServing.js";
import type { ToleranceCheck } from "../published/tolerances.js";
import { decimals, percent, significant } from "./format.js";

/** No metric differs by more than 1e-9, no configuration is unknown here, and the feasible ones are the same. */
export function agrees({ all, feasible }: SimulatorComparison): boolean {
	const same = ({ unknown, largest }: StateDifferences) =>
		unknown.length === 0 && Object.values(largest).every((difference) => difference <= 1e-9);
	if (all !== undefined && !same(all.differences)) return false;
	if (feasible === undefined) return true;
	if (feasible.notHere > 0 || !same(feasible.differences)) return false;
	return feasible.status === "cut" || feasible.ours === feasible.ipa;
}

/** What a run of IPA's simulator beside ours came to, a line each. */
export function simulatorSentences({ pipeline, rows, all, feasible, gurobi, python }: SimulatorComparison): string[] {
	const said = [`${pipeline}: IPA's simulator (Python ${python}) beside ours, ${rows} configurations here`];
	const differences = ({ unknown, largest }: StateDifferences) => [
		...Object.entries(largest).map(
			([name, difference]) => `  ${name.padEnd(15)} largest difference ${difference.toExponential(1)}`,
		),
		...unknown.slice(0, 5).map((row) => `  not in our space: ${row}`),
	];
	const times = ({ ipa_s, ours_s, ratio }: { ipa_s: number; ours_s: number; ratio: number }) =>
		`  ${decimals(3)(ipa_s)} s by IPA, its tables written; ${decimals(2)(1000 * ours_s)} ms here, without tables; a configuration ${decimals(0)(ratio)} times faster`;
	if (all !== undefined)
		said.push(`all: ${all.differences.states} compared`, ...differences(all.differences), times(all.times));
	if (feasible !== undefined) {
		const { ipa, notHere } = feasible;
		said.push(
			feasible.status === "cut"
				? `feasible: the first ${ipa} by IPA, cut at num_state_limit; ${notHere} of them infeasible here`
				: `feasible: ${feasible.ours} here, ${ipa} by IPA, ${notHere} of them infeasible here; best objective ${feasible.best.ours ?? "none"} here, ${feasible.best.ipa ?? "none"} by IPA`,
			...differences(feasible.differences),
		);
		if (feasible.status === "whole") said.push(times(feasible.times));
	}
	return gurobi === undefined ? said : [...said, ...gurobiSentences(gurobi)];
}

/** IPA's Gurobi decision beside the optimum. */
export function gurobiSentences(gurobi: GurobiComparison): string[] {
	if (gurobi.status !== "answered") return [`Gurobi: ${gurobi.status}: ${gurobi.reason}`];
	const { objective, seconds, over_sla_s, loosened_s } = gurobi;
	return [
		`Gurobi by IPA: objective ${objective.ipa} in ${decimals(1)(1000 * seconds.ipa)} ms; the published model's optimum here: ${objective.published ?? "infeasible"} in ${decimals(2)(1000 * seconds.ours)} ms (${decimals(0)(seconds.ipa / seconds.ours)} times)`,
		`  IPA's queue term loosens its SLA by ${decimals(3)(loosened_s)} s; its choice ${over_sla_s > 0 ? `misses the SLA by ${decimals(3)(over_sla_s)} s` : "keeps the SLA"}`,
	];
}

/** What a run of IPA's own model beside ours came to, a line each. */
export function ipaSentences({
	pipeline,
	rows,
	differences,
	rowsPerSecond,
	feasible,
	gurobi,
	sla_s,
}: Comparison): string[] {
	const { ours, ipa } = rowsPerSecond;
	const said = [
		`${pipeline}: ${differences.states} of ${rows} configurations compared, SLA ${decimals(6)(sla_s.ours)} s (IPA ${decimals(6)(sla_s.ipa)} s)`,
		...Object.entries(differences.largest).map(
			([name, difference]) => `  ${name.padEnd(15)} largest difference ${difference.toExponential(1)}`,
		),
		...differences.unknown.slice(0, 5).map((row) => `  not in our space: ${row}`),
		`rows a second: ${decimals(0)(ours)} here, ${decimals(0)(ipa)} by IPA: ${decimals(0)(ours / ipa)} times`,
	];
	if (feasible !== undefined)
		said.push(
			`feasible: ${feasible.ours} here, ${feasible.ipa} by IPA; best objective ${feasible.best.ours ?? "none"} here, ${feasible.best.ipa ?? "none"} by IPA`,
		);
	return gurobi === undefined ? said : [...said, ...gurobiSentences(gurobi)];
}

/** IPA's published runs, weights and tolerances beside ours, a line each. */
export function publishedLines(
	runs: readonly PublishedComparison[],
	weights: readonly WeightsComparison[],
	checks: readonly ToleranceCheck[],
): string[] {
	return [...runLines(runs), ...weightLines(weights), ...checks.map(checkLine)];
}

function runLines(runs: readonly PublishedComparison[]): string[] {
	return [
		"figure                   pipeline   window       system     cores: published    ours  ratio   accuracy: published    ours  difference",
		...runs.map(
			({ figure, pipeline, workload, system, published, ours, cost_ratio, accuracy_difference }) =>
				`${figure.padEnd(24)} ${pipeline.padEnd(10)} ${workload.padEnd(12)} ${system.padEnd(10)} ${decimals(2)(published.cost_cores).padStart(16)} ${decimals(2)(ours.cost_cores).padStart(7)}  ${decimals(3)(cost_ratio)} ${decimals(3)(published.accuracy).padStart(21)} ${decimals(3)(ours.accuracy).padStart(7)} ${decimals(3)(accuracy_difference).padStart(11)}`,
		),
	];
}

function weightLines(weights: readonly WeightsComparison[]): string[] {
	return weights.map(
		({ figure, pipeline, case: name, alpha, beta, published, ours }) =>
			`${figure}, ${pipeline}, ${name} (alpha ${alpha}, beta ${beta}): ${decimals(2)(published.cost_cores)} cores published, ours ${decimals(2)(ours.cost_cores)} (${decimals(2)(ours.cheapest_cores)} to ${decimals(2)(ours.dearest_cores)} over equal optima); accuracy ${decimals(3)(published.accuracy)}, ours ${decimals(3)(ours.accuracy)}`,
	);
}

function checkLine({ what, met, count, of, needed, worst, worst_off }: ToleranceCheck): string {
	return `${met ? "met   " : "MISSED"} ${what}: ${count} of ${of} (${needed} needed); farthest ${worst} (${significant(worst_off, 3)})`;
}

/** How a derived profile compares with what IPA published, a line each. */
export function profileLines(name: string, { stages, sla_s, tables }: ProfileReport): string[] {
	return [
		`${name}: end-to-end ${slaText(sla_s)}`,
		...stages.flatMap(stageLines),
		...tables.map(
			({ table, entity, unit, published, derived, kind }) =>
				`  ${table}, ${entity}: ${derived === undefined ? "none" : decimals(0)(derived)} ${unit}, ${kind}; the paper's ${published ?? "none"}`,
		),
	];
}

function stageLines(stage: StageReport): string[] {
	const { measured, modelled, statistic, withoutCells, borrowed, sla_s } = stage;
	return [
		`  ${stage.stage}: ${measured} measured cells (${statistic}), ${modelled} modelled; no cell: ${withoutCells.join(", ") || "none"}`,
		...(borrowed === undefined ? [] : [`    borrowed: ${borrowed}`]),
		`    model error, a cell left out: ${errorText(stage.leaveCellOut)}; a variant left out: ${errorText(stage.leaveVariantOut)}`,
		`    base allocations, derived (printed, exact): ${stage.baseAllocations.map(({ variant, derived, printed, exact }) => `${variant} ${derived ?? "none"} (${printed ?? "none"}, ${exact ?? "none"})`).join(", ")}`,
		`    stage ${slaText(sla_s)}`,
	];
}

function slaText({ derived, derivedToEightCores, ipa, printed }: SlaComparison): string {
	const [whole, eight, theirs, shown] = [derived, derivedToEightCores, ipa, printed].map(decimals(2));
	return `SLA: ${whole} s derived, ${eight} s on up to 8 cores; IPA's ${theirs} s, printed as ${shown} s`;
}

function errorText(error: LeftOutError): string {
	if (!("median" in error)) return "none can be";
	return `median ${percent(error.median, 0)}, 90th percentile ${percent(error.p90, 0)}, worst ${percent(error.worst, 0)} (${error.count} cells)`;
}

/** Published figures of levers beside ours, and how many hold. */
export function leversText(figures: readonly PublishedFigure[]): string {
	const number = (value: number | undefined) => (value === undefined ? "-" : significant(value));
	const lines = figures.map(({ system, figure, unit, published, ours, tolerance, status, reason }) => {
		const within = tolerance === undefined ? "" : ` (within ${number(tolerance)})`;
		const why = reason === undefined ? "" : `: ${reason}`;
		return `${system}, ${figure}: published ${number(published)}${unit === "1" ? "" : ` ${unit}`}, ours ${number(ours)}${within}: ${status}${why}`;
	});
	const count = (status: PublishedFigure["status"]) => figures.filter((each) => each.status === status).length;
	return `${lines.join("\n")}\n\n${count("pass")} hold, ${count("fail")} fail, ${count("not comparable")} not comparable, ${count("not reproducible")} not reproducible`;
}
