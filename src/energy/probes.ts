import { dcmiProbe } from "./dcmi.js";
import { etrace2Probe } from "./etrace2.js";
import { perfProbe } from "./perf.js";
import { powercapProbe } from "./powercap.js";
import type { Probe } from "./probe.js";

/** The variables by which a user says where a source is. */
export interface ProbeEnvironment {
	/** The powercap tree where it is not at /sys/class/powercap, as in a container that mounts the host's /sys elsewhere. */
	readonly SUSTAINABLE_IPA_POWERCAP_ROOT?: string | undefined;
}

/**
 * Every known probe, in order of preference: the first that is available gives the energy of a cell, the others are
 * read beside it. Counters of the CPU first, then what integrates samples of power.
 */
export function knownProbes(environment: ProbeEnvironment = process.env): readonly Probe[] {
	const { SUSTAINABLE_IPA_POWERCAP_ROOT: root } = environment;
	const tree = root === undefined || root === "" ? {} : { root };
	return [powercapProbe(tree), perfProbe(), etrace2Probe(tree), dcmiProbe()];
}
