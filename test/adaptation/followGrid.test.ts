import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compareSystems } from "../../src/adaptation/compareSystems.js";
import { decideOnGrid } from "../../src/adaptation/followGrid.js";
import { decider } from "../../src/adaptation/systems.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../../src/pipeline/energy.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { optimize } from "../../src/search/optimum.js";

const profile = JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles/video.json"), "utf8")) as PipelineSpec;
const power = await readEnergyCoefficients();
/** Between the weights at which the choice changes (4.1e-5 and 1.7e-4 at 10 requests/s). */
const delta = 5e-5;
const spec = { ...withModelledEnergy(profile, power), weights: { ...profile.weights, delta } };
const rule = { share: 0.05, reference_g_per_kwh: 200, mean_g_per_kwh: 200 };

test("each hour is decided as for a pipeline whose weight of energy is that hour's, by hand: delta x intensity / mean", () => {
	const hourly = [200, 2000, 20];
	const decide = decideOnGrid(spec, hourly, rule, decider);
	const energies = hourly.map((intensity, hour) => {
		const decision = decide(10, undefined, 3600 * hour + 1800);
		const best = optimize({
			...spec,
			arrival_rate_rps: 10,
			weights: { ...spec.weights, delta: (delta * intensity) / 200 },
		});
		if (decision.status !== "decided" || best.status !== "optimal") throw new Error("nothing is feasible");
		expect(decision.plan.stages.map(({ variant, batch }) => [variant, batch])).toEqual(
			best.configuration.stages.map(({ variant, batch }) => [variant, batch]),
		);
		return best.configuration.energy.status === "available"
			? best.configuration.energy.energy_j_per_request
			: Number.NaN;
	});
	expect(energies[1]).toBeLessThan(energies[0]!);
	expect(energies[2]).toBeGreaterThan(energies[0]!);
});

test("what moves by less than the trigger decides nothing anew, and no hour is made up", () => {
	const weights: number[] = [];
	const decide = decideOnGrid(spec, [200, 209, 211, 400], rule, (of) => {
		weights.push(of.weights.delta);
		return decider(of);
	});
	for (const hour of [0, 1, 2, 3]) decide(10, undefined, 3600 * hour);
	expect(weights).toEqual([delta, delta * (211 / 200), 2 * delta].map((weight) => expect.closeTo(weight, 12)));
	expect(() => decide(10, undefined, 4 * 3600)).toThrow("no intensity is known at 14400 s");
});

test("a grid that never changes changes nothing, and systems that weigh no energy do not see it", () => {
	const load = new Float64Array(7200).fill(10);
	const options = { predictor: "reactive" as const, only: ["ipa", "ipa-energy"] };
	const plain = compareSystems({ spec }, load, options);
	const flat = compareSystems({ spec }, load, { ...options, grid: { hourly_g_per_kwh: [200, 200], rule } });
	expect(flat).toEqual(plain);
	const dirty = compareSystems({ spec }, load, { ...options, grid: { hourly_g_per_kwh: [200, 2000], rule } });
	expect(dirty[0]).toEqual(plain[0]);
	expect(dirty[1]).not.toEqual(plain[1]);
});

test("adapt follows the hours of a zone where --carbon-weight comes without one intensity", () => {
	const run = (...more: string[]) => {
		const argv = [
			"adapt",
			"--from",
			"0",
			"--seconds",
			"7200",
			"--model-energy",
			"--carbon-weight",
			"25",
			"--json",
			"--quiet",
		];
		return JSON.parse(execFileSync("node", ["dist/cli/main.js", ...argv, ...more], { encoding: "utf8" }));
	};
	const joules = (rows: { system: string; outcome: { served: { energy: { joules: Record<string, number> } } } }[]) =>
		Object.values(rows.find(({ system }) => system === "ipa-energy")?.outcome.served.energy.joules ?? {}).reduce(
			(a, b) => a + b,
		);
	// South Australia's sun: some hours emit next to nothing, where a kWh costs little.
	const follows = joules(run("--zone", "AU-SA", "--start", "2023-01-08T00:00:00Z"));
	expect(follows).toBeGreaterThan(joules(run("--intensity", "400")));
});
