import type { PipelineSpec } from "../pipeline/spec.js";
import { type ComparisonOptions, compareSystems, type SystemRow } from "./compareSystems.js";

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

/** A pipeline over several windows, each begun afresh. */
export interface WindowStudy {
	readonly spec: PipelineSpec;
	readonly runs: readonly WindowRun[];
	readonly options: ComparisonOptions;
}

/** Runs every system over each window: see `compareSystems`. */
export function compareWindows(
	spec: PipelineSpec,
	windows: Iterable<LoadWindow>,
	options: ComparisonOptions,
): WindowStudy {
	const runs = Array.from(windows, ({ name, rps_damped8 }) => ({
		window: name,
		perSecond: rps_damped8,
		rows: compareSystems(spec, rps_damped8, options),
	}));
	return { spec, runs, options };
}
