import { describe, expect, test } from "vitest";
import { knobDeclaration, populationOf, undeclaredWorkloads } from "../../src/evaluation/evidence.js";
import { cell, evidence } from "./cells.js";

describe("what a knob is", () => {
	test.each([
		["backend", "runtime"],
		["power_mode", "power"],
		["power_cap_w", "power"],
		["sm_clock_mhz", "power"],
		["quantisation", "precision"],
		["resolution_px", "resolution"],
		["tensor_parallel", "parallelism"],
		["ring_degree", "parallelism"],
		["fan", "other"],
	])("%s is read as %s where nobody has declared it", (name, axis) => {
		expect(knobDeclaration(name).axis).toBe(axis);
	});

	test("a declaration wins over the name", () => {
		expect(knobDeclaration("backend", { backend: { axis: "power" } })).toEqual({ axis: "power" });
	});
});

describe("what a request asks for", () => {
	test("splits populations, and its order is the table's", () => {
		expect(populationOf(cell({ energy_j: 1, workload: { benchmark: "bbh", output_tokens: 60 } }))).toBe(
			"p, benchmark bbh, output_tokens 60",
		);
		expect(populationOf(cell({ energy_j: 1 }))).toBe("p");
	});

	test("is asked about where it stands among the knobs and nobody has declared it", () => {
		const knobs = { max_new_tokens: 20, inference_steps: 50, precision: "fp16", power_cap_w: 100, resolution_px: 224 };
		const unpriced = evidence([cell({ energy_j: 1, knobs })]);
		expect(undeclaredWorkloads(unpriced)).toEqual(["max_new_tokens", "inference_steps", "resolution_px"]);
		// A resolution whose price in accuracy is told is a choice.
		const priced = evidence([cell({ energy_j: 1, knobs, accuracy_pct: 70 })]);
		expect(undeclaredWorkloads(priced)).toEqual(["max_new_tokens", "inference_steps"]);
		const { provenance, ...rest } = priced;
		const declared = { max_new_tokens: { axis: "other" }, inference_steps: { axis: "other" } } as const;
		expect(undeclaredWorkloads({ ...rest, provenance: { ...provenance, knobs: declared } })).toEqual([]);
	});
});
