import type { StageOption } from "./options.js";

/**
 * Which measurement an option rests on: stages that run the same variant, cores and batch with the same latency and
 * energy were given one cell, whose error they share.
 */
export function cellKey({
	variant,
	cores,
	batch,
	latency_s,
	energy,
}: Pick<StageOption, "variant" | "cores" | "batch" | "latency_s" | "energy">): string {
	return JSON.stringify([variant, cores, batch, latency_s, energy]);
}
