import { type Outcome, undefinedBecause } from "./outcome.js";

/**
 * Holm's step-down adjustment of p values, which bounds the chance of any false rejection (S. Holm, Scandinavian
 * Journal of Statistics 6, 1979; R's p.adjust). In the order given.
 *
 * @returns undefined as `out-of-range` where a p value is not in [0, 1]
 * @example
 * holm([0.01, 0.04, 0.03]); // { status: "ok", adjusted: [0.03, 0.06, 0.06] }
 */
export function holm(pValues: readonly number[]): Outcome<{ readonly adjusted: readonly number[] }> {
	const bad = pValues.findIndex((p) => !(p >= 0 && p <= 1));
	if (bad >= 0) return undefinedBecause("out-of-range", `p value ${bad} is ${pValues[bad]}, must be in [0, 1]`);
	const adjusted = new Array<number>(pValues.length).fill(0);
	let running = 0;
	const ascending = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
	ascending.forEach(({ p, index }, position) => {
		running = Math.max(running, Math.min(1, p * (pValues.length - position)));
		adjusted[index] = running;
	});
	return { status: "ok", adjusted };
}
