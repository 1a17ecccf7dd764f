import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { readJournal } from "../../src/measurement/journal.js";
import { planCells } from "../../src/measurement/planCells.js";
import type { JournalRecord } from "../../src/measurement/records.js";
import { seeded } from "../../src/random.js";
import { tinyPlan } from "./plans.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "measure-"));
});
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

function start(
	plan: object,
	out: string,
	...more: string[]
): { child: ChildProcess; ended: Promise<number | null>; text: () => string } {
	const file = join(folder, "plan.yaml");
	writeFileSync(file, JSON.stringify(plan));
	const env = { ...process.env, SUSTAINABLE_IPA_POWERCAP_ROOT: "/no/such/powercap" };
	const child = spawn("node", ["dist/cli/main.js", "measure", file, "--out", out, ...more], {
		env,
		// A process group of its own, as a terminal gives a command.
		detached: true,
	});
	let text = "";
	child.stderr?.on("data", (chunk) => (text += chunk));
	const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
	return { child, ended, text: () => text };
}

const repetitionsOf = (records: readonly JournalRecord[]) =>
	records.flatMap((record) => (record.type === "repetition" ? [`${record.cell}#${record.repetition}`] : []));

describe("a run that is killed", () => {
	test("100 times loses nothing finished, doubles nothing, and ends with a whole dataset", async () => {
		const plan = tinyPlan({
			variants: [{ name: "small" }, { name: "large" }, { name: "third" }],
			batches: [1, 2, 3, 4],
			runner: { type: "arithmetic", work: 1 },
			window_s: 0.01,
			repetitions: { min: 25, max: 30, target_relative_interval: 0.0001 },
			blocks: 5,
		});
		const out = join(folder, "killed");
		const journal = join(out, "journal.jsonl");
		const random = seeded(100);
		let before: readonly JournalRecord[] = [];
		let kills = 0;
		let midRun = 0;
		while (kills < 100) {
			const { child, ended, text } = start(plan, out);
			// One in five at any time from its start on, the others once it runs, up to some repetitions later.
			if (random() < 0.2) await sleep(random() * 400);
			else {
				while (!text().includes("spent") && child.exitCode === null) await sleep(5);
				await sleep(random() * 90);
			}
			child.kill("SIGKILL");
			const code = await ended;
			expect(code).not.toBe(1);
			if (code === 0) break;
			kills += 1;
			if (!existsSync(journal)) continue;
			const now = readJournal(journal);
			expect(now.slice(0, before.length)).toEqual(before);
			if (now.length > before.length) midRun += 1;
			before = now;
		}
		expect(kills).toBe(100);
		expect(midRun).toBeGreaterThan(40);

		const { ended } = start(plan, out);
		expect(await ended).toBe(0);
		const finished = repetitionsOf(readJournal(journal));
		expect(new Set(finished).size).toBe(finished.length);
		for (const { id } of planCells(plan)) {
			const own = finished.filter((key) => key.startsWith(`${id}#`));
			expect(own.length).toBeGreaterThanOrEqual(plan.repetitions.min);
			expect(own.length).toBeLessThanOrEqual(plan.repetitions.max);
		}
		const { cells } = await readEvidence(join(out, "dataset"));
		expect(cells.map(({ variant, batch }) => `${variant}${batch}`).sort()).toEqual(
			planCells(plan)
				.map(({ variant, batch }) => `${variant}${batch}`)
				.sort(),
		);
		expect(readdirSync(out).filter((name) => /part|lock/.test(name))).toEqual([]);
	}, 360_000);

	test("Ctrl-C ends it with 130, a whole journal, and the words to go on", async () => {
		const out = join(folder, "stopped");
		const plan = tinyPlan({ window_s: 0.2 });
		const { child, ended, text } = start(plan, out);
		while (!/ [12]\/16/.test(text())) await sleep(10);
		child.kill("SIGINT");
		expect(await ended).toBe(130);
		expect(text()).toContain("give the same command again to go on");
		const bytes = readFileSync(join(out, "journal.jsonl"), "utf8");
		expect(bytes.endsWith("\n")).toBe(true);
		expect(existsSync(join(out, "journal.jsonl.lock"))).toBe(false);
		expect(await start(plan, out).ended).toBe(0);
	});

	test("so does Ctrl-C in a terminal, which reaches a runner's process too", async () => {
		const out = join(folder, "terminal");
		const runner = { type: "onnx", files: {} };
		const plan = tinyPlan({ runner, variants: [{ name: "resnet18" }], batches: [1], window_s: 0.5 });
		const { child, ended, text } = start(plan, out);
		while (!/ 1\/4/.test(text())) await sleep(10);
		process.kill(-(child.pid as number), "SIGINT");
		expect(await ended).toBe(130);
		expect(text()).toContain("give the same command again to go on");
		expect(existsSync(join(out, "journal.jsonl.lock"))).toBe(false);
	});

	test("and two at once: the second is refused", async () => {
		const out = join(folder, "twice");
		const plan = tinyPlan({ window_s: 0.3 });
		const first = start(plan, out);
		while (!first.text().includes("1/16")) await sleep(10);
		const second = start(plan, out);
		expect(await second.ended).toBe(1);
		expect(second.text()).toContain("a run of this journal is going on");
		first.child.kill("SIGINT");
		expect(await first.ended).toBe(130);
	});
});

