import type { Random } from "../random.js";

/** A standard normal number (Box and Muller 1958). */
export function normalDraw(random: Random): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
