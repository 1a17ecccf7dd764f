import { expect, test } from "vitest";
import { twinDies } from "../../src/energy/twinDies.js";

/** Dies by what they counted, of one socket, each to within 0.1 J. */
const dies = (...energies_j: readonly number[]) =>
	energies_j.map((energy_j, die) => ({ die, socket: "0", energy_j, step_j: 0.1 }));
const twins = (...energies_j: readonly number[]) => twinDies(dies(...energies_j))?.map(({ die }) => die);

test("all that counted the same, and pairs that did, may be one counter each", () => {
	expect(twins(60, 60.09)).toEqual([0, 1]);
	expect(twins(60, 60, 60)).toEqual([0, 1, 2]);
	// Two counters, each shown under two dies: the sum would be twice the truth.
	expect(twins(60, 75, 60, 75)).toEqual([0, 1, 2, 3]);
});

test("a die alone, dies that differ by more than a step, and one that differs from all others are of their own", () => {
	expect(twins(60)).toBeUndefined();
	expect(twins(60, 60.11)).toBeUndefined();
	expect(twins(60, 60, 75)).toBeUndefined();
});

test("sockets are looked at by themselves, and what stood still is no twin", () => {
	const [one] = dies(60);
	expect(twinDies([one, { ...one, socket: "1" }] as Parameters<typeof twinDies>[0])).toBeUndefined();
	expect(twins(0, 0)).toBeUndefined();
});
