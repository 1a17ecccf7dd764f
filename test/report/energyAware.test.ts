import { describe, expect, test } from "vitest";
import type { ProfileEnergy } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { conclusionKindRows, savedRows } from "../../src/report/energyAwareTables.js";
import { caveat } from "../../src/report/traceFigures.js";
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
	expect(savedRows(pipeline(), [1, 5])).toEqual([
		{
			...{ pipeline: "even", "load (1/s)": 1, "saved at 0 % (%)": 0, "saved at 1 % (%)": 30, "saved at 5 % (%)": 30 },
			"choice without energy": "a (1 core, batch 1) x 1",
			kind: "measured",
		},
		{
			...{ pipeline: "even", "load (1/s)": 5, "saved at 0 % (%)": "infeasible", "saved at 1 % (%)": "infeasible" },
			...{ "saved at 5 % (%)": "infeasible", "choice without energy": "", kind: "" },
		},
	]);
	expect(savedRows(pipeline("modelled"), [1])[0]?.kind).toBe("modelled (busy part measured)");
});

describe("what a saving rests on", () => {
	const verdict = (spec: PipelineSpec) => conclusionKindRows([spec], [1])[0]?.["counts as evidence"];

	test("only measured energies, idle powers and latencies are evidence without a but", () => {
		expect(verdict(pipeline())).toBe("yes");
		expect(verdict(pipeline("modelled"))).toMatch(/^for the busy part; how long replicas idle/);
		expect(verdict(pipeline("measured", { idle_kind: "modelled" }))).toMatch(/^for the busy part; the idle part/);
		expect(verdict(pipeline("measured", { kind: "modelled" }))).toMatch(/^no/);
	});

	test("loads that nothing carries are not among those that the range is over", () => {
		const [row] = conclusionKindRows([pipeline()], [1, 2, 5]);
		expect(row?.["energy saved at 1 % of what the objective weighs"]).toBe(
			"30 to 30 % over loads of 1, 2/s; 1 more infeasible",
		);
	});

	test("a caption names the kinds of energies that are not all modelled", () => {
		expect(caveat(pipeline("measured", { idle_kind: "modelled" }))).toContain(
			"of batches measured, idle powers modelled",
		);
		expect(caveat(pipeline("measured", { kind: "modelled" }))).toContain("no evidence");
	});
});
