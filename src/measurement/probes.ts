import type { Meters } from "./meter.js";
import type { Plan } from "./plan.js";

/** The energy sources that a plan asks for and this machine has, and why the others are not there. */
export async function detectMeters(_probes: Plan["probes"]): Promise<Meters> {
	return { available: [], unavailable: [] };
}