describe("names", () => {
	const bait = (where: string) => [
		`a "quoted" 'name'`,
		`$(touch ${where}/ran)`,
		`\`touch ${where}/ran\`; touch ${where}/ran & | > ${where}/ran`,
		"../../escape",
		"line\nbreak, comma",
	];

	test("with quotes, newlines, $( ) and .. reach the program as one argument, and no file leaves the folder", async () => {
		const out = join(folder, "names", "out");
		const seen = join(folder, "seen.txt");
		const script = join(folder, "append.mjs");
		writeFileSync(
			script,
			"import { appendFileSync } from 'node:fs'; appendFileSync(process.argv[2], JSON.stringify(process.argv.slice(3)) + '\\n');",
		);
		const names = bait(folder);
		const plan = tinyPlan({
			runner: { type: "command", argv: ["node", script, seen, "{variant}", "{batch}"], request_unit: "image" },
			variants: names.map((name) => ({ name })),
			batches: [1],
			window_s: 0.001,
			repetitions: { min: 2, max: 2, target_relative_interval: 1 },
		});
		expect(await start(plan, out).ended).toBe(0);
		const called = new Set(readFileSync(seen, "utf8").trim().split("\n"));
		expect([...called].sort()).toEqual(names.map((name) => JSON.stringify([name, "1"])).sort());
		expect(existsSync(join(folder, "ran"))).toBe(false);
		expect(readdirSync(join(folder, "names"))).toEqual(["out"]);
		expect(readdirSync(out).sort()).toEqual(["dataset", "details.csv", "journal.jsonl"]);
		const { cells } = await readEvidence(join(out, "dataset"));
		expect(cells.map(({ variant }) => variant)).toEqual(names);
		// The programs' CPU time, not the harness': node takes some 30 ms to start.
		const details = readFileSync(join(out, "details.csv"), "utf8");
		expect(details).not.toContain("unavailable: no /proc");
	});

	test("a program that fails stops the run with its message, not with a number", async () => {
		const plan = tinyPlan({
			runner: { type: "command", argv: ["node", "-e", "process.exit(3)"], request_unit: "image" },
		});
		const { ended, text } = start(plan, join(folder, "failing"));
		expect(await ended).toBe(1);
		expect(text()).toContain("exit code 3");
	});
});

test("--model-energy labels what it adds, and the study refuses it", async () => {
	const out = join(folder, "modelled");
	expect(await start(tinyPlan(), out, "--model-energy").ended).toBe(0);
	const { cells, provenance } = await readEvidence(join(out, "dataset"));
	for (const { energy } of cells) expect(energy).toMatchObject({ status: "available", kind: "modelled" });
	expect(provenance.barred).toContain("no measured energy");
	const plain = join(folder, "plain");
	expect(await start(tinyPlan({ probes: ["powercap"] }), plain).ended).toBe(0);
	const measured = await readEvidence(join(plain, "dataset"));
	for (const { energy } of measured.cells)
		expect(energy).toEqual({ status: "unavailable", reason: "no energy source watched this run" });
	expect(measured.provenance.caveats).toContainEqual(
		expect.stringContaining("no energy by powercap: absent: /no/such/powercap is absent"),
	);
});
