import type { Coverage, Outcome, Refusal } from "./reading.js";

/** One source of energy readings on this machine or reachable from it. */
export interface Probe {
	/** `powercap`, `perf`, `etrace2`, `nvidia-smi`, `dcgm`, `dcmi`, `kepler`, `dcgm-exporter`, `scaphandre`. */
	readonly name: string;
	/** The shortest window that the source resolves well, s. */
	readonly minimumWindow_s: number;
	/** Whether it can be read now, by this user: tried, not guessed. Changes nothing on the machine. */
	readonly detect: () => Promise<Detection>;
	/** Begins a window. Where the source cannot be read, `stop` says so; `start` rejects for no cause of the source's. */
	readonly start: () => Promise<ProbeRun>;
}

export interface ProbeRun {
	/** Ends the window: its reading, or why there is none. Frees what `start` took, in either case. */
	readonly stop: () => Promise<Outcome>;
}

/** `available`: what it covers, and how it was found out, in a line. `unavailable`: the refusal that a window would get. */
export type Detection =
	| { readonly status: "available"; readonly covers: readonly Coverage[]; readonly detail: string }
	| ({ readonly status: "unavailable" } & Pick<Refusal, "cause" | "reason" | "remedy">);
