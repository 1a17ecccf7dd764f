import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { writeMeasuredDataset } from "../../src/measurement/dataset.js";
import { planCells } from "../../src/measurement/planCells.js";
import type { JournalRecord, MeterReading } from "../../src/measurement/records.js";
import { summarise } from "../../src/measurement/summary.js";
import { tinyPlan } from "./plans.js";

const plan = tinyPlan({
	variants: [{ name: "only" }],
	batches: [4],
	repetitions: { min: 2, max: 2, target_relative_interval: 1 },
});
const cell = planCells(plan)[0]?.id ?? "";

type Read = Extract<MeterReading, { status: "reading" }>;
/** So many joules of one socket in so many seconds, by a probe that covers its package and DRAM. */
const reading = (energy_j: number, duration_s: number, more: Partial<Read> = {}): Read => ({
	status: "reading",
	probe: "powercap",
	energy_j,
	duration_s,
	covers: ["package", "dram"],
	kind: "measured",
	domains: ["package-0", "dram-0"].map((domain) => ({
		domain,
		covers: domain.replace(/-.*/, ""),
		energy_j: energy_j / 2,
		resolution_j: 0.001,
		wraps: 0,
		inTotal: true,
	})),
	...more,
});
const refusal = (cause: string): MeterReading => ({
	status: "refused",
	probe: "powercap",
	cause,
	reason: `${cause}: at 17 s`,
});

const session: JournalRecord = {
	type: "session",
	started_at: "2026-11-24T10:00:00.000Z",
	hardware: "a processor",
	environment: {},
	probes: ["powercap"],
	probes_unavailable: [],
};
const idle = (when: "before" | "after", ...readings: MeterReading[]): JournalRecord => ({
	type: "idle",
	block: 0,
	when,
	session: 0,
	started_at: "",
	readings,
});
/** 20 batches of 4 requests in 10 s. */
const repetition = (number: number, ...readings: MeterReading[]): JournalRecord => ({
	type: "repetition",
	cell,
	repetition: number,
	block: 0,
	session: 0,
	warm_up: { batches: 1, stable: true },
	window: {
		started_at: "",
		elapsed_s: 10,
		batches: 20,
		latency_mean_s: 0.5,
		latency_p50_s: 0.5,
		latency_p99_s: 0.5,
		latency_max_s: 0.5,
		cpu_s: { status: "available", value: 10 },
		readings,
	},
});
const idles = [idle("before", reading(900, 30)), idle("after", reading(1000, 40))];
const energyOf = (...records: JournalRecord[]) => summarise(plan, [[session, ...records]])[0]?.energy;

describe("the energy of a cell, by hand", () => {
	// Idle: 30 W before, 25 W after: 27.5 W. Windows of 800 and 808 J, of 10 and 10.1 s: 80 W both, of which 10 s is 800 J.
	// A batch: 40 J, of which idle are 27.5 W x 10 s / 20 = 13.75 J. A request: 10 J.
	test("mean power over what the probe saw, times the batches' window; idle power of unequal windows", () => {
		expect(energyOf(...idles, repetition(0, reading(800, 10)), repetition(1, reading(808, 10.1)))).toMatchObject({
			status: "available",
			value: {
				gross_j: expect.closeTo(40, 9),
				idle_power_w: { value: expect.closeTo(27.5, 9) },
				idle_subtracted_j: { value: expect.closeTo(26.25, 9) },
				power_w: expect.closeTo(80, 9),
			},
		});
	});
	test("no more than the idle machine's is no idle-subtracted energy, and none below 0", () => {
		expect(energyOf(...idles, repetition(0, reading(270, 10)), repetition(1, reading(270, 10)))).toMatchObject({
			value: {
				gross_j: expect.closeTo(13.5, 9),
				idle_subtracted_j: { status: "unavailable", reason: expect.stringContaining("27.5 W") },
			},
		});
	});
	test("an idle baseline of other domains, or of another probe, is not subtracted", () => {
		const alone = { domains: reading(1, 1).domains?.slice(0, 1) ?? [], covers: ["package"] };
		for (const other of [alone, { probe: "perf" }]) {
			const before = [idle("before", reading(900, 30, other)), idle("after", reading(900, 30, other))];
			expect(energyOf(...before, repetition(0, reading(800, 10)), repetition(1, reading(800, 10)))).toMatchObject({
				value: { gross_j: expect.closeTo(40, 9), idle_subtracted_j: { status: "unavailable" } },
			});
		}
	});
	test("repetitions that cover different domains have no common energy", () => {
		const two = ["package-0", "package-1", "dram-0"];
		const domains = two.map((domain) => ({
			domain,
			covers: domain.replace(/-.*/, ""),
			energy_j: 1,
			resolution_j: 0,
			wraps: 0,
			inTotal: true,
		}));
		expect(energyOf(...idles, repetition(0, reading(800, 10)), repetition(1, reading(800, 10, { domains })))).toEqual({
			status: "unavailable",
			reason: "repetitions that cover different domains: 1 package, 1 dram; 2 package, 1 dram",
		});
	});
	test("shares of containers, which come and go, are compared by what they cover", () => {
		const share = (container: string) => ({
			kind: "modelled" as const,
			covers: ["process"],
			domains: [{ domain: container, covers: "process", energy_j: 1, resolution_j: 0, wraps: 0, inTotal: true }],
		});
		const records = [repetition(0, reading(800, 10, share("a"))), repetition(1, reading(800, 10, share("b")))];
		expect(energyOf(...records)).toMatchObject({ status: "available", value: { kind: "modelled" } });
	});
});

