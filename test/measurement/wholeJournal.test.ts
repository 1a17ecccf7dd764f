import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openJournal, readJournal } from "../../src/measurement/journal.js";
import { mergeJournals } from "../../src/measurement/merge.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { readPlan } from "../../src/measurement/plan.js";
import { wholePlan } from "../../src/measurement/planCells.js";
import type { JournalRecord } from "../../src/measurement/records.js";
import { tinyPlan } from "./plans.js";

const faults = "test/fixtures/faults";
let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "whole-"));
	file = join(folder, "journal.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("records that do not go together are an error of their line", () => {
	test.each([
		["journal-repetition-twice.jsonl", /:7, repetition: must not be measured twice: .* stands on line 6/],
		["journal-two-headers.jsonl", /:2, type: must not be a second header/],
		["journal-session-unknown.jsonl", /:4, session: must be one of the 1 sessions above it, received 7/],
		["journal-infinity-written.jsonl", /:25, readings\.0\.resolution_j: /],
		["merge-nan/journal.jsonl", /:4: must be a JSON record/],
	])("%s, read and merged", async (name, message) => {
		expect(() => readJournal(join(faults, name))).toThrow(message);
		await expect(mergeJournals(join(faults, name), folder)).rejects.toMatchObject({
			name: "InputError",
			message: expect.stringMatching(message),
		});
	});
	const lines = () => readFileSync(join(faults, "journal-repetition-twice.jsonl"), "utf8").split("\n");
	test("a control twice, and a session that begins below its repetitions", () => {
		const [header, session, control, ...rest] = lines() as [string, string, string, ...string[]];
		writeFileSync(file, `${[header, session, control, control].join("\n")}\n`);
		expect(() => readJournal(file)).toThrow(/:4, control: must not be measured twice: .* line 3/);
		writeFileSync(file, `${[header, rest[0], session].join("\n")}\n`);
		expect(() => readJournal(file)).toThrow(/:2, session: must be one of the 0 sessions/);
	});
	test("an energy that no machines draw, and a journal that is not there", () => {
		const [header, session] = lines() as [string, string];
		const reading = { status: "reading", probe: "p", energy_j: 1e308, duration_s: 1, covers: [], kind: "measured" };
		const idle = { type: "idle", block: 0, when: "before", session: 0, started_at: "", readings: [reading] };
		writeFileSync(file, `${header}\n${session}\n${JSON.stringify(idle)}\n`);
		expect(() => readJournal(file)).toThrow(/:3, readings\.0\.energy_j: must be at most/);
		expect(() => readJournal(join(folder, "none.jsonl"))).toThrow(/must be a journal that can be read \(ENOENT\)/);
	});
});

test("a record that could not be read back is not written, and the journal goes on", () => {
	const journal = openJournal(file, tinyPlan(), wholePlan);
	const idle = (resolution_j: number): JournalRecord => ({
		type: "idle",
		block: 0,
		when: "before",
		session: 0,
		started_at: "2026-01-01T00:00:00.000Z",
		readings: [
			{ status: "reading", probe: "p", energy_j: 5, duration_s: 1, covers: [], kind: "measured", resolution_j },
		],
	});
	for (const bad of [Number.POSITIVE_INFINITY, Number.NaN])
		expect(() => journal.append(idle(bad))).toThrow(/readings\.0\.resolution_j/);
	journal.append(idle(0.1));
	journal.close();
	expect(readJournal(file)).toHaveLength(2);
});

describe("a lock of another container on this machine", () => {
	const locked = (change: object, silent_s = 0) => {
		const journal = openJournal(file, tinyPlan(), wholePlan);
		const lock = JSON.parse(readFileSync(`${file}.lock`, "utf8")) as object;
		journal.close();
		writeFileSync(`${file}.lock`, JSON.stringify({ ...lock, ...change }));
		const then = new Date(Date.now() - 1000 * silent_s);
		utimesSync(`${file}.lock`, then, then);
	};
	const open = () => openJournal(file, tinyPlan(), wholePlan);
	test("is refused while it shows that it goes on, and taken over after a minute without", () => {
		locked({ pid_ns: "pid:[1]", pid: 1 });
		expect(open).toThrow(/must be free: a run in another container of this machine took it/);
		locked2();
	});
	const locked2 = () => {
		rmSync(`${file}.lock`);
		locked({ pid_ns: "pid:[1]", pid: 1 }, 61);
		open().close();
		expect(existsSync(`${file}.lock`)).toBe(false);
	};
	test("of an earlier boot is taken over at once", () => {
		locked({ pid_ns: "pid:[1]", boot: "another" });
		open().close();
	});
	test("that took over meanwhile: the first one writes nothing more, and leaves the lock", () => {
		const journal = open();
		writeFileSync(`${file}.lock`, "another's");
		const session: JournalRecord = {
			type: "session",
			started_at: "",
			hardware: "h",
			environment: {},
			probes: [],
			probes_unavailable: [],
		};
		expect(() => journal.append(session)).toThrow("must still be this run's");
		journal.close();
		expect(readFileSync(`${file}.lock`, "utf8")).toBe("another's");
		expect(readJournal(file)).toHaveLength(1);
	});
});

