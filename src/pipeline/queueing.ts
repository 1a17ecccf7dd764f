import type { Semantics } from "./spec.js";

/**
 * Queueing delay of a stage, s: a request waits at worst until the other batch - 1 requests have come, (batch - 1) /
 * rate; 0 at rate 0. The semantics `ipa-e1f08dd` has none.
 */
export function queueing(semantics: Semantics, batch: number, arrival_rate_rps: number): number {
	return semantics === "ipa-e1f08dd" || arrival_rate_rps === 0 ? 0 : (batch - 1) / arrival_rate_rps;
}
