import { adaptationDefaults } from "../../adaptation/compareSystems.js";
import type { WindowStudy } from "../../adaptation/compareWindows.js";
import { footprint } from "../../carbon/footprint.js";
import { weakestKind } from "../../units.js";
import type { Place } from "./place.js";

/** Rows for a table: what each system came to over each window. */
export function windowRows(
	{ spec, runs }: WindowStudy,
	{ hourly_g_per_kwh }: Place,
): Record<string, string | number>[] {
	const latencies = weakestKind(spec.stages.flatMap(({ points }) => points.map(({ kind }) => kind)));
	return runs.flatMap(({ window, rows }) =>
		rows.map(({ system, outcome }) => {
			if (outcome.status !== "served") return { window, system, note: `${outcome.status}: ${outcome.reason}` };
			const { served } = outcome;
			const { energy } = served;
			const known = energy.status === "available";
			const grams = known
				? footprint(energy.joules, adaptationDefaults.interval_s, hourly_g_per_kwh).total_g
				: undefined;
			return {
				window,
				system,
				accuracy: Number(served.meanAccuracy.toFixed(3)),
				"core-hours": Number((served.core_seconds / 3600).toFixed(2)),
				"late or dropped (%)": Number(((100 * served.violations) / served.requests).toFixed(2)),
				"dropped (%)": Number(((100 * served.dropped) / served.requests).toFixed(2)),
				"energy (kJ)": known ? Number((energy.total_j / 1000).toFixed(2)) : "unavailable",
				"carbon (g)": grams === undefined ? "unavailable" : Number(grams.toPrecision(3)),
				changes: served.changes,
				"infeasible steps": served.infeasibleSteps,
				"kind: latency, energy": `${latencies}, ${known ? energy.kind : "none"}`,
			};
		}),
	);
}
