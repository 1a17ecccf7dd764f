import { describe, expect, test } from "vitest";
import type { ProfileEnergy } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { caveat } from "../../src/report/traceFigures.js";
import { conclusions, savings } from "../../src/studies/choices.js";
import type { Kind } from "../../src/units.js";
import { handPipeline } from "../pipeline/handPipeline.js";

/**
 * One replica of a (80 %, 10 J) or b (79 %, 7 J), one core each, 2 requests/s at most; alpha 100 and beta 80, so that the
 * best objective is 0 and what it weighs 160.
 */
function pipeline(latency: Kind = "measured", energy: Partial<ProfileEnergy> = {}): PipelineSpec {
	const point = (variant: string, accuracy_pct: number, energy_j_per_batch: number) => ({
		...{ variant, accuracy_pct, cores: 1, batch: 1, latency_s: 0.5, throughput_rps: 2, kind: latency },
		energy: { energy_j_per_batch, idle_power_w: 0, kind: "measured" as const, ...energy },
	});
	return handPipeline([[point("a", 80, 10), point("b", 79, 7)]], {
		name: "even",
		scaling_cap: 1,
		weights: { alpha: 100, beta: 80, gamma: 0, delta: 0 },
		arrival_rate_rps: 1,
	});
}

test("energy saved at a share of what the objective weighs, though the objective is 0, and its kind", () => {
	const [at1, at5] = savings([pipeline()], [1, 5]);
	expect(at1).toMatchObject({
		...{ pipeline: "even", rate_rps: 1, choice: "a (1 core, batch 1) x 1", energy_kind: "measured" },
		saved_share: { "0 %": 0, "1 %": expect.closeTo(0.3, 9), "5 %": expect.closeTo(0.3, 9) },
	});
	expect(at5).toEqual({ pipeline: "even", rate_rps: 5, infeasible: expect.any(String) });
	expect(savings([pipeline("modelled")], [1])[0]).toMatchObject({ energy_kind: "modelled", busy_kind: "measured" });
});

describe("what a saving rests on", () => {
	const verdict = (spec: PipelineSpec) => conclusions([spec], [1])[0]?.evidence;

	test("only measured energies, idle powers and latencies are evidence without a but", () => {
		expect(verdict(pipeline())).toBe("yes");
		expect(verdict(pipeline("modelled"))).toMatch(/^for the busy part; how long replicas idle/);
		expect(verdict(pipeline("measured", { idle_kind: "modelled" }))).toMatch(/^for the busy part; the idle part/);
		expect(verdict(pipeline("measured", { kind: "modelled" }))).toMatch(/^no/);
	});

	test("loads that nothing carries are not among those that the range is over", () => {
		const saved = expect.closeTo(0.3, 9);
		expect(conclusions([pipeline()], [1, 2, 5])[0]).toMatchObject({
			...{ saved_share: { low: saved, high: saved }, loads_rps: [1, 2], infeasible_loads_rps: [5] },
		});
	});

	test("a caption names the kinds of energies that are not all modelled", () => {
		expect(caveat(pipeline("measured", { idle_kind: "modelled" }))).toContain(
			"of batches measured, idle powers modelled",
		);
		expect(caveat(pipeline("measured", { kind: "modelled" }))).toContain("no evidence");
	});
});
