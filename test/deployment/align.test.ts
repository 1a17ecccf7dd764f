import { describe, expect, test } from "vitest";
import { align } from "../../src/deployment/align.js";
import { served } from "../../src/deployment/phases.js";
import { checkPowerLog, meanPower, type PowerLog } from "../../src/deployment/powerLog.js";
import { InputError } from "../../src/errors.js";
import { seeded } from "../../src/random.js";
import { serving, simulate, wandering } from "./simulated.js";

const started = serving("n+18", "1+1");
const load = wandering(3, 14, 600, 3);

describe("align", () => {
	test.each([
		["one that can all be served", load, 60],
		["one that begins late", load, 171],
		["one above the capacity: the power is flat there", wandering(8, 30, 600, 4), 83],
		["one that is above the capacity throughout", wandering(22, 30, 600, 5), 71],
		["a steady low one", wandering(4, 6, 600, 6), 95],
	])("finds the begin of a load: %s", (_, load_rps, start_s) => {
		const { log } = simulate({ run: "r", load_rps, started, seed: 9, start_s });
		const found = align(log, load_rps);
		expect(found.status).toBe("aligned");
		if (found.status !== "aligned") return;
		// The log's seconds are 1.0002 s long.
		expect(Math.abs(found.load_start_s - start_s)).toBeLessThanOrEqual(1);
		expect(found.phases.map(({ name }) => name)).toEqual(["idle", "set-up", "load", "drain", "after"]);
		expect(found.flags).toEqual([]);
	});

	test("says above which load the power is flat, and nothing where it follows the load throughout", () => {
		const heavy = wandering(8, 30, 900, 4);
		const flat = align(simulate({ run: "r", load_rps: heavy, started, seed: 1 }).log, heavy);
		expect(flat.status === "aligned" ? flat.flat_above_rps : undefined).toBeCloseTo(15, 0);
		const wide = serving("n+18", "3+3");
		const follows = align(simulate({ run: "r", load_rps: heavy, started: wide, seed: 1 }).log, heavy);
		expect(follows.status === "aligned" && "flat_above_rps" in follows).toBe(false);
	});

	test.each([1, 2, 3, 4, 5, 6, 7, 8])("a log without a load is undetermined (noise %i)", (seed) => {
		const random = seeded(seed);
		let memory = 0;
		const package_j = Float64Array.from({ length: 900 }, () => {
			memory = 0.8 * memory + 2 * (random() - 0.5);
			return 80 + memory;
		});
		const log: PowerLog = { name: "idle", end_s: Float64Array.from(package_j, (_, i) => i + 1), package_j };
		expect(align(log, load).status).toBe("undetermined");
	});

	test("another run's load is undetermined, and a log that is shorter than the load", () => {
		const other = simulate({ run: "r", load_rps: wandering(3, 14, 300, 11), started, seed: 2, after_s: 500 });
		const found = align(other.log, wandering(3, 14, 800, 12));
		expect(found.status === "aligned" ? found.load_start_s : "none").not.toBe(60);
		const short = simulate({ run: "r", load_rps: load.slice(0, 200), started, seed: 2 });
		const refused = align(short.log, load);
		expect(refused.status === "undetermined" && refused.reason).toContain("cannot hold a load of 600 s");
	});

	test("a tail and a second run in the same log are flagged", () => {
		const first = simulate({ run: "r", load_rps: load, started, seed: 2, after_s: 400 });
		const second = simulate({ run: "s", load_rps: wandering(10, 14, 300, 8), started, seed: 3 });
		const package_j = Float64Array.of(...first.log.package_j, ...second.log.package_j);
		const log: PowerLog = { name: "both", end_s: Float64Array.from(package_j, (_, i) => i + 1), package_j };
		const found = align(log, load);
		expect(found.status === "aligned" && found.load_start_s).toBe(60);
		const names = found.status === "aligned" ? found.flags.map(({ name }) => name) : [];
		expect(names).toContain("tail");
		expect(names).toContain("overlap");
	});
});

test("a mean over a stretch that cuts intervals counts them by their share", () => {
	const log: PowerLog = { name: "a", end_s: Float64Array.of(1, 2, 4), package_j: Float64Array.of(10, 20, 80) };
	// 0.5 s of 20 W and 1 s of 40 W.
	expect(meanPower(log, 1.5, 3)).toBeCloseTo(50 / 1.5, 12);
});

test("a queue of ten seconds: what waits is served later, what does not fit is dropped", () => {
	expect([...served([4, 0], 2)].slice(0, 3)).toEqual([2, 2, 0]);
	const flood = served([100, ...new Array(30).fill(0)], 2);
	expect(flood.reduce((sum, rate) => sum + rate, 0)).toBe(2 + 10 * 2);
});

describe("a log that cannot be is refused by name", () => {
	const log = (end_s: readonly number[], package_j: readonly number[]): PowerLog => ({
		name: "log",
		end_s: Float64Array.from(end_s),
		package_j: Float64Array.from(package_j),
	});
	test.each([
		["gap", log([1, 2, 3, 5, 6], [75, 75, 75, 75, 75])],
		["short-interval", log([1, 2, 2.1, 3.1, 4.1], [75, 75, 7, 75, 75])],
		["zero", log([1, 2, 3], [75, 0, 75])],
		["negative", log([1, 2, 3], [75, -1, 75])],
		["impossible-level", log([1, 2, 3, 4], [0.6, 1.4, 1.4, 0.6])],
		["impossible-level", log([1, 2, 3, 4], [75, 75, 75_000, 75])],
		["too-few-samples", log([1, 2], [75, 75])],
	])("%s", (name, given) => {
		expect(() => checkPowerLog(given)).toThrow(InputError);
		expect(() => checkPowerLog(given)).toThrow(new RegExp(`${name}:`));
	});

	test("a last interval that perf cut is none of them", () => {
		expect(checkPowerLog(log([1, 2, 3, 3.1], [75, 75, 75, 7.4])).name).toBe("log");
	});
});
