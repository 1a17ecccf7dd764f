import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { openJournal, readJournal } from "../../src/measurement/journal.js";
import { wholePlan } from "../../src/measurement/planCells.js";
import type { JournalRecord } from "../../src/measurement/records.js";
import { tinyPlan } from "./plans.js";

let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "journal-"));
	file = join(folder, "journal.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const idle = (block: number): JournalRecord => ({
	type: "idle",
	block,
	when: "before",
	session: 0,
	started_at: "2026-01-01T00:00:00.000Z",
	readings: [],
});

function written(...blocks: number[]): void {
	const journal = openJournal(file, tinyPlan(), wholePlan);
	for (const block of blocks) journal.append(idle(block));
	journal.close();
}

describe("a journal", () => {
	test("holds what was appended, below a header with the plan, its hash and its seed", () => {
		written(0, 1);
		written(2);
		const [header, ...rest] = readJournal(file);
		expect(header).toMatchObject({
			type: "header",
			seed: 7,
			plan: tinyPlan(),
			plan_hash: expect.stringMatching(/^\w{64}$/),
		});
		expect(rest).toEqual([idle(0), idle(1), idle(2)]);
		expect(existsSync(`${file}.lock`)).toBe(false);
	});

	test("cut at any byte loses the torn line alone, keeps it aside, and goes on", () => {
		written(0, 1);
		const bytes = readFileSync(file);
		const starts = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([i]) => i + 1);
		const header = starts[0] as number;
		for (let cut = header; cut <= bytes.length; cut += 7) {
			writeFileSync(file, bytes.subarray(0, cut));
			rmSync(`${file}.torn`, { force: true });
			const whole = Math.max(...starts.filter((start) => start <= cut));
			const journal = openJournal(file, tinyPlan(), wholePlan);
			expect(journal.records).toHaveLength(starts.indexOf(whole) + 1);
			expect(journal.torn).toBe(cut - whole);
			journal.append(idle(9));
			journal.close();
			expect(readJournal(file).at(-1)).toEqual(idle(9));
			if (cut > whole) expect(readFileSync(`${file}.torn`)).toEqual(bytes.subarray(whole, cut));
		}
	});

	test("with a damaged line in between is refused, by its number", () => {
		written(0);
		appendFileSync(file, "{broken\n");
		expect(() => openJournal(file, tinyPlan(), wholePlan)).toThrow(`${file}:3: must be a JSON record`);
		expect(existsSync(`${file}.lock`)).toBe(false);
	});

	test("of another plan or shard is refused", () => {
		written(0);
		expect(() => openJournal(file, tinyPlan({ seed: 8 }), wholePlan)).toThrow(
			/plan_hash: must be \w{12}\.\.\., that of plan tiny: this journal belongs to another plan/,
		);
		expect(() => openJournal(file, tinyPlan(), { index: 1, count: 2 })).toThrow("shard: must be 1/2");
	});

	test("is locked while open; a lock of a process that is gone, or of an earlier boot, is taken over", () => {
		const journal = openJournal(file, tinyPlan(), wholePlan);
		expect(() => openJournal(file, tinyPlan(), wholePlan)).toThrow("a run of this journal is going on");
		const lock = JSON.parse(readFileSync(`${file}.lock`, "utf8")) as object;
		journal.close();
		for (const change of [{ start_ticks: "1" }, { boot: "another" }, { pid: 4194304 }]) {
			writeFileSync(`${file}.lock`, JSON.stringify({ ...lock, ...change }));
			written(1);
		}
		writeFileSync(`${file}.lock`, JSON.stringify({ ...lock, host: "node-2" }));
		expect(() => written(1)).toThrow("a run on node-2 took it");
	});
});

describe("a journal that cannot be written", () => {
	const opened = () => {
		try {
			return openJournal(file, tinyPlan(), wholePlan);
		} catch (error) {
			return error;
		}
	};
	test("on a full disk: the file and the cause, and no lock left", () => {
		// /dev/full takes no byte, as a full disk does.
		symlinkSync("/dev/full", `${file}.part`);
		const error = opened() as InputError;
		expect(error).toBeInstanceOf(InputError);
		expect(error.message).toContain(`${file}: must be writable: no space left on device (ENOSPC)`);
		expect(existsSync(`${file}.lock`)).toBe(false);
	});
	test("under a path that is a file, on a file system that takes no folder, and where a folder has its name", () => {
		writeFileSync(join(folder, "in-the-way"), "");
		mkdirSync(file);
		for (const [path, code] of [
			[join(folder, "in-the-way", "out", "journal.jsonl"), "EEXIST"],
			["/proc/none/journal.jsonl", "must be writable"],
			[file, "EISDIR"],
		] as const) {
			file = path;
			expect(opened()).toMatchObject({ name: "InputError", message: expect.stringContaining(code) });
		}
		file = join(folder, "journal.jsonl");
	});
	test("whose lock's content was lost with the machine's power says which file to delete", () => {
		writeFileSync(`${file}.lock`, "");
		expect(opened()).toMatchObject({
			name: "InputError",
			message: expect.stringMatching(/journal\.jsonl\.lock: must name the run .*delete the file/),
		});
	});
});
