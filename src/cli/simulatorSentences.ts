import type { GurobiComparison, StateDifferences } from "../ipa/compareIpa.js";
import type { SimulatorComparison } from "../ipa/compareSimulator.js";

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
		`  ${ipa_s.toFixed(3)} s by IPA, its tables written; ${(1000 * ours_s).toFixed(2)} ms here, without tables; a configuration ${ratio.toFixed(0)} times faster`;
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
		`Gurobi by IPA: objective ${objective.ipa} in ${(1000 * seconds.ipa).toFixed(1)} ms; the published model's optimum here: ${objective.published ?? "infeasible"} in ${(1000 * seconds.ours).toFixed(2)} ms (${(seconds.ipa / seconds.ours).toFixed(0)} times)`,
		`  IPA's queue term loosens its SLA by ${loosened_s.toFixed(3)} s; its choice ${over_sla_s > 0 ? `misses the SLA by ${over_sla_s.toFixed(3)} s` : "keeps the SLA"}`,
	];
}
