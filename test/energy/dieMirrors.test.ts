import { describe, expect, test } from "vitest";
import { type DieCount, dieMirrors } from "../../src/energy/twinDies.js";

/** A die of socket 0 whose counter went from `from_j` to `to_j` over 10 s, read `late_s` after the first one was. */
const die = (domain: string, from_j: number, to_j: number, given: Partial<DieCount> & { late_s?: number } = {}) => {
	const { late_s = 0, covers = "package", socket = "0" } = given;
	const at = (value_j: number, time_s: number) => ({
		value_j,
		notBefore_s: time_s + late_s,
		notAfter_s: time_s + late_s,
	});
	const [first, last] = [at(from_j, 5000), at(to_j, 5010)];
	return {
		domain,
		covers,
		socket,
		count: { status: "counted", energy_j: to_j - from_j, wraps: 0, samples: 2, first, last },
	} as const;
};
const mirrors = (...dies: readonly DieCount[]) => dieMirrors(dies, 0.001);

describe("dies of a socket", () => {
	test("three that show one counter: the first is kept", () =>
		expect(mirrors(die("a", 500, 1500), die("b", 500, 1500), die("c", 500, 1500))).toEqual({
			status: "mirrored",
			dropped: new Set(["b", "c"]),
		}));
	test("two counters that two dies show each: one of either is kept", () =>
		expect(mirrors(die("a", 500, 1500), die("b", 500, 1500), die("c", 70, 990), die("d", 70, 990))).toEqual({
			status: "mirrored",
			dropped: new Set(["b", "d"]),
		}));
	// 100 W: 0.1 J in an update of 1 ms, and 2 J more in 20 ms between the two reads.
	test("the counter may go on by what 20 ms and an update draw while it is read twice, not by more", () => {
		const second = (beyond_j: number) => die("b", 502, 1502 + beyond_j, { late_s: 0.02 });
		expect(mirrors(die("a", 500, 1500), second(0.09))).toMatchObject({ status: "mirrored" });
		expect(mirrors(die("a", 500, 1500), second(0.11))).toMatchObject({ status: "apart" });
	});
	test("the same value at the start alone, or at the end alone, is of two counters", () => {
		expect(mirrors(die("a", 500, 1500), die("b", 500, 1400))).toEqual({ status: "apart" });
		expect(mirrors(die("a", 500, 1500), die("b", 400, 1500))).toEqual({ status: "apart" });
	});
	test("the same joules from other values, to within 0.1 J of an update: nothing tells", () => {
		expect(mirrors(die("a", 500, 1500), die("b", 7000, 8000.09))).toEqual({ status: "ambiguous", domains: ["a", "b"] });
		expect(mirrors(die("a", 500, 1500), die("b", 7000, 8000.11))).toEqual({ status: "apart" });
		expect(mirrors(die("a", 500, 1500), die("b", 7000, 8000), die("c", 0, 900))).toEqual({ status: "apart" });
		expect(mirrors(die("a", 500, 1500), die("b", 7000, 8000), die("c", 0, 900), die("d", 50, 950))).toEqual({
			status: "ambiguous",
			domains: ["a", "b", "c", "d"],
		});
	});
});

test("memory is looked at by itself, and what differs in socket or coverage is never one counter", () => {
	const memory = (domain: string) => die(domain, 10, 60, { covers: "dram" });
	expect(mirrors(die("a", 500, 1500), memory("m"), die("b", 70, 990), memory("n"))).toEqual({
		status: "mirrored",
		dropped: new Set(["n"]),
	});
	expect(mirrors(die("a", 500, 1500), die("b", 500, 1500, { socket: "1" }))).toEqual({ status: "apart" });
	expect(mirrors(die("a", 500, 1500), die("m", 500, 1500, { covers: "dram" }))).toEqual({ status: "apart" });
});

test("counters that stood still are no mirrors: that is refused, or left out, elsewhere", () =>
	expect(mirrors(die("a", 5, 5), die("b", 5, 5))).toEqual({ status: "apart" }));
