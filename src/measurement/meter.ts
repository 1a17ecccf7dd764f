import type { MeterReading } from "./records.js";

/** An energy source that watches a window. */
export interface Meter {
	readonly name: string;
	/** The shortest window whose energy the source resolves well, s. */
	readonly minimumWindow_s: number;
	readonly start: () => Promise<MeterRun>;
}

export interface MeterRun {
	/** Ends the window. A refusal is a reading too: it says why there is no number. */
	readonly stop: () => Promise<MeterReading>;
}

/** The energy sources of a machine, in order of preference, and why the others are not there. */
export interface Meters {
	readonly available: readonly Meter[];
	readonly unavailable: readonly { readonly probe: string; readonly reason: string }[];
}
