import erfc from "@stdlib/math-base-special-erfc";

const farthest = 9;
const steps = 1024;
const table = Float64Array.from(
	{ length: 2 * farthest * steps + 2 },
	(_, i) => 0.5 * erfc((farthest - i / steps) * Math.SQRT1_2),
);

/** Probability that a standard normal number is below x, to 1e-7: read off a table, since the stop asks it by the million. */
export function normalCdf(x: number): number {
	if (!(x > -farthest)) return 0;
	if (x >= farthest) return 1;
	const position = (x + farthest) * steps;
	const below = Math.floor(position);
	const part = position - below;
	return (table[below] as number) * (1 - part) + (table[below + 1] as number) * part;
}
