import type { Coupling } from "./coupling.js";
import type { Knob } from "./strata.js";

/** A pooled answer that a knob's answer contradicts: Simpson's paradox. */
export interface SimpsonFinding {
	readonly knob: Knob;
	readonly pooled: number;
	readonly within: number;
	/** `sign`: opposite signs, each at least 0.3 strong; `hidden`: pooled below 0.3, within the knob 0.7 or more. */
	readonly disagreement: "sign" | "hidden" | "made";
}

const weak = 0.3;
const strong = 0.7;

/**
 * Compares the pooled correlation (knob `all`) with those within each knob.
 *
 * `sign`: opposite signs, both at least 0.3 strong. `hidden`: under 0.3 pooled, at least 0.7 within. `made`: at least
 * 0.7 pooled, under 0.3 within.
 */
export function simpson(byKnob: ReadonlyMap<Knob, Coupling>): SimpsonFinding[] {
	const pooled = byKnob.get("all");
	if (pooled?.status !== "estimated") return [];
	const findings: SimpsonFinding[] = [];
	for (const [knob, within] of byKnob) {
		if (knob === "all" || within.status !== "estimated") continue;
		const disagreement = disagreementOf(pooled.correlation, within.correlation);
		if (disagreement !== undefined)
			findings.push({ knob, pooled: pooled.correlation, within: within.correlation, disagreement });
	}
	return findings;
}

function disagreementOf(pooled: number, within: number): SimpsonFinding["disagreement"] | undefined {
	if (pooled * within < 0 && Math.min(Math.abs(pooled), Math.abs(within)) >= weak) return "sign";
	if (Math.abs(pooled) < weak && Math.abs(within) >= strong) return "hidden";
	if (Math.abs(pooled) >= strong && Math.abs(within) < weak) return "made";
	return undefined;
}
