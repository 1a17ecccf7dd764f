import { adaptationDefaults } from "../../adaptation/compareSystems.js";
import type { WindowStudy } from "../../adaptation/compareWindows.js";
import type { Served } from "../../adaptation/serve.js";
import type { EvenLine } from "../plots/panels.js";
import { blockMeans, runningTotals } from "./blocks.js";

/** A metric of a run, one value an interval; undefined where there is none. */
export type Metric = (served: Served) => Float64Array | undefined;

/** Decisions that one point of a line stands for: 30 s. */
const EVERY = 3;

/** The lines of a metric: a panel a window, a line a system. Means over 30 s, or running totals. */
export function windowPanels({ runs }: WindowStudy, metric: Metric, cumulated = false): EvenLine[][] {
	return runs.map(({ rows }) =>
		rows.flatMap(({ system, outcome }) => {
			const values = outcome.status === "served" ? metric(outcome.served) : undefined;
			return values === undefined ? [] : [line(system, values, cumulated)];
		}),
	);
}

/** A line of values by interval, over minutes. */
export function line(name: string, values: Float64Array, cumulated = false): EvenLine {
	const y = cumulated ? runningTotals(values, EVERY) : blockMeans(values, EVERY);
	const dx = (EVERY * adaptationDefaults.interval_s) / 60;
	// A mean stands at the middle of its block, a total at the end.
	return { name, x0: cumulated ? dx : dx / 2, dx, y };
}
