import { describe, expect, test } from "vitest";
import { blindAtSameObjective, followGrid } from "../../src/adaptation/followGrid.js";
import { withEnergyWeight } from "../../src/cli/pipelineOptions.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { withModelledEnergy } from "../../src/pipeline/energy.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import { verticalOnly } from "../../src/scaling/vertical.js";
import { energyFront, tradeOff } from "../../src/search/energyFront.js";
import { optimize } from "../../src/search/optimum.js";
import { withTenants } from "../../src/sharing/processorSharing.js";

const power = { idle_w_per_core: 0.74, full_w_per_core: 3.5 };
const read = (rate: number) => readPipeline("data/derived/profiles/video.json", { arrival_rate_rps: rate });
const best = (spec: Parameters<typeof optimize>[0]) => {
	const found = optimize(spec);
	if (found.status !== "optimal") throw new Error(found.detail);
	return found.configuration;
};

describe("levers in IPA's terms", () => {
	test("scaling in place: one replica a stage, cores as the knob, the SLA as it was; infeasible past the largest", async () => {
		const spec = await read(20);
		const vertical = best(verticalOnly(spec));
		expect(vertical.stages.map(({ replicas }) => replicas)).toEqual([1, 1]);
		expect(Math.max(...vertical.stages.map(({ cores }) => cores))).toBeGreaterThan(1);
		expect(pipelineOptions(verticalOnly(spec)).sla_s).toBe(pipelineOptions(spec).sla_s);
		expect(optimize(verticalOnly(await read(5000))).status).toBe("infeasible");
	});

	test("a slice of n tenants takes n times as long at 1/n of the cores, and is modelled; where it is worth it it is taken", async () => {
		const spec = await read(2);
		const shared = withTenants(spec, [2, 4], 0.1);
		const [whole] = spec.stages[0]!.points;
		const slice = shared.stages[0]!.points.find(
			({ variant, cores }) => variant === whole!.variant && cores === whole!.cores / 4,
		)!;
		expect(slice.latency_s / whole!.latency_s).toBeCloseTo(4.4, 12);
		expect((whole!.throughput_rps / slice.throughput_rps) * (slice.cores / whole!.cores)).toBeCloseTo(1.1, 12);
		expect(slice.kind).toBe("modelled");
		const alone = best({ ...shared, stages: spec.stages });
		const taken = best(shared);
		expect(taken.objective).toBeGreaterThan(alone.objective);
		expect(taken.stages.some(({ cores }) => !Number.isInteger(cores))).toBe(true);
		expect(taken.kind).toBe("modelled");
		// Switching that costs everything is worth nothing: the choice falls back.
		expect(best(withTenants(spec, [2, 4], 50)).stages).toEqual(alone.stages);
		expect(() => withTenants(spec, [1])).toThrow("tenants must be whole numbers above 1");
	});

	test("energies of a slice: the busy joules and the switching, a share of the idle power", async () => {
		const spec = withModelledEnergy(await read(2), power);
		const shared = withTenants(spec, [2], 0.1).stages[0]!.points.find(({ cores }) => cores === 0.5)!;
		const whole = spec.stages[0]!.points.find(
			(p) => p.variant === shared.variant && p.cores === 1 && p.batch === shared.batch,
		)!;
		expect(shared.energy!.energy_j_per_batch / whole.energy!.energy_j_per_batch).toBeCloseTo(1.1, 12);
		expect(shared.energy!.idle_power_w / whole.energy!.idle_power_w).toBeCloseTo(0.5, 12);
	});

	test("carbon as the term: the weight times the intensity; a dirtier hour chooses less energy", async () => {
		const spec = withModelledEnergy(await read(20), power);
		const at = (intensity: number) => withEnergyWeight(spec, { "carbon-weight": 0.01, intensity });
		expect(at(360).weights.delta).toBeCloseTo(1e-3, 12);
		expect(withEnergyWeight(spec, { "carbon-weight": 0.01, intensity: 180, pue: 2 }).weights.delta).toBeCloseTo(
			1e-3,
			12,
		);
		const joules = (intensity: number) => {
			const { energy } = best(at(intensity));
			return energy.status === "available" ? energy.energy_j_per_request : Number.NaN;
		};
		expect(joules(400)).toBeLessThan(joules(10));
	});

	test("the options that optimize, tradeoff and adapt share turn them on", async () => {
		const spec = withModelledEnergy(await read(20), power);
		const all = withEnergyWeight(spec, { vertical: true, tenants: [2], "carbon-weight": 0.01, intensity: 360 });
		expect(all).toMatchObject({ scaling_cap: 1, allocation_mode: "variable" });
		expect(all.weights.delta).toBeCloseTo(1e-3, 12);
		expect(all.stages[0]?.points.some(({ cores }) => cores === 0.5)).toBe(true);
		expect(withEnergyWeight(spec, { delta: 2 })).toEqual({ ...spec, weights: { ...spec.weights, delta: 2 } });
	});

	test.each([
		[{ "carbon-weight": 1 }, "must stand with --intensity"],
		[{ intensity: 1 }, "must stand with --carbon-weight"],
		[{ "carbon-weight": 1, intensity: 1, delta: 1 }, "must not be given with a weight"],
		[{ tenants: [1] }, "whole numbers above 1"],
		[{ "switch-overhead": 0.1 }, "must stand with --tenants"],
		[{ pue: 0.5 }, "--pue"],
	])("%o is refused", async (values, message) => {
		const spec = await read(2);
		expect(() => withEnergyWeight(spec, values)).toThrow(message);
	});
});

describe("a service that follows the grid", () => {
	const rule = { share: 0.05, reference_g_per_kwh: 250, mean_g_per_kwh: 250 };
	test("emits less than one that serves as well on the mean; more than that is not promised, and a flat grid changes nothing", async () => {
		const video = withModelledEnergy(await read(20), power);
		const spec = { ...video, weights: { ...video.weights, delta: 6e-4 } };
		const grid = Array.from({ length: 48 }, (_, k) => 250 + 240 * Math.sin((k * Math.PI) / 12));
		const follows = followGrid(spec, grid, { ...rule, share: 0 });
		expect(follows.configurations.length).toBeGreaterThan(1);
		const front = energyFront(video);
		if (front.status === "infeasible") throw new Error(front.detail);
		const path = tradeOff(front.points).points;
		const mean = grid.reduce((sum, value) => sum + value, 0) / grid.length;
		const blind = blindAtSameObjective(path, follows.objective_without_energy, mean);
		expect(follows.grams_per_request).toBeLessThan(blind.grams_per_request);
		// A trigger that never fires leaves the first hour's choice, and the gain may go.
		const asleep = followGrid(spec, grid, { ...rule, share: 100 });
		expect(asleep.decided).toEqual([0]);
		const flat = new Array(48).fill(250);
		expect(followGrid(spec, flat, rule).grams_per_request).toBeCloseTo(
			followGrid(spec, flat, { ...rule, share: Number.POSITIVE_INFINITY }).grams_per_request,
			15,
		);
		expect(followGrid(spec, flat, rule).decided).toEqual([0]);
	});
});
