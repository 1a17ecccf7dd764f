import { describe, expect, test } from "vitest";
import type { IntensitySeries } from "../../src/datasets/carbon.js";
import type { EvidenceCell } from "../../src/evaluation/evidence.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { annealingGaps } from "../../src/levers/annealing.js";
import { coresInPlace } from "../../src/levers/coresInPlace.js";
import { placeFrom, readNetwork, shiftByZone } from "../../src/levers/timeAndPlace.js";
import { leverEffects } from "../../src/levers/videoLevers.js";
import { withModelledEnergy } from "../../src/pipeline/energy.js";

const hours = 24 * 20;
const gridOf = (zone: string, of: (hour: number) => number): IntensitySeries => ({
	zone,
	accounting: "average",
	basis: "lifecycle",
	dated: true,
	start_ms: 0,
	interval_s: 3600,
	filled: [],
	values: Float64Array.from({ length: hours }, (_, hour) => of(hour)),
});
const sun = (hour: number) => 400 - 300 * Math.max(0, Math.sin(((hour % 24) - 6) * (Math.PI / 12)));

describe("time by zone", () => {
	test("where every day is as the last, yesterday's hours are the oracle; a flat zone has nothing to save", () => {
		const [sunny, flat] = shiftByZone([gridOf("DE-LU", sun), gridOf("GB", () => 300)], {
			length: 2,
			slack: 22,
			interruptible: false,
		});
		expect(sunny?.saved_by_oracle_share.median).toBeGreaterThan(0.5);
		expect(sunny?.saved_by_yesterday_share.median).toBeCloseTo(sunny?.saved_by_oracle_share.median ?? 0, 9);
		expect(sunny?.lost_share).toBe(0);
		expect([flat?.saved_by_oracle_share.p95, flat?.saved_by_yesterday_share.p95, flat?.lost_share]).toEqual([0, 0, 0]);
	});

	test("where the days alternate, yesterday's hours mislead, and the start dates on which they lose are told", () => {
		const turned = (hour: number) => (Math.floor(hour / 24) % 2 === 0 ? sun(hour) : 500 - sun(hour));
		const [zone] = shiftByZone([gridOf("DE-LU", turned)], { length: 2, slack: 22, interruptible: false });
		expect(zone?.lost_share).toBeGreaterThan(0.1);
		expect(zone?.saved_by_yesterday_share.mean).toBeLessThan(zone?.saved_by_oracle_share.mean ?? 0);
	});
});

test("place: what the bytes cost decides, and a far zone is out of a short SLA", async () => {
	const grids = [gridOf("DE-LU", () => 400), gridOf("SG", () => 10), gridOf("GB", () => 390)];
	const network = await readNetwork();
	const request = { energy_j: 1000, bytes: 1e5, service_s: 0.1, sla_s: 1, network_kwh_per_gb: 0.001 };
	const far = placeFrom("DE-LU", grids, network, request);
	expect([far.most_hours_at, far.most_hours_share]).toEqual(["SG", 1]);
	expect(far.saved_share).toBeCloseTo(1 - (10 + (1e-7 * 400) / (1000 / 3.6e6)) / 400, 3);
	const near = placeFrom("DE-LU", grids, network, { ...request, sla_s: 0.2 });
	expect(near.allowed).toEqual(["DE-LU", "GB"]);
	expect(near.most_hours_at).toBe("GB");
	expect(placeFrom("DE-LU", grids, network, { ...request, energy_j: 0.1 }).saved_share).toBe(0);
});

test("annealing never beats the exact search, and the same seed gives the same gaps", () => {
	const intensities = [100, 200, 300, 120, 310];
	const gaps = annealingGaps(intensities, 4);
	expect(gaps.length).toBeGreaterThan(10);
	expect(Math.min(...gaps.map(({ gap_x100 }) => gap_x100))).toBeGreaterThanOrEqual(-1e-9);
	expect(Math.max(...gaps.map(({ gap_x100 }) => gap_x100))).toBeGreaterThan(0);
	expect(annealingGaps(intensities, 4)).toEqual(gaps);
});

test("cores in place: neighbours that differ in cores alone; flagged cells and other batches stay out", () => {
	const cell = (allocation: number, joules: number, rest: Partial<EvidenceCell> = {}): EvidenceCell => ({
		dataset: "d",
		population: "p",
		hardware: "h",
		device: "cpu",
		variant: "v",
		allocation,
		batch: 1,
		replicas: 1,
		knobs: {},
		workload: {},
		request_unit: "image",
		latency_s: 1 / allocation,
		energy: { status: "available", kind: "measured", energy_j_per_request: joules, energy_j_per_batch: joules },
		kind: "measured",
		flags: [],
		line: allocation,
		...rest,
	});
	const cells = [cell(4, 6), cell(1, 10), cell(2, 8), cell(2, 1, { batch: 2 }), cell(8, 1, { flags: ["suspect"] })];
	const steps = coresInPlace({ dataset: "d", cells, provenance: {} as never });
	expect(
		steps.map(({ from_cores, to_cores, energy_ratio, latency_ratio }) => [
			from_cores,
			to_cores,
			energy_ratio,
			latency_ratio,
		]),
	).toEqual([
		[1, 2, 0.8, 0.5],
		[2, 4, 0.75, 0.5],
	]);
});

test("every lever on the Video pipeline has a row, with what it costs and what it rests on", async () => {
	const read = await readPipeline("data/derived/profiles/video.json", { arrival_rate_rps: 20 });
	const spec = withModelledEnergy(
		{ ...read, weights: { ...read.weights, alpha: 50 } },
		{ idle_w_per_core: 0.74, full_w_per_core: 3.5 },
	);
	const home = gridOf("DE-LU", sun);
	const prices = { start_ms: 0, interval_s: 3600, filled: [], values: home.values };
	const grids = [home, gridOf("GB", () => 200)];
	const effects = leverEffects(spec, {
		home,
		grids,
		network: await readNetwork(),
		prices,
		bytes: 1e4,
		low_rate_rps: 2,
	});
	const found = effects.map(({ lever }) => lever).join("; ");
	for (const word of ["objective", "CLOVER", "batch", "service", "place", "sharing", "Sponge", "SPROUT", "SCI"])
		expect(found).toContain(word);
	const batch = effects.find(({ lever }) => lever === "time of a batch");
	// Priced by the grams themselves, money falls by the mean saving weighted by what was paid.
	expect(batch).toMatchObject({ money_of: "electricity", accuracy_change: 0 });
	for (const effect of effects) expect("absent" in effect ? effect.absent : effect.sure).not.toBe("");
});
