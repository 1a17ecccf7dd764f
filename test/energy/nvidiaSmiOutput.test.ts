import { describe, expect, test } from "vitest";
import { type NvidiaLine, outcomeOf, parseNvidiaLine } from "../../src/energy/nvidiaSmi.js";

const line = (given: { time?: string; uuid?: string; power?: string; mig?: string } = {}) => {
	const { time = "2024/05/17 10:00:01.250", uuid = "GPU-a", power = "71.23", mig = "Disabled" } = given;
	return `${time}, ${uuid}, NVIDIA H100 PCIe, ${power}, ${mig}`;
};

describe("a line of nvidia-smi", () => {
	test("a power of 0 and one of a watt are powers", () => {
		expect(parseNvidiaLine(line({ power: "0.00" }))).toMatchObject({ status: "sample", power_w: 0 });
		expect(parseNvidiaLine(line({ power: "0.75" }))).toMatchObject({ status: "sample", power_w: 0.75 });
	});
	test.each(["[N/A]", "[Not Supported]", "[Unknown Error]"])("a power of %s is missing", (power) =>
		expect(parseNvidiaLine(line({ power }))).toMatchObject({ status: "missing" }),
	);
	test.each([
		["no power", line({ power: "" })],
		["a power below 0", line({ power: "-3" })],
		["a word", line({ power: "much" })],
		["an endless power", line({ power: "Infinity" })],
		["another time", line({ time: "2024-05-17 10:00:01" })],
		["no UUID", line({ uuid: "0" })],
		["a field more", `${line()}, 5`],
	])("%s is malformed", (_, text) => expect(parseNvidiaLine(text)).toMatchObject({ status: "malformed" }));
	test("MIG is on where it says so alone", () => {
		expect(parseNvidiaLine(line({ mig: "Enabled" }))).toMatchObject({ mig: true });
		expect(parseNvidiaLine(line({ mig: "[N/A]" }))).toMatchObject({ mig: false });
	});
	test("an hour, a day and a month pass in seconds", () => {
		const at = (time: string) => {
			const parsed = parseNvidiaLine(line({ time }));
			return parsed.status === "sample" ? parsed.time_s : Number.NaN;
		};
		expect(at("2024/03/01 00:00:00.500") - at("2024/02/29 23:59:59.250")).toBe(1.25);
		expect(at("2025/01/01 00:00:00.000") - at("2024/12/31 22:58:00.000")).toBe(3720);
	});
});

describe("a window of lines", () => {
	/** Samples of a board every half second, from second to second, at a power by the time. */
	const board = (uuid: string, from_s: number, until_s: number, power_w: (time_s: number) => number) =>
		Array.from({ length: 2 * (until_s - from_s) + 1 }, (_, i): NvidiaLine => {
			const time_s = from_s + i / 2;
			return { status: "sample", time_s, uuid, gpu: "A100", power_w: power_w(time_s), mig: false };
		});
	const steady = (uuid: string, from_s: number, until_s: number) => board(uuid, from_s, until_s, () => 100);

	test("a ramp and a steady board are summed: 5 s at 100 to 200 W and 6 s at 100 W", () => {
		const ramp = board("GPU-a", 1000, 1005, (time_s) => 100 + 20 * (time_s - 1000));
		expect(outcomeOf([...ramp, ...steady("GPU-b", 1000, 1006)], true)).toMatchObject({
			status: "reading",
			energy_j: 150 * 5 + 100 * 6,
			// The mean of the boards' windows; 5 W over each of them.
			duration_s: 5.5,
			resolution_j: 5 * 11,
			samples: 11,
			wraps: 0,
			caveats: [],
		});
	});
	test("ten samples of a board are the least", () => {
		const lines = steady("GPU-a", 0, 5);
		expect(outcomeOf(lines.slice(0, 10), true)).toMatchObject({ status: "reading", samples: 10 });
		expect(outcomeOf(lines.slice(0, 9), true)).toMatchObject({ cause: "too-few-samples" });
		expect(outcomeOf([], true)).toMatchObject({ cause: "too-few-samples" });
	});
	test("two seconds without a sample are let pass, more are not", () => {
		const rest = (from_s: number) => [...steady("GPU-a", 0, 5), ...steady("GPU-a", from_s, from_s + 5)];
		expect(outcomeOf(rest(7), true)).toMatchObject({ status: "reading" });
		expect(outcomeOf(rest(8), true)).toMatchObject({ status: "refused", cause: "too-few-samples" });
	});
	test("so is a board that came two seconds late, or left so early", () => {
		const beside = (from_s: number, until_s: number) =>
			outcomeOf([...steady("GPU-a", 100, 120), ...steady("GPU-b", from_s, until_s)], true).status;
		expect([beside(102, 120), beside(100, 118), beside(103, 120), beside(100, 117)]).toEqual([
			"reading",
			"reading",
			"refused",
			"refused",
		]);
	});
	test("one line without a power refuses all", () => {
		const lines = steady("GPU-a", 0, 10);
		expect(outcomeOf([...lines, { status: "missing", reason: "r" }], true)).toMatchObject({ cause: "not-supported" });
		expect(outcomeOf([...lines, { status: "malformed", reason: "r" }], true)).toMatchObject({ cause: "malformed" });
	});
	test("a mean over a second is said", () =>
		expect(outcomeOf(steady("GPU-a", 0, 10), false)).toMatchObject({
			caveats: [expect.stringContaining("a mean over the last second")],
		}));
});
