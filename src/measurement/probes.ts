import type { Meters } from "./meter.js";
import type { Plan } from "./plan.js";

/** The energy sources that a plan asks for and that can be read, and why the others cannot. */
export async function detectMeters(probes: Plan["probes"]): Promise<Meters> {
	// No probe is part of this version: that is said of each, since the machine itself may well have counters.
	const named = probes === "auto" ? ["every probe"] : probes;
	return {
		available: [],
		unavailable: named.map((probe) => ({ probe, reason: "this version has no energy probes" })),
	};
}
