import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { nvidiaSmiProbe } from "../../src/energy/nvidiaSmi.js";
import { powercapProbe } from "../../src/energy/powercap.js";
import { InputError } from "../../src/errors.js";
import { readJournal } from "../../src/measurement/journal.js";
import { detectMeters } from "../../src/measurement/meters.js";
import { fakePowercap } from "../energy/fakePowercap.js";
import { fakePerf } from "../energy/fakeReaders.js";
import { fakeTool } from "../energy/fakeTool.js";
import { realTime } from "../realTime.js";
import { tinyPlan } from "./plans.js";

/** Watts of the package at rest and of its DRAM, and joules that a second of the harness's CPU time costs. */
const [package_w, dram_w, joules_per_cpu_s] = [20, 5, 50];
/** Begun 150 J below it, the counter wraps in the run; at the most that the probe takes for possible it would take 5 s. */
const range_uj = 5_000_000_000;

/**
 * Advances a package by time and by what the harness's threads have run, as /proc tells in nanoseconds, and logs what it
 * has written: milliseconds since 1970, microjoules of all that it counts, unwrapped, and the package's wraps.
 */
const machine = `
import { openSync, readdirSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { setPriority } from "node:os";
const [root, pidFile, start, log] = process.argv.slice(2);
// Counters do not wait for a busy machine; where this may not go first, it can.
try { setPriority(-20); } catch {}
const set = (zone, microjoules) => {
	const file = root + "/" + zone + "/energy_uj";
	writeFileSync(file + ".aside", Math.floor(microjoules % ${range_uj}) + "\\n");
	renameSync(file + ".aside", file);
};
const lines = openSync(log, "a");
const began = performance.now();
const ran_s = new Map();
let harness;
setInterval(() => {
	try {
		harness ??= readFileSync(pidFile, "utf8");
		// A thread that has ended keeps what it ran.
		for (const thread of readdirSync("/proc/" + harness + "/task"))
			ran_s.set(thread, Number(readFileSync("/proc/" + harness + "/task/" + thread + "/schedstat", "utf8").split(" ")[0]) / 1e9);
	} catch { return; }
	const cpu_s = [...ran_s.values()].reduce((a, b) => a + b, 0);
	const seconds = (performance.now() - began) / 1000;
	const [processor, memory] = [(${package_w} * seconds + ${joules_per_cpu_s} * cpu_s) * 1e6, ${dram_w} * seconds * 1e6];
	set("intel-rapl:0", Number(start) + processor);
	set("intel-rapl:0:0", 1e6 + memory);
	writeSync(lines, (performance.timeOrigin + performance.now()) + " " + (processor + memory) + " " + Math.floor((Number(start) + processor) / ${range_uj}) + "\\n");
}, 1);
`;

/** What the machine had counted when, by its log: however seldom it came to write, the probes can have read no other. */
function countedBy(log: string) {
	const rows = readFileSync(log, "utf8")
		.trim()
		.split("\n")
		.map((line) => line.split(" ").map(Number));
	const at = (time_ms: number) => {
		const next = rows.findIndex(([time]) => (time as number) > time_ms);
		const last = next < 0 ? rows.length - 1 : next - 1;
		return { joules: (rows[last]?.[1] as number) / 1e6, wraps: rows[last]?.[2] as number, last };
	};
	/** Joules of a window, and how far a reader whose window ends `slack_s` off, before or after, can be from them. */
	return (started_at: string, seconds: number, slack_s: number) => {
		const from_ms = Date.parse(started_at);
		const until_ms = from_ms + 1000 * seconds;
		const wraps = (slack_ms: number) => at(until_ms + slack_ms).wraps - at(from_ms - slack_ms).wraps;
		const around = (time_ms: number) =>
			(rows[Math.min(rows.length - 1, at(time_ms + 1000 * slack_s).last + 1)]?.[1] as number) / 1e6 -
			at(time_ms - 1000 * slack_s).joules;
		return {
			joules: at(until_ms).joules - at(from_ms).joules,
			edges_j: around(from_ms) + around(until_ms),
			least_wraps: wraps(-1000 * slack_s),
			most_wraps: wraps(1000 * slack_s),
		};
	};
}

