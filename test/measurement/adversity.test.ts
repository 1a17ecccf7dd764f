import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { readJournal } from "../../src/measurement/journal.js";
import { tinyPlan } from "./plans.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "adversity-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function planFile(change: Parameters<typeof tinyPlan>[0] = {}): string {
	const file = join(folder, `plan-${Math.random().toString(36).slice(2)}.json`);
	writeFileSync(file, JSON.stringify(tinyPlan(change)));
	return file;
}

const command = ["dist/cli/main.js", "measure"] as const;
const can = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const repetitions = (out: string) =>
	readJournal(join(out, "journal.jsonl")).flatMap((record) =>
		record.type === "repetition" ? [`${record.cell}#${record.repetition}`] : [],
	);

describe("a full disk", () => {
	/** Whole once the disk has room: nothing finished is lost or doubled, and no folder is left over. */
	async function goesOn(plan: string, out: string): Promise<void> {
		execFileSync("node", [...command, plan, "--out", out], { stdio: "ignore" });
		const done = repetitions(out);
		expect(new Set(done).size).toBe(done.length);
		expect(done.length).toBeGreaterThanOrEqual(16);
		expect((await readEvidence(join(out, "dataset"))).cells).toHaveLength(4);
		expect(readdirSync(out).filter((name) => /part|old|lock/.test(name))).toEqual([]);
	}
	// A limit on the size of each file: the write that passes it fails, as on a disk without room.
	test.each([0, 1, 3, 8, 16])(
		"at %i KiB of a file: what was finished is kept",
		async (kib) => {
			const plan = planFile();
			const out = join(folder, `limit-${kib}`);
			const script = `ulimit -f ${kib}; exec node ${command.join(" ")} "$1" --out "$2"`;
			const { status, stderr } = spawnSync("bash", ["-c", script, "bash", plan, out], { encoding: "utf8" });
			if (status !== 0) {
				expect(status).toBe(1);
				expect(stderr).toMatch(/must be writable: .*\((EFBIG|ENOSPC)\)/);
				expect(stderr).not.toMatch(/^\s+at /m);
			}
			const before = existsSync(join(out, "journal.jsonl")) ? repetitions(out) : [];
			await goesOn(plan, out);
			expect(repetitions(out).slice(0, before.length)).toEqual(before);
		},
		60_000,
	);
	test.runIf(process.getuid?.() === 0 && can("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", tmpdir()))(
		"for real, of a few pages: the same, and an older dataset stays whole",
		async () => {
			const plan = planFile();
			const good = join(folder, "good");
			execFileSync("node", [...command, plan, "--out", good], { stdio: "ignore" });
			for (const pages of [2, 5, 7]) {
				const out = join(folder, `disk-${pages}`);
				const kept = join(folder, `kept-${pages}`);
				mkdirSync(out);
				// The old dataset lies there; what the run left on the small disk is copied out before the disk is gone.
				const script = `mount -t tmpfs -o size=${4 * pages + 24}k tmpfs "$2" && cp -r "$3/dataset" "$2/" && node ${command.join(" ")} "$1" --out "$2"; code=$?; cp -r "$2" "$4"; exit $code`;
				const { status, stderr } = spawnSync("unshare", ["-m", "bash", "-c", script, "bash", plan, out, good, kept], {
					encoding: "utf8",
				});
				if (status !== 0) expect(stderr).toMatch(/must be writable: .*\(ENOSPC\)/);
				expect((await readEvidence(join(kept, "dataset"))).cells).toHaveLength(4);
				await goesOn(plan, kept);
			}
		},
		180_000,
	);
});

test.runIf(can("unshare", "--pid", "--fork", "--mount-proc", "true"))(
	"two containers on one folder: the second is refused, and the journal is whole",
	async () => {
		const plan = planFile({ window_s: 0.5 });
		const out = join(folder, "containers");
		const first = spawn("node", [...command, plan, "--out", out], { stdio: "ignore" });
		const ended = new Promise((resolve) => first.on("close", resolve));
		while (!existsSync(join(out, "journal.jsonl"))) await sleep(5);
		const second = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "node", ...command, plan, "--out", out], {
			encoding: "utf8",
		});
		expect(second.status).toBe(1);
		expect(second.stderr).toContain("a run in another container of this machine took it");
		expect(await ended).toBe(0);
		const done = repetitions(out);
		expect(new Set(done).size).toBe(done.length);
	},
	60_000,
);

describe("nobody who reads", () => {
	test.each([
		["standard error", (run: string) => `${run} 2>&1 | head -1`],
		["room for its progress", (run: string) => `${run} 2>/dev/full`],
		["both streams", (run: string) => `${run} >&- 2>&-`],
	])("%s: the run goes on to its end", (name, script) => {
		const plan = planFile();
		const out = join(folder, `unread-${name}`);
		const run = `node ${command.join(" ")} ${JSON.stringify(plan)} --out ${JSON.stringify(out)}`;
		const { stdout } = spawnSync("bash", ["-c", script(run)], { encoding: "utf8" });
		expect(stdout).not.toMatch(/^\s+at /m);
		expect(existsSync(join(out, "dataset", "cells.csv"))).toBe(true);
	});
	test("a result that standard output has no room for is an error", () => {
		const { status, stderr } = spawnSync("bash", ["-c", "node dist/cli/main.js --help > /dev/full"], {
			encoding: "utf8",
		});
		expect([status, stderr.trim()]).toEqual([1, "standard output cannot be written (ENOSPC)"]);
	});
});

test("a copy of a dataset and a note in it survive the same command", async () => {
	const plan = planFile();
	const out = join(folder, "again");
	const measure = () => execFileSync("node", [...command, plan, "--out", out], { stdio: "ignore" });
	measure();
	cpSync(join(out, "dataset"), join(out, "dataset.old"), { recursive: true });
	mkdirSync(join(out, "dataset.part"));
	writeFileSync(join(out, "dataset.part", "mine.txt"), "mine");
	writeFileSync(join(out, "dataset", "note.md"), "mine");
	measure();
	expect(readdirSync(out).sort()).toEqual(["dataset", "dataset.old", "dataset.part", "details.csv", "journal.jsonl"]);
	expect(readFileSync(join(out, "dataset", "note.md"), "utf8")).toBe("mine");
	expect(readFileSync(join(out, "dataset.part", "mine.txt"), "utf8")).toBe("mine");
	expect((await readEvidence(join(out, "dataset.old"))).cells).toHaveLength(4);
	expect((await readEvidence(join(out, "dataset"))).cells).toHaveLength(4);
});
