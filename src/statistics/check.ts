import { type Undefined, undefinedBecause } from "./outcome.js";

/** A range below this share of the largest magnitude is rounding, not variation (SciPy's near-constant rule). */
const NEAR_CONSTANT = 1e-13;

/** Magnitudes whose squares neither overflow nor underflow a double. */
const LARGEST = 1e150;
const SMALLEST = 1e-150;

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

/** The fault of values that are not finite, or whose squares are not. */
function faultInValues(name: string, values: ArrayLike<number>): Undefined | undefined {
	let largest = 0;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as number;
		if (!Number.isFinite(value)) return undefinedBecause("non-finite", `${name}[${i}] is ${value}`);
		largest = Math.max(largest, Math.abs(value));
	}
	if (largest === 0 || (largest > SMALLEST && largest < LARGEST)) return undefined;
	return undefinedBecause("out-of-range", `${name} reaches ${largest}, whose square is not a number that can be held`);
}

/**
 * Checks named inputs that must be equally long, finite, at least `minimum` long and, unless told otherwise, varying.
 * Returns the first fault found, in the order length, count, finiteness (and magnitude), constancy.
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
		const fault = faultInValues(name, values);
		if (fault !== undefined) return fault;
	}
	if (!mayBeConstant)
		for (const [name, values] of inputs)
			if (isConstant(values)) return undefinedBecause("constant", `${name} is ${values[0]} throughout`);
	return undefined;
}
