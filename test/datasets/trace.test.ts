import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { mean } from "simple-statistics";
import { beforeAll, describe, expect, test } from "vitest";
import { readTrace, readWindows } from "../../src/datasets/trace.js";

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "trace-"));
});

const written = async (content: string | Buffer): Promise<string> => {
	const file = join(folder, `${Math.random()}`);
	await writeFile(file, content);
	return file;
};

describe("the shipped trace", () => {
	test("has the length, mean and largest second of its README", async () => {
		const counts = await readTrace("data/raw/twitter/twitter-per-second.txt.gz");
		expect(counts.length).toBe(1_899_061);
		let sum = 0;
		let largest = 0;
		for (const count of counts) {
			sum += count;
			largest = Math.max(largest, count);
		}
		expect(sum / counts.length).toBeCloseTo(63.6, 1);
		expect(largest).toBe(388);
	});

	// Mean, smallest and largest rate of each window: the table of the dataset's README.
	test.each([
		["bursty", 12.03, 3, 34],
		["steady_low", 5.06, 3, 8],
		["steady_high", 28.84, 23, 34],
		["fluctuating", 16.53, 3, 34],
	])("window %s has the rates of its README and the counts of the trace", async (name, average, low, high) => {
		const counts = await readTrace("data/raw/twitter/twitter-per-second.txt.gz");
		const windows = await readWindows("data/raw/twitter/twitter-workload-windows.csv");
		const window = windows.get(name);
		if (window === undefined) throw new Error(`no window ${name}`);
		expect(window.rps_damped8.length).toBe(1200);
		expect(mean([...window.rps_damped8])).toBeCloseTo(average, 2);
		expect([Math.min(...window.rps_damped8), Math.max(...window.rps_damped8)]).toEqual([low, high]);
		expect([...window.raw_count]).toEqual([...window.trace_index].map((i) => counts[i]));
		expect([...window.rps_damped8]).toEqual([...window.raw_count].map((count) => Math.trunc(count / 8)));
	});
});

describe("a bad trace", () => {
	test.each([
		["a word", "52\n55\nmany\n", 3, "many"],
		["a negative count", "52\n-1\n", 2, "-1"],
		["a fraction", "52.5\n", 1, "52.5"],
		["an empty line in the middle", "52\n\n55\n", 2, ""],
		["more than a count can be", "99999999999\n", 1, "99999999999"],
	])("%s is refused with its line", async (_, text, line, value) => {
		const file = await written(text);
		const rule = "must be a whole number of requests, 0 or more";
		await expect(readTrace(file)).rejects.toMatchObject({ fault: { file, line, rule, value } });
	});

	test("cut gzip, an empty file and a missing one are refused", async () => {
		const whole = gzipSync("52\n55\n48\n".repeat(1000));
		const cut = await written(whole.subarray(0, whole.length - 9));
		await expect(readTrace(cut)).rejects.toMatchObject({
			fault: { file: cut, rule: "must be whole gzip data (it is cut off or damaged)" },
		});
		const empty = await written("");
		await expect(readTrace(empty)).rejects.toMatchObject({ fault: { file: empty, rule: "must not be empty" } });
		const absent = join(folder, "absent.txt");
		await expect(readTrace(absent)).rejects.toMatchObject({ fault: { file: absent, rule: "must exist" } });
	});

	test("CRLF is fine, and so is no line end at the end", async () => {
		expect([...(await readTrace(await written("1\r\n0\r\n3")))]).toEqual([1, 0, 3]);
	});

	test("a window whose seconds skip is refused", async () => {
		const file = await written("window,second,trace_index,raw_count,rps_damped8\nw,0,5,16,2\nw,2,6,16,2\n");
		await expect(readWindows(file)).rejects.toMatchObject({ fault: { file, line: 3, field: "second", value: 2 } });
	});
});
