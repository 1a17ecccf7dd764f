import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runPython } from "./decide.js";

const calibration = "plan p, 3 of 12 cells measured on a node, median half width 9 %";
const cell = {
	task: "crop",
	cores: 2,
	batch: 4,
	energy_j_per_batch: 6,
	idle_power_w: 5,
	kind: "modelled",
	calibration,
};
const rows = [
	{ ...cell, variant: "yolov5n", power_low_w: 18, power_high_w: 22 },
	{ ...cell, variant: "yolov5m", energy_j_per_batch: 9 },
];
/** 3 replicas, 8 requests/s, 0.5 s a batch of 4: one replica's worth of work, two idle. By hand 18 + 10 to 22 + 10 W. */
const stages = [["crop", "yolov5n", 2, 4, 3, 0.5]];

interface Held {
	readonly expected?: readonly [number, number, string] | null;
	readonly within?: boolean | null;
	readonly said?: readonly string[];
	readonly error?: string;
}

const file = join(mkdtempSync(join(tmpdir(), "watch-")), "power.csv");

function held(watch: object | undefined, log?: string, own: readonly object[] = rows): Held {
	const sustainable_ipa = { energy_profiles: own, ...(watch === undefined ? {} : { watch }) };
	const configs = [{ sustainable_ipa, ...(log === undefined ? {} : { log }) }];
	return runPython("watch.py", { configs, stages, rate: 8 })[0] as Held;
}

/** A table of intervals of a second at so many watts. */
const table = (...watts: number[]) =>
	["t_log_s,pkg_j,dram_j", ...watts.map((w, i) => `${100 + i},${w - 2},2`)].join("\n");

describe("power on the cluster against a calibrated profile", () => {
	test("within its interval nothing is said; the interval is worked out by hand", () => {
		const { expected, within, said } = held({ interval_log: file, window_s: 3 }, table(90, 90, 29, 30, 31));
		expect(expected).toEqual([28, 32, calibration]);
		expect([within, said]).toEqual([true, []]);
	});

	test("outside of it, it asks for a calibration again and names the old one", () => {
		const { within, said } = held({ interval_log: file, window_s: 2 }, table(29, 30, 31, 40, 41));
		expect(within).toBe(false);
		expect(said?.[0]).toContain("draws 40.5 W, outside of the 28.0 to 32.0 W");
		expect(said?.[0]).toContain(calibration);
		expect(said?.[0]).toContain("calibrate again");
	});

	test("a node's floor is taken off", () => {
		expect(held({ interval_log: file, floor_w: 11 }, table(40, 41, 41)).within).toBe(true);
	});

	test("perf's own intervals are read", () => {
		const line = (time: number, joules: number) =>
			`${time}.0001,${joules},Joules,power/energy-pkg/,1000,100.00,,\n${time}.0001,2,Joules,power/energy-ram/,1000,100.00,,`;
		expect(held({ interval_log: file }, [line(1, 28), line(2, 28), line(3, 28)].join("\n")).within).toBe(true);
	});

	test("Prometheus' series are added up", () => {
		expect(held({ prometheus: "here", query: "power" }).said?.[0]).toContain("draws 42.5 W");
		expect(held({ prometheus: "here", query: "power", floor_w: 12 }).within).toBe(true);
	});

	test("power that cannot be read is unknown, never within", () => {
		for (const [watch, log] of [
			[{ interval_log: join(file, "nowhere") }, undefined],
			[{ interval_log: file }, table(30)],
			[{ prometheus: "here", query: "nothing" }, undefined],
		] as const) {
			const { within, said } = held(watch, log);
			expect(within).toBeNull();
			expect(said?.[0]).toContain("the calibration is not checked");
		}
	});

	test.each([
		[{ interval_log: "a", prometheus: "b", query: "c" }, "one of the two"],
		[{ prometheus: "b" }, "prometheus and query together"],
		[{ interval_log: "a", floor: 3 }, "has no key 'floor'"],
	])("a wrong key is named: %j", (watch, message) => {
		expect(held(watch).error).toContain(message);
	});

	test("intervals are checked, and a watch without them is refused", () => {
		expect(held(undefined, undefined, [{ ...rows[0], power_low_w: 30 }]).error).toContain("at most power_high_w");
		expect(held({ interval_log: "a" }, undefined, rows.slice(1)).error).toContain(
			"needs energy_profiles with power_low_w",
		);
	});
});
