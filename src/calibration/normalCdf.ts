import erfc from "@stdlib/math-base-special-erfc";

/** Probability that a standard normal number is below x. */
export function normalCdf(x: number): number {
	return 0.5 * erfc(-x * Math.SQRT1_2);
}