test("a whole run over counters of known joules: gross and idle-subtracted energies in the dataset", {
	...realTime,
	timeout: 150_000,
}, async () => {
	const start_uj = range_uj - 150_000_000;
	const root = fakePowercap({
		"intel-rapl:0": { name: "package-0", energy_uj: start_uj, max_energy_range_uj: range_uj },
		"intel-rapl:0:0": { name: "dram", energy_uj: 1_000_000, max_energy_range_uj: range_uj },
		"intel-rapl-mmio:0": { name: "package-0", energy_uj: start_uj, max_energy_range_uj: range_uj },
	});
	const folder = mkdtempSync(join(tmpdir(), "measure-powercap-"));
	const file = join(folder, "plan.yaml");
	const plan = tinyPlan({
		runner: { type: "arithmetic", work: 500 },
		variants: [{ name: "only" }],
		batches: [1, 4],
		window_s: 1,
		idle_s: 1,
		repetitions: { min: 2, max: 2, target_relative_interval: 1 },
		blocks: 1,
		probes: ["powercap", "perf"],
	});
	writeFileSync(file, JSON.stringify(plan));
	const script = join(folder, "machine.mjs");
	writeFileSync(script, machine);
	const [pidFile, log] = [join(folder, "pid"), join(folder, "log")];
	const counters = spawn("node", [script, root, pidFile, String(start_uj), log]);
	try {
		// A tool that takes its time to start, while the work waits.
		const path = `${fakePerf(root, 1, 1000).folder}:${process.env.PATH}`;
		const env = { ...process.env, SUSTAINABLE_IPA_POWERCAP_ROOT: root, PATH: path };
		const out = join(folder, "out");
		const harness = spawn("node", ["dist/cli/main.js", "measure", file, "--out", out], { env });
		writeFileSync(`${pidFile}.aside`, String(harness.pid));
		renameSync(`${pidFile}.aside`, pidFile);
		let text = "";
		harness.stderr.on("data", (chunk) => (text += chunk));
		expect([await new Promise((resolve) => harness.on("close", resolve)), text]).toEqual([0, text]);
		expect(text).toContain("energy by powercap, perf");
		const truth = countedBy(log);
		const records = readJournal(join(out, "journal.jsonl"));
		// What a probe read differs by no more than what was counted around the edges of its window.
		const slackOf = (elapsed_s: number, { duration_s }: { duration_s: number }) =>
			Math.abs(duration_s - elapsed_s) + 0.01;

		// Every window of the preferred probe against what the machine wrote meanwhile.
		const watched = records.flatMap((record) => {
			if (record.type === "idle") return [{ started_at: record.started_at, elapsed_s: 1, readings: record.readings }];
			return "window" in record ? [record.window] : [];
		});
		expect(watched.length).toBeGreaterThanOrEqual(8);
		for (const { started_at, elapsed_s, readings } of watched) {
			const [powercap, perf] = readings;
			if (powercap?.status !== "reading" || perf?.status !== "reading") throw new Error(JSON.stringify(readings));
			expect([powercap.probe, perf.probe]).toEqual(["powercap", "perf"]);
			expect(powercap).toMatchObject({
				domains: [
					{ domain: "package-0", inTotal: true },
					{ domain: "dram-0", inTotal: true },
				],
				caveats: [],
			});
			// The slow start of perf is no part of the preferred probe's window, and all of it is of perf's.
			expect(powercap.duration_s).toBeLessThan(elapsed_s + 0.95);
			expect(perf.duration_s).toBeGreaterThan(powercap.duration_s);
			const { joules, edges_j, least_wraps, most_wraps } = truth(started_at, elapsed_s, slackOf(elapsed_s, powercap));
			expect(Math.abs(powercap.energy_j - joules)).toBeLessThan(edges_j);
			expect(edges_j).toBeLessThan(joules);
			expect(powercap.wraps).toBeGreaterThanOrEqual(least_wraps);
			expect(powercap.wraps).toBeLessThanOrEqual(most_wraps);
		}
		expect(readFileSync(log, "utf8").trim().split("\n").at(-1)).toMatch(/ 1$/);

		const { cells, provenance } = await readEvidence(join(out, "dataset"));
		expect(provenance.energy_method).toBe("gross energy by powercap (package and dram); watched by powercap, perf");
		expect(provenance.barred).toBeUndefined();
		const agreement = provenance.caveats.find((caveat) => caveat.startsWith("powercap agrees with perf"));
		// Not in all where the machine comes to write between the two probes' last reads; test/energy/relations.test.ts holds those.
		expect(agreement).toMatch(new RegExp(`in \\d+ of ${watched.length} windows on the node`));
		const details: Record<string, string>[] = parse(readFileSync(join(out, "details.csv"), "utf8"), {
			columns: true,
		});
		const idles = records.flatMap((record) => (record.type === "idle" ? [record] : []));
		const idle = idles.map(({ started_at, readings: [reading] }) => {
			if (reading?.status !== "reading") throw new Error(reading?.reason);
			return truth(started_at, 1, slackOf(1, reading));
		});
		const idle_w = idle.reduce((sum, { joules }) => sum + joules / idle.length, 0);
		const idleOff_w = idle.reduce((sum, { edges_j }) => sum + edges_j / idle.length, 0);
		expect(cells.map(({ batch }) => batch).sort()).toEqual([1, 4]);
		for (const { batch, energy } of cells) {
			const row = details.find((entry) => entry.batch === String(batch)) ?? {};
			const own = records.flatMap((record) =>
				record.type === "repetition" && record.cell === JSON.stringify(["only", 1, batch]) ? [record.window] : [],
			);
			expect(own).toHaveLength(2);
			const mean = (of: (window: (typeof own)[number]) => number) => own.reduce((sum, entry) => sum + of(entry) / 2, 0);
			const truths = (window: (typeof own)[number]) => {
				const [reading] = window.readings;
				if (reading?.status !== "reading") throw new Error(reading?.reason);
				return truth(window.started_at, window.elapsed_s, slackOf(window.elapsed_s, reading));
			};
			const gross_j = mean((window) => truths(window).joules / window.batches);
			const off_j = mean((window) => truths(window).edges_j / window.batches);
			const less_idle_j = gross_j - mean(({ elapsed_s, batches }) => (idle_w * elapsed_s) / batches);
			if (energy.status !== "available") throw new Error(energy.reason);
			expect(energy.kind).toBe("measured");
			expect(Math.abs((energy.energy_j_per_batch ?? 0) - gross_j)).toBeLessThan(off_j);
			expect(energy.energy_j_per_request).toBeCloseTo((energy.energy_j_per_batch ?? 0) / batch, 9);
			expect(Number(row.energy_gross_j_per_batch)).toBeCloseTo(energy.energy_j_per_batch ?? 0, 9);
			expect(Math.abs(Number(row.idle_power_w) - idle_w)).toBeLessThan(idleOff_w);
			const both_j = off_j + mean(({ elapsed_s, batches }) => (idleOff_w * elapsed_s) / batches);
			expect(Math.abs(Number(row.energy_idle_subtracted_j_per_batch) - less_idle_j)).toBeLessThan(both_j);
			expect(less_idle_j).toBeGreaterThan(0.1 * gross_j);
			expect(row.energy_covers).toBe("package dram");
		}
	} finally {
		counters.kill();
	}
});