describe("merge", () => {
	test("takes names as they are: dollar signs, brackets, a quotation mark", async () => {
		const whole = readFileSync(join(faults, "journal-repetition-once.jsonl"), "utf8");
		for (const name of ["a$$b", "a$&b", "a[1]'s"]) {
			mkdirSync(join(folder, name));
			writeFileSync(join(folder, name, "journal.jsonl"), whole);
			const merged = await mergeJournals(join(folder, name, "journal.jsonl"), join(folder, `out ${name}`));
			expect(merged).toMatchObject({ journals: 1, parquet: { status: "available" } });
			expect(existsSync(join(folder, `out ${name}`, "repetitions.parquet"))).toBe(true);
		}
		cpSync(join(folder, "a$$b"), join(folder, "deep", "er", "a"), { recursive: true });
		expect(await mergeJournals(join(folder, "deep", "**", "j?urnal.[j]sonl"), join(folder, "out"))).toMatchObject({
			journals: 1,
		});
	});
	test.each(["https://example.org/journal.jsonl", "s3://bucket/*.jsonl", "hf://datasets/x"])(
		"%s is not fetched",
		(glob) => expect(mergeJournals(glob, folder)).rejects.toThrow("must be a path: nothing is fetched"),
	);
	test("into a folder that cannot be made is an error of that folder", async () => {
		writeFileSync(join(folder, "in-the-way"), "");
		const [header, session, control, repetition] = readFileSync(join(faults, "journal-session-unknown.jsonl"), "utf8")
			.replaceAll('"session":7', '"session":0')
			.split("\n");
		writeFileSync(file, `${[header, session, control, repetition].join("\n")}\n`);
		await expect(mergeJournals(file, join(folder, "in-the-way", "out"))).rejects.toMatchObject({ name: "InputError" });
	});
});

describe("what is read before anything is measured", () => {
	test("coefficients that are no YAML, or not there", async () => {
		await expect(readEnergyCoefficients(join(faults, "coefficients-not-yaml.yaml"))).rejects.toThrow(
			/yaml:2:\d+: must be YAML/,
		);
		await expect(readEnergyCoefficients(join(folder, "none.yaml"))).rejects.toThrow(/none\.yaml: must exist/);
	});
	test("a variant that the cell table would not give back: a carriage return, half a character", async () => {
		await expect(readPlan(join(faults, "plan-variant-with-cr.yaml"))).rejects.toThrow(
			/variants\.0\.name: must not hold a carriage return/,
		);
		const plan = (change: object) => {
			writeFileSync(join(folder, "p.json"), JSON.stringify({ ...tinyPlan(), ...change }));
			return readPlan(join(folder, "p.json"));
		};
		await expect(plan({ variants: [{ name: "a\ud800b" }] })).rejects.toThrow("UTF-8");
		await expect(plan({ variants: [{ name: "a", stage: "b\rc" }] })).rejects.toThrow("variants.0.stage");
		const runner = { type: "command", argv: ["true"], request_unit: " image" };
		await expect(plan({ runner })).rejects.toThrow("runner.request_unit");
	});
	test("credentials in a server's URL: refused, and not shown", async () => {
		writeFileSync(
			join(folder, "p.json"),
			JSON.stringify({ ...tinyPlan(), runner: { type: "mlserver", url: "http://u:sesame@h", rate_rps: 1 } }),
		);
		const error = await readPlan(join(folder, "p.json")).catch((caught: Error) => caught);
		expect(String(error)).toMatch(/runner\.url: must not hold credentials/);
		expect(String(error)).not.toContain("sesame");
	});
});
