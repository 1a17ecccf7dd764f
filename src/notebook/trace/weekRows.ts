import { sum } from "simple-statistics";
import { adaptationDefaults, type SystemRow } from "../../adaptation/compareSystems.js";
import type { Served } from "../../adaptation/serve.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { weakestKind } from "../../units.js";

const week_s = 7 * 24 * 3600;

/**
 * Rows for a table: what each system came to in each week of one run. Accuracy is the mean over the requests, as
 * `serve` has it; a request counts in the week in which it arrived.
 *
 * @param spec the pipeline that the systems served, for the kind of its latencies
 * @param length_s length of a week, s: a whole number of decisions; a last part of one is a row too
 */
export function weekRows(
	{ stages }: PipelineSpec,
	rows: readonly SystemRow[],
	length_s = week_s,
): Record<string, string | number>[] {
	const latencies = weakestKind(stages.flatMap(({ points }) => points.map(({ kind }) => kind)));
	const intervals = length_s / adaptationDefaults.interval_s;
	if (!(Number.isInteger(intervals) && intervals > 0))
		throw new RangeError(
			`a week must be a whole number of decisions of ${adaptationDefaults.interval_s} s, not ${length_s} s`,
		);
	return rows.flatMap(({ system, outcome }): Record<string, string | number>[] => {
		if (outcome.status !== "served") return [{ system, note: `${outcome.status}: ${outcome.reason}` }];
		const { served, steps } = outcome;
		return Array.from({ length: Math.ceil(steps.length / intervals) }, (_, week) => ({
			week: week + 1,
			system,
			...weekOf(served, week * intervals, (week + 1) * intervals),
			"kind: latency, energy": `${latencies}, ${served.energy.status === "available" ? served.energy.kind : "none"}`,
		}));
	});
}

function weekOf(served: Served, from: number, until: number): Record<string, string | number> {
	const { energy, cost_cores, accuracy } = served;
	const requests = served.requestsByInterval.subarray(from, until);
	const sent = sum([...requests]);
	const late = sum([...served.violationsByInterval.subarray(from, until)]);
	const weighted = sum(Array.from(requests, (count, k) => count * (accuracy[from + k] as number)));
	return {
		requests: sent,
		accuracy: sent === 0 ? "no requests" : Number((weighted / sent).toFixed(3)),
		"core-hours": Number(
			((sum([...cost_cores.subarray(from, until)]) * adaptationDefaults.interval_s) / 3600).toFixed(1),
		),
		"late or dropped (%)": sent === 0 ? "no requests" : Number(((100 * late) / sent).toFixed(2)),
		"energy (MJ)":
			energy.status === "available"
				? Number((sum([...energy.joules.subarray(from, until)]) / 1e6).toFixed(2))
				: "unavailable",
	};
}
