import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compareWindows, servedBy, serveSeeds, type WindowStudy } from "../../src/adaptation/compareSystems.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readWindows } from "../../src/datasets/trace.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../../src/pipeline/energy.js";
import { overTime } from "../../src/report/traceFigures.js";
import { changes, choiceShares, weekTotals, windowTotals } from "../../src/studies/runs.js";

const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
const given = withModelledEnergy(await readPipeline("sum-qa"), await readEnergyCoefficients());
const spec = { ...given, prices: { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 } };
const study: WindowStudy = compareWindows({ spec }, [...windows.values()].slice(0, 2), { predictor: "max" });
// 100 g/kWh: a kilojoule is 1/36 g.
const place = { zone: "XX", basis: "direct", start: "2023-07-03T12:00:00Z", hourly_g_per_kwh: [100] } as const;

describe("rows of the windows", () => {
	test("one a window and system, carbon at the place's intensity, kinds said", () => {
		const rows = windowTotals(study, place);
		expect(rows.map(({ window, system }) => `${window} ${system}`)).toEqual(
			["bursty", "steady_low"].flatMap((window) =>
				["fa2-low", "fa2-high", "rim", "ipa", "ipa-energy"].map((system) => `${window} ${system}`),
			),
		);
		for (const row of rows) {
			expect(row.carbon_g).toBeCloseTo((row.energy_j ?? 0) / 36_000, 9);
			expect([row.latency_kind, row.energy_kind]).toEqual(["modelled", "modelled"]);
		}
	});

	test("without energies in the profile they are unavailable, never 0, and IPA with energy says why it was not run", async () => {
		const bare = compareWindows(
			{ spec: await readPipeline("sum-qa") },
			[...windows.values()].slice(0, 1),
			study.options,
		);
		const rows = windowTotals(bare, place);
		expect(rows.slice(0, 4).map((row) => [row.energy_j, row.carbon_g])).toEqual(
			new Array(4).fill([undefined, undefined]),
		);
		expect(rows[4]?.unavailable).toMatch(/^the pipeline weighs no energy/);
		expect(() => changes([bare], place)).toThrow(/weighs no energy/);
	});
});

describe("rows of the weeks", () => {
	test("a run cut into weeks: sums are the run's, means are by requests, kinds are said", () => {
		const run = study.runs[0] as (typeof study.runs)[number];
		const own = run.rows.filter(({ system }) => system === "ipa-energy");
		const served = servedBy(own, "ipa-energy");
		if (served.energy.status !== "available") throw new Error("no energy");
		// 1200 s in weeks of 500 s: two whole ones and a last part.
		const rows = weekTotals({ ...study, runs: [{ ...run, rows: own }] }, 500);
		expect(rows.map(({ week }) => week)).toEqual([1, 2, 3]);
		const total = (name: keyof (typeof rows)[number]) => rows.reduce((sum, row) => sum + Number(row[name]), 0);
		expect(total("requests")).toBe(served.requests);
		expect(total("core_seconds")).toBeCloseTo(served.core_seconds, 6);
		expect(total("energy_j")).toBeCloseTo(served.energy.total_j, 6);
		// By hand from the load: the first 500 s of it.
		expect(rows[0]?.requests).toBe(
			Array.from(run.perSecond)
				.slice(0, 500)
				.reduce((a, b) => a + b),
		);
		const late = rows.reduce((sum, row) => sum + Number(row.late_or_dropped_share) * Number(row.requests), 0);
		expect(late).toBeCloseTo(served.violations, 6);
		const accuracy = rows.reduce((sum, row) => sum + Number(row.accuracy) * Number(row.requests), 0);
		expect(accuracy / served.requests).toBeCloseTo(served.meanAccuracy, 9);
		for (const row of rows) expect([row.latency_kind, row.energy_kind]).toEqual(["modelled", "modelled"]);
	});

	test("a week that cuts a decision is refused", () => {
		expect(() => weekTotals(study, 15)).toThrow(/whole number of decisions of 10 s, not 15 s/);
	});
});

test("what changed is the difference of the two systems' own totals", () => {
	const [row] = changes([study], place, [1, 2]);
	const rows = study.runs[0]?.rows ?? [];
	const [plain, aware] = [servedBy(rows, "ipa"), servedBy(rows, "ipa-energy")];
	if (plain.energy.status !== "available" || aware.energy.status !== "available") throw new Error("no energy");
	expect(row?.energy_saved_j).toBeCloseTo(plain.energy.total_j - aware.energy.total_j, 6);
	expect(row?.accuracy_change).toBeCloseTo(aware.meanAccuracy - plain.meanAccuracy, 9);
	expect(row?.late_or_dropped_change_share).toBeCloseTo((aware.violations - plain.violations) / plain.requests, 9);
});

test("the weights of sum-qa tie the heaviest summariser with the next one, so that energy decides", () => {
	const [row] = choiceShares([study]);
	expect(row).toMatchObject({ ipa: { all_heaviest_share: 1, all_lightest_share: 0 } });
	expect(row?.ipa_energy?.all_heaviest_share).toBeLessThan(0.2);
});

test("other seeds move arrivals within their second: the same decisions and loads, the study's own seed the same run", () => {
	const run = study.runs[0];
	if (run === undefined) throw new Error("no run");
	const [own, other] = serveSeeds(study, run, "ipa", [1, 2]);
	expect(own).toEqual(servedBy(run.rows, "ipa"));
	expect(other?.requestsByInterval).toEqual(own?.requestsByInterval);
	expect(other?.cost_cores).toEqual(own?.cost_cores);
	expect(other?.energy).not.toEqual(own?.energy);
	expect(() => serveSeeds({ ...study }, { ...run, rows: [] }, "ipa", [1])).toThrow("was not run");
});

describe("figures", () => {
	const { service, energy: perhaps } = overTime(study, "source", place);
	if (perhaps.status === "unavailable") throw new Error(perhaps.reason);
	const energy = perhaps.value;

	test("a line a system, metric and window; each name once in the legend", () => {
		// Two windows: load has two lines, the other four metrics one a system.
		expect(service.data).toHaveLength(2 * (2 + 4 * 5));
		expect(energy.data).toHaveLength(2 * 4 * 5);
		expect(energy.data.filter(({ showlegend }) => showlegend === true).map(({ name }) => name)).toEqual([
			"fa2-low",
			"fa2-high",
			"rim",
			"ipa",
			"ipa-energy",
		]);
	});

	test("running totals end at the totals", () => {
		const served = servedBy(study.runs[0]?.rows ?? [], "rim");
		if (served.energy.status !== "available") throw new Error("no energy");
		const last = (figure: typeof energy, axis: string) =>
			figure.data.flatMap(({ name, yaxis, y }) => (name === "rim" && yaxis === axis ? (y as number[]) : [])).at(-1);
		// Panels are numbered row by row, two windows each: energy is the second row, late requests the fifth.
		expect(last(energy, "y3")).toBeCloseTo(served.energy.total_j / 1000, 2);
		expect(last(service, "y9")).toBe(served.violations);
	});

	test("both say that the energies are modelled and no evidence, and how many latencies are measured", () => {
		for (const { layout } of [service, energy]) {
			const text = JSON.stringify(layout.title).replaceAll("<br>", " ");
			expect(text).toContain("Energies are modelled from cores and latency");
			expect(text).toContain("no evidence");
			expect(text).toMatch(/9 of 336 points measured/);
		}
	});
});
