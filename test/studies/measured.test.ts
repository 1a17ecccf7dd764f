import { describe, expect, test } from "vitest";
import type { JournalRecord, MeterReading } from "../../src/measurement/records.js";
import * as figures from "../../src/report/measuringFigures.js";
import { runSummary } from "../../src/studies/measured.js";
import { tinyPlan } from "../measurement/plans.js";
import { realTime } from "../realTime.js";

const plan = tinyPlan({ variants: [{ name: "small" }], batches: [2] });
const cell = JSON.stringify(["small", 1, 2]);

const reading = (probe: string, covers: "package" | "node", energy_j: number, duration_s: number): MeterReading => ({
	status: "reading",
	probe,
	energy_j,
	duration_s,
	covers: [covers],
	kind: "measured",
	resolution_j: 0.01,
	domains: [{ domain: covers, covers, energy_j, resolution_j: 0.01, wraps: 0, inTotal: true }],
});

/** A window of 10 s that begins `minute` minutes after noon; each of its batches takes `latency_s`. */
const window = (minute: number, latency_s: number, readings: MeterReading[]) => ({
	started_at: new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString(),
	elapsed_s: 10,
	batches: 10,
	latency_mean_s: latency_s,
	latency_p50_s: latency_s,
	latency_p99_s: latency_s,
	latency_max_s: latency_s,
	cpu_s: { status: "available" as const, value: 5 },
	readings,
});

const session = (probes: string[]): JournalRecord => ({
	type: "session",
	started_at: "2026-01-01T12:00:00Z",
	hardware: "a node",
	environment: {},
	probes,
	probes_unavailable: [],
});

const repetition = (number: number, latency_s: number, readings: MeterReading[] = []): JournalRecord => ({
	type: "repetition",
	cell,
	repetition: number,
	block: 0,
	session: 0,
	warm_up: { batches: 1, stable: true },
	window: window(1 + number, latency_s, readings),
});

const control = (position: number, minute: number, latency_s: number): JournalRecord => ({
	type: "control",
	block: 0,
	position,
	session: 0,
	window: window(minute, latency_s, []),
});

const idle = (when: "before" | "after", power_w: number): JournalRecord => ({
	type: "idle",
	block: 0,
	when,
	session: 0,
	started_at: "2026-01-01T12:00:00Z",
	readings: [reading("powercap", "package", power_w * 30, 30), reading("dcmi", "node", (power_w + 100) * 30, 30)],
});

describe("of a node with a meter", realTime, () => {
	// 100 W over 10 s and 10 batches: 100 J a batch; of these 41 W x 1 s = 41 J are idle.
	const both = [reading("powercap", "package", 1000, 10), reading("dcmi", "node", 500, 10)];
	const records: JournalRecord[] = [
		session(["powercap", "dcmi"]),
		idle("before", 40),
		control(0, 0, 1),
		repetition(0, 0.98, both),
		repetition(1, 1.02, both),
		control(1, 4, 1.1),
		idle("after", 42),
	];

	const run = runSummary(plan, records);

	test("the cell's energy, gross and less idle", () => {
		expect(run.cells).toMatchObject([
			{
				...{ cell: { variant: "small", batch: 2 }, latency_s: 1, throughput_rps: 2, cpu_s_per_batch: { value: 0.5 } },
				energy: { value: { gross_j: 100, idle_subtracted_j: { value: 59 } } },
			},
		]);
	});
	test("idle power and its drift", () =>
		expect(run.idle).toMatchObject({
			value: [{ block: 0, probe: "powercap", before_w: 40, after_w: 42, drift: expect.closeTo(0.05, 9) }],
		}));
	test("a node below its packages is told, with the window", () => {
		const [row] = run.agreement.status === "available" ? run.agreement.value : [];
		// Two windows at work in which the node's 500 J are below the packages' 1000 J; two idle ones in order.
		expect(row).toMatchObject({ first: "dcmi", second: "powercap", type: "contains", windows: 4, broken: 2 });
		expect(row?.example).toContain("500");
	});
	test("a control at 1 and 1.1 s varies by 6.7 %: not quiet", () =>
		expect(figures.quietSentence(run)).toContain("varied by 6.7 % (s / mean): the node was **not quiet**"));
	test("repetitions at their minutes, beside the mean of their cell", () => {
		const { data } = figures.runFigures(run, "a test").repetitions;
		const points = data.flatMap(({ x, y }) => (x as number[]).map((minute, i) => [minute, (y as number[])[i]]));
		const near = (minute: number, percent: number) =>
			points.some(([x, y]) => Math.abs(Number(x) - minute) < 1e-9 && Math.abs(Number(y) - percent) < 1e-9);
		expect(near(1, -2) && near(2, 2)).toBe(true);
	});
	test("a longer run: 0.98 and 1.02 vary by 2.83 %, which takes 34 repetitions to be within 1 %", () => {
		// SciPy 1.x, as in test/measurement/repetitionsNeeded.test.ts. Pace: 4 min 10 s for 2 repetitions.
		expect(runSummary(plan, records, [0.01]).longer).toMatchObject([
			{ of: "latency", cells_there_already: 0, cells: 1, repetitions_worst: 34, time_s: expect.closeTo(34 * 125, 6) },
			{ of: "energy", cells_there_already: 1, cells: 1, repetitions_worst: 2 },
		]);
		// t(0.975, 9) = 2.262157 (tables): 2.262157 x 2.828427 % / sqrt(10) = 2.023 %.
		const latency = figures.runFigures(run, "a test").longer.data.find(({ name }) => name === "small, 1 core, batch 2");
		const [counts, widths] = [latency?.x ?? [], latency?.y ?? []] as [number[], number[]];
		expect(widths[counts.indexOf(10)]).toBeCloseTo(2.0233, 3);
	});
});

describe("of a node without a meter", () => {
	const records = [session([]), repetition(0, 1), repetition(1, 1)];
	test("energies, idle power and agreement are unavailable, with the reason", () => {
		const run = runSummary(plan, records);
		const reason = "no energy source watched this run";
		expect(run.cells[0]?.energy).toEqual({ status: "unavailable", reason });
		expect(run.idle).toEqual({ status: "unavailable", reason });
		expect(run.agreement).toEqual({ status: "unavailable", reason });
		expect(figures.quietSentence(run)).toContain("unavailable: 0 control windows");
	});
	test("a longer run is asked of latency alone", () =>
		expect(runSummary(plan, records, [0.01]).longer.map((row) => row.of)).toEqual(["latency"]));
});
