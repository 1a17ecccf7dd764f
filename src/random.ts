/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Seeded generator sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, PractRand), seeded by splitmix32.
 * The same seed gives the same sequence on every machine.
 *
 * @param seed a 32-bit integer; other numbers are truncated to one
 * @example
 * const random = seeded(1); random(); // the same number in every run
 */
export function seeded(seed: number): Random {
	let state = seed | 0;
	const splitmix = (): number => {
		state = (state + 0x9e3779b9) | 0;
		let z = state ^ (state >>> 16);
		z = Math.imul(z, 0x21f0aaad);
		z ^= z >>> 15;
		z = Math.imul(z, 0x735a2d97);
		return z ^ (z >>> 15);
	};
	let a = splitmix();
	let b = splitmix();
	let c = splitmix();
	let counter = 1;
	const next = (): number => {
		const sum = (a + b + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + sum;
		c |= 0;
		return (sum >>> 0) / 4294967296;
	};
	for (let warm = 0; warm < 12; warm++) next();
	return next;
}

/** A uniform integer in [0, n). */
export function integerBelow(random: Random, n: number): number {
	return Math.floor(random() * n);
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
	const copy = items.slice();
	for (let i = copy.length - 1; i > 0; i--) {
		const j = integerBelow(random, i + 1);
		[copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
	}
	return copy;
}
