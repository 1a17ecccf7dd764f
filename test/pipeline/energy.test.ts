import { describe, expect, test } from "vitest";
import { configuration } from "../../src/pipeline/configuration.js";
import { stageEnergy } from "../../src/pipeline/energy.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";
import { verify } from "../../src/search/verify.js";
import { handPipeline } from "./handPipeline.js";

const cell = { energy_j_per_batch: 24, idle_power_w: 10, energy_se_j_per_batch: 0.8, kind: "measured" as const };

test("a rate above batches in a p99 latency keeps the replica busy, and takes no idle power off", () => {
	// 9 requests/s in batches of 4 are 2.25 batches a second: at a p99 of 0.5 s that would be 112 % of the time.
	const found = stageEnergy(cell, { latency_s: 0.5, batch: 4, replicas: 1 }, 9);
	expect(found.utilisation).toBe(1);
	expect(found.power_w).toBeCloseTo(2.25 * 24, 12);
	expect(found.energy_j_per_request).toBeCloseTo(6, 12);
	// A measured throughput says how long a batch takes on the mean: 10 requests/s are 0.4 s for 4, so 10 % is idle, 1 W.
	// The optimiser and the checker of its answers agree.
	const point = { ...points()[0], throughput_rps: 10 } as ProfilePoint;
	const spec = pipeline([point], { arrival_rate_rps: 9, weights: { alpha: 1, beta: 1, gamma: 0, delta: 1 } });
	const best = optimize(spec);
	if (best.status !== "optimal") throw new Error(best.detail);
	expect(best.configuration.energy).toMatchObject({ energy_j_per_request: expect.closeTo(6 + 1 / 9, 12) });
	expect(verify(pipelineOptions(spec), best.configuration, {})).toEqual([]);
});

function points(given: Partial<ProfilePoint> = {}): ProfilePoint[] {
	return [4, 1, 8].map((batch) => ({
		variant: "a",
		accuracy_pct: 50,
		cores: 2,
		batch,
		latency_s: 0.5,
		throughput_rps: 8,
		kind: "measured",
		energy: cell,
		...given,
	}));
}

const pipeline = (own: readonly ProfilePoint[], given: Partial<PipelineSpec> = {}) =>
	handPipeline([own], { weights: { alpha: 1, beta: 1, gamma: 0, delta: 0 }, arrival_rate_rps: 4, ...given });

describe("the kind of an energy at a rate", () => {
	const energyOf = (spec: PipelineSpec) =>
		configuration(pipelineOptions(spec), [{ option: 0, replicas: 1 }]).energy as {
			kind: string;
			marginal_kind: string;
		};

	test("measured where the energy, the idle power and the latency are", () => {
		expect(energyOf(pipeline(points()))).toMatchObject({ kind: "measured", marginal_kind: "measured" });
	});

	test("modelled with a latency that is: how long a replica idles follows from it; a batch's energy stays measured", () => {
		expect(energyOf(pipeline(points({ kind: "modelled" })))).toMatchObject({
			kind: "modelled",
			marginal_kind: "measured",
		});
		// IPA's regression gives latencies that nobody measured.
		const regressed = pipeline(points(), { only_measured_profiles: false });
		expect(energyOf(regressed)).toMatchObject({ kind: "modelled", marginal_kind: "measured" });
	});

	test("modelled with an assumed idle power", () => {
		const assumed = points({ energy: { ...cell, idle_kind: "modelled" } });
		expect(energyOf(pipeline(assumed))).toMatchObject({ kind: "modelled", marginal_kind: "measured" });
	});
});

test("an energy or a standard error that is no finite number is refused by its field", () => {
	for (const [energy, field] of [
		[{ ...cell, energy_j_per_batch: Number.POSITIVE_INFINITY }, "stages.0.points.0.energy"],
		[{ ...cell, energy_se_j_per_batch: -1 }, "stages.0.points.0.energy.energy_se_j_per_batch"],
		[{ ...cell, energy_se_j_per_batch: Number.NaN }, "stages.0.points.0.energy.energy_se_j_per_batch"],
	] as const)
		expect(() => pipelineOptions(pipeline(points({ energy })))).toThrow(field);
});
