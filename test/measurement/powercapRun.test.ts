import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/evidence.js";
import { InputError } from "../../src/errors.js";
import { readJournal } from "../../src/measurement/journal.js";
import { detectMeters } from "../../src/measurement/probes.js";
import { fakePowercap } from "../energy/fakePowercap.js";
import { fakePerf } from "../energy/fakeReaders.js";
import { tinyPlan } from "./plans.js";

/** Watts of the package at rest and of its DRAM, and joules that a second of the harness's CPU time costs. */
const [package_w, dram_w, joules_per_cpu_s] = [20, 5, 50];
/** Some seconds at these watts: the counter wraps in the run. */
const range_uj = 200_000_000;
const idle_w = package_w + dram_w;

/** Advances a package by time and by what the harness's threads have run, as /proc tells in nanoseconds. */
const machine = `
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
const [root, pidFile, start] = process.argv.slice(2);
// Counters do not wait for a busy machine; where this may not go first, it can.
try { setPriority(-20); } catch {}
const set = (zone, microjoules) => {
	const file = root + "/" + zone + "/energy_uj";
	writeFileSync(file + ".aside", Math.floor(microjoules % ${range_uj}) + "\\n");
	renameSync(file + ".aside", file);
};
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
	set("intel-rapl:0", Number(start) + (${package_w} * seconds + ${joules_per_cpu_s} * cpu_s) * 1e6);
	set("intel-rapl:0:0", 1e6 + ${dram_w} * seconds * 1e6);
}, 1);
`;

test("a whole run over counters of known watts: gross and idle-subtracted joules in the dataset", async () => {
	const start_uj = range_uj - 60_000_000;
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
	const pidFile = join(folder, "pid");
	const counters = spawn("node", [script, root, pidFile, String(start_uj)]);
	try {
		const path = `${fakePerf(root).folder}:${process.env.PATH}`;
		const env = { ...process.env, SUSTAINABLE_IPA_POWERCAP_ROOT: root, PATH: path };
		const out = join(folder, "out");
		const harness = spawn("node", ["dist/cli/main.js", "measure", file, "--out", out], { env });
		writeFileSync(`${pidFile}.aside`, String(harness.pid));
		renameSync(`${pidFile}.aside`, pidFile);
		let text = "";
		harness.stderr.on("data", (chunk) => (text += chunk));
		expect([await new Promise((resolve) => harness.on("close", resolve)), text]).toEqual([0, text]);
		expect(text).toContain("energy by powercap, perf");

		const { cells, provenance } = await readEvidence(join(out, "dataset"));
		expect(provenance.energy_method).toContain("gross energy by powercap");
		expect(provenance.barred).toBeUndefined();
		// Two idle baselines, four repetitions and the controls.
		const agreement = provenance.caveats.find((caveat) => caveat.startsWith("powercap agrees with perf"));
		const [, held, windows] = /in (\d+) of (\d+) windows on the node/.exec(agreement ?? "") ?? [];
		expect(Number(windows)).toBeGreaterThanOrEqual(8);
		// Not all of them where the process that draws is held up between the two probes' last reads.
		expect(Number(held) / Number(windows)).toBeGreaterThan(0.7);
		const details: Record<string, string>[] = parse(readFileSync(join(out, "details.csv"), "utf8"), { columns: true });
		expect(cells.map(({ batch }) => batch).sort()).toEqual([1, 4]);
		for (const { batch, energy } of cells) {
			const row = details.find((entry) => entry.batch === String(batch)) ?? {};
			// What the harness itself saw of time and CPU, at the watts that are known.
			const busy_j = joules_per_cpu_s * Number(row.cpu_s_per_batch);
			const gross_j = idle_w * Number(row.latency_s) + busy_j;
			expect(energy).toMatchObject({ status: "available", kind: "measured" });
			if (energy.status !== "available") continue;
			expect((energy.energy_j_per_batch ?? 0) / gross_j).toBeGreaterThan(0.85);
			expect((energy.energy_j_per_batch ?? 0) / gross_j).toBeLessThan(1.15);
			expect(Number(row.energy_gross_j_per_batch)).toBeCloseTo(energy.energy_j_per_batch ?? 0, 9);
			expect(Math.abs(Number(row.idle_power_w) - idle_w)).toBeLessThan(5);
			// The baseline holds the harness's own polling, which weighs more the less of a core the rest of the machine leaves.
			const less_idle_j = gross_j - Number(row.idle_power_w) * Number(row.latency_s);
			expect(Math.abs(Number(row.energy_idle_subtracted_j_per_batch) - less_idle_j) / busy_j).toBeLessThan(0.3);
			expect(row.energy_covers).toBe("package dram");
		}
		const readings = readJournal(join(out, "journal.jsonl")).flatMap((record) =>
			record.type === "idle" ? record.readings : "window" in record ? record.window.readings : [],
		);
		expect(readings.length).toBeGreaterThan(5);
		expect(readings.some((reading) => reading.status === "reading" && reading.wraps === 1)).toBe(true);
		for (const reading of readings)
			expect(reading).toMatchObject({
				status: "reading",
				domains: [
					{ domain: "package-0", inTotal: true },
					{ domain: "dram-0", inTotal: true },
				],
				caveats: [],
			});
	} finally {
		counters.kill();
	}
}, 60_000);

describe("the probes of a plan", () => {
	test("by an unknown name, or one that repeats, are bad input", async () => {
		for (const probes of [
			["powercap", "rapl"],
			["powercap", "powercap"],
		]) {
			const error = await detectMeters(probes).catch((thrown) => thrown);
			expect(error).toBeInstanceOf(InputError);
			expect(error.message).toContain("probes.1");
		}
	});
	test("that are unavailable say why and what enables them", async () => {
		process.env.SUSTAINABLE_IPA_POWERCAP_ROOT = "/no/such/powercap";
		try {
			expect(await detectMeters(["powercap"])).toEqual({
				available: [],
				unavailable: [{ probe: "powercap", reason: expect.stringMatching(/^absent: \/no\/such\/powercap is absent/) }],
			});
		} finally {
			delete process.env.SUSTAINABLE_IPA_POWERCAP_ROOT;
		}
	});
});
