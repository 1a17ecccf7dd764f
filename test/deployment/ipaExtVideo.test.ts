import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { readDeployedRuns, readPowerLogs } from "../../src/datasets/deployedRuns.js";
import type { DeployedRun } from "../../src/deployment/deployedRun.js";
import { corePowerOf, type Deployment, deployment } from "../../src/deployment/deployment.js";
import { powerSteps } from "../../src/deployment/powerLog.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { videoServingProfile } from "../../src/profiles/servingProfile.js";

const folder = "data/raw/ipa-ext-video";
const files = {
	logs: [`${folder}/ipa-ext-video-energy-1s.csv.gz`],
	trace: "data/raw/twitter/twitter-workload-windows.csv",
	runs: `${folder}/ipa-ext-video-energy-runs.csv`,
	decisions: `${folder}/ipa-ext-video-energy.csv`,
};

let runs: readonly DeployedRun[];
let found: Deployment;
beforeAll(async () => {
	runs = await readDeployedRuns(files, await videoServingProfile());
	found = deployment(runs);
});

const inside = (estimate: { low?: number; high?: number } | undefined, value: number) => {
	expect(estimate?.low).toBeLessThanOrEqual(value);
	expect(estimate?.high).toBeGreaterThanOrEqual(value);
};

// The data set's own description and its two tables, worked out from the same samples by another program.
describe("the sixteen runs, against the tables published with them", () => {
	test("the load begins where the table says, to a second, by the power alone in all but the disturbed run", async () => {
		const rows = (await readCsv(files.runs)).rows;
		const stated = new Map(rows.map(({ values }) => [values.run, Number(values.load_start_s)]));
		for (const { run, load_start_s } of found.runs)
			expect(Math.abs(load_start_s - (stated.get(run) ?? 0))).toBeLessThanOrEqual(1);
		expect(found.runs.filter(({ start_from }) => start_from === "stated").map(({ run }) => run)).toEqual(["12"]);
		expect(found.refused).toEqual([]);
		expect(found.overlapping).toEqual([]);
	});

	test("means over the load and J per request sent", async () => {
		for (const { values } of (await readCsv(files.runs)).rows) {
			const own = found.runs.find(({ run }) => run === values.run);
			expect(own?.load_w).toBeCloseTo(Number(values.pkg_w_load), 1);
			expect(own?.dram_w).toBeCloseTo(Number(values.dram_w_load), 1);
			expect(own?.requests_sent).toBe(Number(values.requests_sent));
			expect(own?.j_per_request_sent).toBeCloseTo(Number(values.pkg_j_per_request_sent), 2);
			// Their capacities were fitted (15.2 and 5.85), ours are the profile's (15.08 and 5.85).
			expect((own?.j_per_request_served ?? 0) / Number(values.pkg_j_per_request_served_inferred)).toBeCloseTo(1, 1);
		}
	});

	test("means over 10 s, 1920 of them", async () => {
		const rows = (await readCsv(files.decisions)).rows.filter(({ values }) => values.phase === "load");
		for (const { run, log, stated_start_s } of runs) {
			const own = rows.filter(({ values }) => values.run === run);
			const steps = powerSteps(log, stated_start_s as number, own.length, 10);
			const off = own.map(({ values }, k) => Math.abs((steps[k] as number) - Number(values.pkg_w)));
			expect(Math.max(...off)).toBeLessThan(0.001);
		}
	});
});

