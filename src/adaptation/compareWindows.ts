import { type Comparison, type ComparisonOptions, compareSystems, type SystemRow } from "./compareSystems.js";

/** A stretch of a trace, as replayed: requests in each second. */
export interface LoadWindow {
	readonly name: string;
	readonly rps_damped8: ArrayLike<number>;
}

/** What every system came to over one window. */
export interface WindowRun {
	readonly window: string;
	/** Requests in each second. */
	readonly perSecond: ArrayLike<number>;
	readonly rows: readonly SystemRow[];
}

/** A comparison over several windows, each begun afresh. */
export interface WindowStudy extends Comparison {
	readonly runs: readonly WindowRun[];
	readonly options: Omit<ComparisonOptions, "window">;
}

/** Runs every system over each window: see `compareSystems`. */
export function compareWindows(
	comparison: Comparison,
	windows: Iterable<LoadWindow>,
	options: Omit<ComparisonOptions, "window">,
): WindowStudy {
	const runs = Array.from(windows, ({ name, rps_damped8 }) => ({
		window: name,
		perSecond: rps_damped8,
		rows: compareSystems(comparison, rps_damped8, { ...options, window: name }),
	}));
	return { ...comparison, runs, options };
}
