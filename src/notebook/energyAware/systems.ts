import { adaptationDefaults, type SystemRow } from "../../adaptation/compareSystems.js";
import type { Served } from "../../adaptation/serve.js";
import { weakestKind } from "../../units.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";
import { blockMeans, runningTotals } from "../trace/blocks.js";

/** Rows for a table: what each system came to over a load. */
export function systemRows(rows: readonly SystemRow[]): Record<string, string | number>[] {
	return rows.map(({ system, outcome }) => {
		if (outcome.status !== "served") return { system, result: `${outcome.status}: ${outcome.reason}` };
		const { served } = outcome;
		return {
			system,
			"accuracy (as the objective counts it)": Number(served.meanAccuracy.toFixed(3)),
			"cost (core-hours)": Number((served.core_seconds / 3600).toFixed(1)),
			"late or dropped (%)": Number(((100 * served.violations) / served.requests).toFixed(2)),
			"energy (kJ)":
				served.energy.status === "available" ? Number((served.energy.total_j / 1000).toFixed(1)) : "unavailable",
			kind: served.energy.status === "available" ? served.energy.kind : "",
			changes: served.changes,
		};
	});
}

/** What a system came to. Throws RangeError where it was not run, or could not be. */
export function servedBy(rows: readonly SystemRow[], name: string): Served {
	const outcome = rows.find(({ system }) => system === name)?.outcome;
	if (outcome?.status === "served") return outcome.served;
	throw new RangeError(`${name}: ${outcome === undefined ? "was not run" : outcome.reason}`);
}

const series = {
	accuracy: {
		label: "accuracy (as the objective counts it)",
		cumulated: false,
		of: ({ accuracy }: Served) => accuracy,
	},
	cost: { label: "allocated cores", cumulated: false, of: ({ cost_cores }: Served) => cost_cores },
	energy: {
		label: "cumulated energy (kJ)",
		cumulated: true,
		of: ({ energy }: Served) =>
			energy.status === "available" ? energy.joules.map((joules) => joules / 1000) : undefined,
	},
	violations: {
		label: "cumulated requests late or dropped",
		cumulated: true,
		of: ({ violationsByInterval }: Served) => violationsByInterval,
	},
} as const;

/** A metric of every system over the time of the load: means over `every` decisions, or the sum up to then. */
export function systemLines(
	rows: readonly SystemRow[],
	metric: keyof typeof series,
	{ load, source, every = 30 }: { readonly load: string; readonly source: string; readonly every?: number },
): Figure {
	const { label, cumulated, of } = series[metric];
	const { interval_s } = adaptationDefaults;
	const shown = rows.flatMap(({ system, outcome }) => {
		const values = outcome.status === "served" ? of(outcome.served) : undefined;
		if (values === undefined) return [];
		const y = cumulated ? runningTotals(values, every) : blockMeans(values, every);
		return [{ name: system, x: y.map((_, i) => ((i + 1) * every * interval_s) / 3600), y }];
	});
	const kinds = rows.flatMap(({ outcome }) =>
		metric === "energy" && outcome.status === "served" && outcome.served.energy.status === "available"
			? [outcome.served.energy.kind]
			: [],
	);
	return lines({
		title: `${label[0]?.toUpperCase()}${label.slice(1)}`,
		caption: `${load}, a decision every ${interval_s} s; queues simulated on the profile's latencies.`,
		kind: weakestKind([...kinds, "modelled"]),
		source,
		x: "time (h)",
		y: label,
		lines: shown,
	});
}
