import { adaptationDefaults } from "../../adaptation/compareSystems.js";
import type { WindowStudy } from "../../adaptation/compareWindows.js";
import type { Served } from "../../adaptation/serve.js";
import type { Line } from "../plots/lines.js";
import { blockMeans, runningTotals } from "./blocks.js";

/** A metric of a run, one value an interval; undefined where there is none. */
export type Metric = (served: Served) => Float64Array | undefined;

/** Decisions that one point of a line stands for: 30 s. */
const EVERY = 3;

/** The lines of a metric: a panel a window, a line a system. Means over 30 s, or running totals. */
export function windowPanels({ runs }: WindowStudy, metric: Metric, cumulated = false): Line[][] {
	return runs.map(({ rows }) =>
		rows.flatMap(({ system, outcome }) => {
			const values = outcome.status === "served" ? metric(outcome.served) : undefined;
			return values === undefined ? [] : [line(system, values, cumulated)];
		}),
	);
}

/** A line of values by interval, over minutes. */
export function line(name: string, values: Float64Array, cumulated = false): Line {
	const y = cumulated ? runningTotals(values, EVERY) : blockMeans(values, EVERY);
	// A mean stands at the middle of its block, a total at the end.
	const at = (block: number) => ((block + (cumulated ? 1 : 0.5)) * EVERY * adaptationDefaults.interval_s) / 60;
	return { name, x: y.map((_, block) => at(block)), y };
}
