import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { packageRoot } from "../../src/datasets/root.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "adapt", ...args], { encoding: "utf8" });

test("a window is served by every system; no request is lost; energy that nobody measured is unavailable", () => {
	const { status, stdout } = run("--window", "steady_low", "--json");
	expect(status).toBe(0);
	const rows = JSON.parse(stdout) as {
		system: string;
		outcome: { served: { requests: number; energy: { status: string } } };
	}[];
	expect(rows.map(({ system }) => system)).toEqual(["fa2-low", "fa2-high", "rim", "ipa", "ipa-energy"]);
	expect(rows.pop()?.outcome).toMatchObject({ status: "unavailable", reason: expect.stringContaining("delta is 0") });
	// Mean of the window 5.06 requests/s over 1200 s, as its README says.
	for (const { outcome } of rows) {
		expect(outcome.served.requests).toBeGreaterThan(1200 * 5.05);
		expect(outcome.served.requests).toBeLessThan(1200 * 5.07);
		expect(outcome.served.energy.status).toBe("unavailable");
	}
});

test("--csv: a row a decision of every system, whose columns add up to the totals of --json", async () => {
	const folder = mkdtempSync(join(tmpdir(), "adapt-"));
	const file = join(folder, "series.csv");
	const options = ["--window", "steady_low", "--profile", "sum-qa", "--model-energy", "--zone", "GB"];
	const { status, stdout, stderr } = run(...options, "--json", "--csv", file);
	expect([status, stderr]).toEqual([0, ""]);
	const { rows } = await readCsv(file);
	for (const { system, outcome, carbon, floor_j } of JSON.parse(stdout)) {
		// The Video pipeline's node in deployment, 77.3 W with the pipeline at work, for 1200 s.
		expect(floor_j / 1200).toBeCloseTo(77.3, 1);
		const own = rows.filter(({ values }) => values.system === system);
		const sum = (column: string) => own.reduce((so, { values }) => so + Number(values[column]), 0);
		if (outcome.status !== "served") {
			expect(own.map(({ values }) => [values.status, values.reason, values.requests])).toEqual([
				[outcome.status, outcome.reason, ""],
			]);
			continue;
		}
		expect(own).toHaveLength(120);
		expect(own.map(({ values }) => Number(values.at_s)).slice(0, 3)).toEqual([0, 10, 20]);
		expect(sum("requests")).toBe(outcome.served.requests);
		expect(sum("late_or_dropped")).toBe(outcome.served.violations);
		expect(sum("energy_j")).toBeCloseTo(outcome.served.energy.total_j, 6);
		expect(sum("carbon_g")).toBeCloseTo(carbon.total_g, 9);
		expect(10 * sum("cost_cores")).toBeCloseTo(outcome.served.core_seconds, 6);
		expect(own.filter(({ values }) => values.changed === "true")).toHaveLength(outcome.served.changes);
		expect(new Set(own.map(({ values }) => values.energy_kind))).toEqual(new Set(["modelled"]));
	}
	expect(readdirSync(folder)).toEqual(["series.csv"]);
	rmSync(folder, { recursive: true });
});

test("a baseline of one's own in YAML runs beside the five; one of a name stands in its place", () => {
	const folder = mkdtempSync(join(tmpdir(), "systems-"));
	const file = join(folder, "own.yaml");
	writeFileSync(
		file,
		`systems:
  - name: two-each
    mode: switch
    replicas: 2
    windows: { steady_low: { replicas: [1, 2] } }
  - name: thrifty
    like: ipa
    weights: { alpha: 0.1 }
    predictor: max
  - name: rim
    like: rim
    replicas: 4
`,
	);
	const rows = JSON.parse(run("--window", "steady_low", "--systems", file, "--json").stdout) as {
		system: string;
		outcome: { served: { cost_cores: Record<string, number> } };
	}[];
	expect(rows.map(({ system }) => system)).toEqual([
		"fa2-low",
		"fa2-high",
		"rim",
		"ipa",
		"ipa-energy",
		"two-each",
		"thrifty",
	]);
	const last = (name: string) =>
		Object.values(rows.find(({ system }) => system === name)?.outcome.served.cost_cores ?? {}).at(-1);
	expect([last("rim"), last("two-each")]).toEqual([8, 3]);
	const fault = (text: string) => {
		writeFileSync(file, text);
		return run("--systems", file).stderr;
	};
	expect(fault("systems: [{ name: own, mode: grow }]")).toMatch(/own.yaml:1:\d+, systems.0.mode: /);
	expect(fault("systems: [{ name: own, like: other }]")).toContain("systems.0.like: must be one of fa2-low");
	expect(fault("systems: [{ name: own, replicas: [1] }]")).toContain("system own, replicas: must have 2 entries");
	rmSync(folder, { recursive: true });
});

test("bad options are named", () => {
	expect(run("--window", "nightly").stderr).toContain("--window: must be one of bursty");
	expect(run("--predictor", "oracle").stderr).toContain("--predictor");
	expect(run("--alpha", "x").stderr).toContain("--alpha");
});

test("energy in the objective, modelled and labelled so: less of it than IPA without, at no better objective", () => {
	const { status, stdout } = run("--window", "bursty", "--model-energy", "--delta", "2", "--zone", "GB", "--json");
	expect(status).toBe(0);
	const rows = JSON.parse(stdout);
	const of = (system: string) => rows.find((row: { system: string }) => row.system === system);
	const energy = (system: string) => of(system).outcome.served.energy;
	expect(energy("ipa-energy").kind).toBe("modelled");
	expect(energy("ipa-energy").total_j).toBeLessThan(energy("ipa").total_j);
	// Great Britain in the first hour of 2023: every joule at that hour's intensity.
	const { carbon } = of("ipa");
	expect(carbon.total_g).toBeCloseTo((energy("ipa").total_j / 3.6e6) * carbon.mean_g_per_kwh, 9);
	expect(run("--window", "bursty", "--model-energy", "--delta", "2").stdout).toMatch(/ipa-energy.* J \(modelled\)/);
});

test("a cut of the trace, prices, and what does not go together", () => {
	const cut = run(
		"--from",
		"1209600",
		"--seconds",
		"600",
		"--model-energy",
		"--eur-per-kwh",
		"0.3",
		"--eur-per-core-hour",
		"0.04",
	);
	expect(cut.status).toBe(0);
	expect(cut.stdout).toMatch(/seconds 1209600 to 1210200.*[\s\S]*ipa-energy +accuracy/);
	expect(run("--eur-per-kwh", "0.3").stderr).toContain("must be given together");
	expect(run("--from", "1899000", "--seconds", "600").stderr).toContain("must lie in the trace");
	expect(run("--model-energy", "--zone", "GB", "--start", "2024-01-01T00:00:00Z").stderr).toContain("--start");
	const late = ["--zone", "GB", "--start", "2023-12-31T23:00:00Z", "--from", "0", "--seconds", "7200"];
	expect(run("--model-energy", ...late).stderr).toContain("--start: must leave 2 hours of the series");
	// Said before the simulation of three weeks, which outlasts this test.
	const weeks = ["--window", "three-weeks", "--zone", "GB", "--start", "2023-12-31T23:00:00Z", "--model-energy"];
	expect(run(...weeks).stderr).toContain("--start: must leave 504 hours of the series");
});