describe("what the dataset says of its energies", () => {
	const written = async (...records: JournalRecord[]) => {
		const folder = mkdtempSync(join(tmpdir(), "summary-"));
		await writeMeasuredDataset(folder, plan, [[session, ...records]]);
		return {
			...(await readEvidence(join(folder, "dataset"))),
			details: readFileSync(join(folder, "details.csv"), "utf8"),
		};
	};
	const mirrored = "package-0-die-1: the same counter as the socket's first die, counted once";

	test("what it covers, each caveat and each refusal with its windows, and windows longer than the batches'", async () => {
		const { cells, provenance } = await written(
			...idles,
			repetition(0, reading(900, 12, { caveats: [mirrored] })),
			repetition(1, reading(900, 12, { caveats: [mirrored] })),
			repetition(2, refusal("reset")),
		);
		expect(cells[0]?.population).toContain("powercap (package and dram)");
		expect(provenance.energy_method).toBe("gross energy by powercap (package and dram); watched by powercap");
		expect(provenance.caveats).toEqual(
			expect.arrayContaining([
				`powercap, in 2 of 3 windows: ${mirrored}`,
				"powercap gave no number in 1 of 3 windows: reset",
				expect.stringMatching(/longer than the batches' by 20\.0 % on average, 20\.0 % at most/),
			]),
		);
	});
	test("none of these where there is nothing to say", async () => {
		const { provenance } = await written(...idles, repetition(0, reading(800, 10)), repetition(1, reading(800, 10)));
		expect(
			provenance.caveats.filter((caveat) => /windows|boards/.test(caveat) && !caveat.startsWith("latency_s")),
		).toEqual([]);
	});
	test("boards that are watched beside are not in it; boards alone are a GPU's cells", async () => {
		const board = (probe: string) => reading(3000, 10, { probe, covers: ["board"], domains: [] });
		const beside = [reading(800, 10), board("nvidia-smi")];
		expect((await written(repetition(0, ...beside), repetition(1, ...beside))).provenance.caveats).toContainEqual(
			expect.stringMatching(/^energies of boards \(nvidia-smi\) are beside .* name its probe first/),
		);
		const { cells, provenance } = await written(repetition(0, board("dcgm")), repetition(1, board("dcgm")));
		expect(cells).toMatchObject([{ device: "gpu", energy: { energy_j_per_batch: 150 } }]);
		expect(provenance.caveats.some((caveat) => caveat.startsWith("energies of boards"))).toBe(false);
		// The cell's allocation is what the plan says, one core: a GPU's cells elsewhere have GPUs there.
		expect(provenance.caveats).toContainEqual(
			expect.stringMatching(/of boards alone.* the plan's cores, not a number/),
		);
	});
	test("refused all through: no energy source could be used, and the cause is in the cell", async () => {
		const { cells, provenance } = await written(repetition(0, refusal("zero")), repetition(1, refusal("zero")));
		expect(provenance.energy_method).toBe("unavailable: no usable reading by powercap");
		expect(provenance.barred).toContain("no measured energy");
		expect(cells[0]?.energy).toMatchObject({ status: "unavailable", reason: expect.stringContaining("zero") });
	});
});
