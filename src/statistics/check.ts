import { type Undefined, undefinedBecause } from "./outcome.js";

/** A range below this share of the largest magnitude is rounding, not variation (SciPy's near-constant rule). */
const NEAR_CONSTANT = 1e-13;

/** Whether all values are equal, or differ only by rounding. True for an empty input. */
export function isConstant(values: ArrayLike<number>): boolean {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as number;
		if (value < low) low = value;
		if (value > high) high = value;
	}
	return !(high - low > NEAR_CONSTANT * Math.max(Math.abs(low), Math.abs(high)));
}

/** The index of the first NaN or infinity, or -1 as Array.prototype.findIndex has it. */
function firstNonFinite(values: ArrayLike<number>): number {
	for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
	return -1;
}

/**
 * Checks named inputs that must be equally long, finite, at least `minimum` long and, unless told otherwise, varying.
 * Returns the first fault found, in the order length, count, finiteness, constancy.
 */
export function faultIn(
	inputs: readonly (readonly [name: string, values: ArrayLike<number>])[],
	minimum: number,
	{ mayBeConstant = false }: { readonly mayBeConstant?: boolean } = {},
): Undefined | undefined {
	const [first] = inputs;
	if (first === undefined) return undefinedBecause("too-few", "no input");
	const n = first[1].length;
	for (const [name, values] of inputs)
		if (values.length !== n)
			return undefinedBecause("length-mismatch", `${first[0]} has ${n} values, ${name} has ${values.length}`);
	if (n < minimum) return undefinedBecause("too-few", `${n} observations, at least ${minimum} needed`);
	for (const [name, values] of inputs) {
		const index = firstNonFinite(values);
		if (index >= 0) return undefinedBecause("non-finite", `${name}[${index}] is ${values[index]}`);
	}
	if (!mayBeConstant)
		for (const [name, values] of inputs)
			if (isConstant(values)) return undefinedBecause("constant", `${name} is ${values[0]} throughout`);
	return undefined;
}