describe("the probes of a plan", () => {
	test("by an unknown name, or one that repeats, are bad input", async () => {
		for (const probes of [
			["powercap", "rapl"],
			["powercap", "powercap"],
		]) {
			const error = await detectMeters(tinyPlan({ probes })).catch((thrown) => thrown);
			expect(error).toBeInstanceOf(InputError);
			expect(error.message).toContain("probes.1");
		}
	});
	test("a board's power is no energy of work on the processor: it comes after, or not at all", async () => {
		const smi = fakeTool(
			"nvidia-smi",
			'console.log("2026/11/24 10:00:00.000, GPU-a, NVIDIA A100, 55.10, Disabled");',
		).command;
		const root = fakePowercap({ "intel-rapl:0": { name: "package-0", energy_uj: 1 } });
		const boards = nvidiaSmiProbe({ command: smi });
		const onBoard = { type: "command", argv: ["true"], request_unit: "image" };
		for (const runner of [{ type: "onnx" }, { type: "arithmetic", work: 1 }]) {
			const plan = tinyPlan({ runner, variants: [{ name: "resnet18" }], probes: "auto" });
			expect(await detectMeters(plan, [boards])).toMatchObject({
				available: [],
				unavailable: [{ probe: "nvidia-smi", reason: expect.stringMatching(/boards alone/) }],
			});
			const { available } = await detectMeters(plan, [boards, powercapProbe({ root })]);
			expect(available.map(({ name }) => name)).toEqual(["powercap", "nvidia-smi"]);
		}
		// A program of the user's may well run on the board.
		const { available } = await detectMeters(tinyPlan({ runner: onBoard, probes: "auto" }), [
			boards,
			powercapProbe({ root }),
		]);
		expect(available.map(({ name }) => name)).toEqual(["nvidia-smi", "powercap"]);
	});
	test("that are unavailable say why and what enables them", async () => {
		process.env.SUSTAINABLE_IPA_POWERCAP_ROOT = "/no/such/powercap";
		try {
			expect(await detectMeters(tinyPlan({ probes: ["powercap"] }))).toEqual({
				available: [],
				unavailable: [{ probe: "powercap", reason: expect.stringMatching(/^absent: \/no\/such\/powercap is absent/) }],
			});
		} finally {
			delete process.env.SUSTAINABLE_IPA_POWERCAP_ROOT;
		}
	});
});