describe("what the power is made of", () => {
	test("a floor of 75.6 W (sd 0.7), 79 % of the joules; DRAM 15.1 W", () => {
		expect(found.floor_w?.value).toBeCloseTo(75.6, 1);
		inside(found.floor_w, 75.6);
		expect(found.floor_sd_w).toBeCloseTo(0.7, 1);
		expect(found.floor_share).toBeCloseTo(0.79, 2);
		expect(found.floor_dram_w?.value).toBeCloseTo(15.1, 1);
	});

	test("11.1 W [10.9, 11.7] a busy core, above 77.3 W", () => {
		const { busy_cores: busy } = found;
		if (busy.status !== "fitted") throw new Error(busy.reason);
		expect(busy.w_per_busy_core.value).toBeCloseTo(11.1, 1);
		expect(busy.w_per_busy_core.low).toBeCloseTo(10.9, 1);
		expect(busy.w_per_busy_core.high).toBeCloseTo(11.7, 1);
		expect(busy.serving_w.value).toBeCloseTo(77.3, 1);
	});

	test("an idle core 0.06 to 0.14 W", () => {
		for (const value of [0.06, 0.14]) {
			inside(found.idle_core_low_load_w, value);
			inside(found.idle_core_after_load_w, value);
		}
		expect(found.idle_core_low_load_w?.value).toBeCloseTo(0.06, 1);
		expect(found.idle_core_after_load_w?.value).toBeCloseTo(0.14, 1);
	});

	test("an allocated core 0.03 (steady low), 1.2, 1.8 and 4.8 W; heavier variants at the same cost +12.2 W", () => {
		const published = { steady_low: 0.03, bursty: 1.2, fluctuating: 1.8, steady_high: 4.8 };
		for (const { workload, w_per_allocated_core } of found.allocated_cores)
			inside(w_per_allocated_core, published[workload as keyof typeof published]);
		expect(found.allocated_cores).toHaveLength(4);
		const heavier = found.same_cost_other_variants.find(({ workload }) => workload === "steady_low");
		expect(heavier?.difference_w.value).toBeCloseTo(12.2, 1);
		inside(heavier?.difference_w, 12.2);
		expect(heavier?.served_share).toBeGreaterThan(0.99);
	});

	test("runs of one configuration differ by 0.04, 0.24, 0.44 W, and 1.0 W beside the disturbed one", () => {
		const { drift } = found;
		if (drift.status !== "estimated") throw new Error(drift.reason);
		const byLoad = Object.fromEntries(drift.repetitions.map((own) => [own.workload, own.difference_w]));
		expect(byLoad.bursty).toBeLessThan(0.1);
		expect(byLoad.steady_low).toBeCloseTo(0.24, 1);
		expect(Math.abs((byLoad.fluctuating ?? 0) - 0.44)).toBeLessThan(0.15);
		expect(Math.abs((byLoad.steady_high ?? 0) - 1)).toBeLessThan(0.2);
		expect(drift.sd_w).toBeGreaterThan(0.2);
		expect(found.runs.find(({ run }) => run === "12")?.disturbed_steps).toBeGreaterThan(40);
	});

	test("tau-b of power and cores 0.24, -0.24, 0.71, 0.71; R2 of busy cores 0.98, of allocated ones 0.06", () => {
		const tau = Object.fromEntries(found.rankings.map(({ workload, tau_b }) => [workload, tau_b]));
		expect(tau.bursty).toBeCloseTo(0.24, 2);
		expect(tau.steady_low).toBeCloseTo(-0.24, 2);
		expect(tau.steady_high).toBeCloseTo(0.71, 2);
		expect(tau.fluctuating).toBeCloseTo(0.71, 2);
		const { explained } = found;
		expect(Math.abs((explained.busy_cores ?? 0) - 0.984)).toBeLessThan(0.01);
		expect(Math.abs((explained.allocated_cores ?? 0) - 0.06)).toBeLessThan(0.02);
		expect(Math.abs((explained.decided_busy_cores ?? 0) - 0.34)).toBeLessThan(0.05);
		expect(Math.abs((explained.decided_cores ?? 0) - 0.24)).toBeLessThan(0.02);
	});

	test("power is flat above one yolov5n replica's 15 requests/s, and 3 + 3 follow the load to 28 at least", () => {
		const flat = (system: string, workload: string) =>
			found.runs.find((own) => own.system === system && own.workload === workload)?.flat_above_rps;
		for (const [system, workload] of [
			["ipa", "bursty"],
			["fa2-low", "bursty"],
			["ipa", "fluctuating"],
			["fa2-low", "fluctuating"],
		] as const)
			expect(Math.abs((flat(system, workload) ?? 0) - 15.3)).toBeLessThan(0.5);
		expect(flat("rim", "bursty") ?? 99).toBeGreaterThan(28);
		expect(flat("rim", "fluctuating") ?? 99).toBeGreaterThan(28);
	});
});

