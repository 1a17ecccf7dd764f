import { describe, expect, test } from "vitest";
import type { Meter } from "../../src/measurement/meters.js";
import { watched } from "../../src/measurement/window.js";

describe("meters around some work", () => {
	const log: string[] = [];
	const said = async (what: string) => void log.push(what);
	const meter = (name: string, failsTo: "start" | "stop" | "nothing" = "nothing"): Meter => ({
		name,
		minimumWindow_s: 0,
		start: async () => {
			if (failsTo === "start") throw new Error(`${name} does not start`);
			await said(`start ${name}`);
			return {
				stop: async () => {
					await said(`stop ${name}`);
					if (failsTo === "stop") throw new Error(`${name} does not stop`);
					return { status: "refused", probe: name, cause: "zero", reason: "" };
				},
			};
		},
	});
	const around = async (...meters: readonly Meter[]) => {
		log.length = 0;
		return watched(meters, () => said("work"));
	};

	test("the preferred one, the first, is next to the work; readings keep the meters' order", async () => {
		const { readings } = await around(meter("powercap"), meter("perf"), meter("dcmi"));
		expect(log).toEqual([
			"start dcmi",
			"start perf",
			"start powercap",
			"work",
			"stop powercap",
			"stop perf",
			"stop dcmi",
		]);
		expect(readings.map(({ probe }) => probe)).toEqual(["powercap", "perf", "dcmi"]);
	});

	test("one that fails leaves none running", async () => {
		await expect(around(meter("a"), meter("b", "stop"), meter("c"))).rejects.toThrow("b does not stop");
		expect(log.filter((line) => line.startsWith("stop")).sort()).toEqual(["stop a", "stop b", "stop c"]);
		await expect(around(meter("a"), meter("b", "start"), meter("c"))).rejects.toThrow("b does not start");
		expect(log).toEqual(["start c", "stop c"]);
	});

	test("where several fail, what is told is the first, and the others are stopped all the same", async () => {
		const failing = [meter("a", "stop"), meter("b", "stop"), meter("c", "stop")];
		await expect(around(...failing)).rejects.toThrow("a does not stop");
		expect(log.filter((line) => line.startsWith("stop")).sort()).toEqual(["stop a", "stop b", "stop c"]);
		const interrupted = watched([meter("a"), ...failing.slice(1)], () => Promise.reject(new Error("interrupted")));
		await expect(interrupted).rejects.toThrow("interrupted");
		expect(log.slice(-3).sort()).toEqual(["stop a", "stop b", "stop c"]);
	});
});
