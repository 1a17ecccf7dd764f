import type { Detection, Probe } from "./probe.js";
import { knownProbes } from "./probes.js";

export interface Detected {
	readonly probe: Probe;
	readonly detection: Detection;
}

/** What each probe can read here, in their order; by default every probe that there is. */
export function detectProbes(probes: readonly Probe[] = knownProbes()): Promise<Detected[]> {
	return Promise.all(probes.map(async (probe) => ({ probe, detection: await probe.detect() })));
}