test("the file that models Video's energy is what the logs say", async () => {
	const { name: _, source, note, ...shipped } = await readEnergyCoefficients();
	expect(source).toContain("ipa-ext-video-energy-1s.csv.gz");
	expect(note).not.toBe("");
	const power = corePowerOf(found);
	expect(Object.keys(shipped).toSorted()).toEqual(Object.keys(power).toSorted());
	for (const [field, value] of Object.entries(power)) expect(shipped[field as "floor_w"]).toBeCloseTo(value, 9);
});

test("no decision was acted on, IPA's and RIM's at steady low among them; where none differs, the power cannot tell", () => {
	const of = (run: string) => found.acted_on.find((row) => row.run === run)?.outcome.status;
	expect(of("6")).toBe("not acted on");
	expect(of("10")).toBe("not acted on");
	expect(of("7")).toBe("undetermined");
	const statuses = found.acted_on.map(({ outcome }) => outcome.status);
	expect(statuses.filter((status) => status === "not acted on")).toHaveLength(14);
	expect(statuses).not.toContain("acted on");
});

describe("the command", () => {
	const cli = (...argv: string[]) =>
		execFileSync("node", ["dist/cli/main.js", "deployment", ...argv], { encoding: "utf8", maxBuffer: 1e8 });

	test("without arguments prints the shipped runs, with --json everything raw", () => {
		const text = cli();
		for (const part of ["busy core", "not acted on", "of the load (%)"]) expect(text).toContain(part);
		const json = JSON.parse(
			cli(files.logs[0] as string, "--trace", files.trace, "--decisions", files.decisions, "--json"),
		);
		expect(json.floor_w.value).toBe(found.floor_w?.value);
		expect(json.acted_on).toHaveLength(16);
		expect(json.runs[0].phases).toContainEqual({ name: "load", from_s: 102, until_s: 1302 });
	});

	test("refuses to compare whole logs", () => {
		expect(() => cli(files.logs[0] as string)).toThrow(/--trace: must be given: whole logs/);
	});
});

// Another log of the same form: the energy of each run is its lines' sum, and the command reads it as it stands.
test("the log that IPA_ENERGY_LOG names is read without a change", async () => {
	const file = process.env.IPA_ENERGY_LOG ?? (files.logs[0] as string);
	const bytes = readFileSync(file);
	const lines = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("utf8").split(/\r?\n/);
	const joules = lines.reduce((sum, line) => {
		const cell = /^[^,#]+,[\d.]+,([\d.]+)(,[\d.]+)?$/.exec(line)?.[1];
		const perf = /energy-pkg/.test(line) ? /([\d.]+)"?[ ,;]+(?:"unit" ?: ?")?Joules/.exec(line)?.[1] : undefined;
		return sum + Number(cell ?? perf ?? 0);
	}, 0);
	const logs = await readPowerLogs(file);
	const read = logs.reduce((sum, { package_j }) => sum + package_j.reduce((so, energy) => so + energy, 0), 0);
	expect(read).toBeGreaterThan(0);
	expect(read).toBeCloseTo(joules, 2);
	const beside = file.replace(/-1s\.csv(\.gz)?$/, "-runs.csv");
	if (beside === file || !existsSync(beside)) return;
	const trace = process.env.IPA_ENERGY_TRACE ?? files.trace;
	const others = await readDeployedRuns({ logs: [file], trace, runs: beside }, await videoServingProfile());
	const other = deployment(others, { seed: 1, resamples: 200, level: 0.95, idle_s: 10 });
	expect(other.runs.length + other.refused.length).toBe(logs.length);
});
