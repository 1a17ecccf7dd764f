import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../../src/pipeline/energy.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import { readPreset } from "../../src/published/presets.js";
import { optimize } from "../../src/search/optimum.js";
import { handPipeline } from "../pipeline/handPipeline.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "tradeoff", ...args], { encoding: "utf8" });

describe("the tradeoff command", () => {
	test("every delta that it names has the optimum that it names, and the first is the one without energy", async () => {
		const { status, stdout } = run("--model-energy", "--json");
		expect(status).toBe(0);
		const { path, saved } = JSON.parse(stdout);
		const spec = withModelledEnergy((await readPreset("video")).spec, await readEnergyCoefficients());
		expect(path.points.length).toBeGreaterThan(1);
		for (const { delta_from, delta_to, energy_j_per_request } of path.points) {
			// JSON has no infinity: the last delta_to is null.
			const delta = delta_to === null ? delta_from * 2 : (delta_from + delta_to) / 2;
			const found = optimize({ ...spec, weights: { ...spec.weights, delta } });
			if (found.status !== "optimal" || found.configuration.energy.status !== "available")
				throw new Error("no optimum");
			expect(found.configuration.energy.energy_j_per_request).toBeCloseTo(energy_j_per_request, 9);
			expect(found.configuration.energy.kind).toBe("modelled");
		}
		const shares = saved.map(({ saved: share }: { saved: number }) => share);
		expect(shares).toEqual([...shares].sort((a: number, b: number) => a - b));
	});

	test("says modelled where the energies are, and refuses energies that nobody measured", () => {
		expect(run("--model-energy").stdout.split("\n")[0]).toMatch(/energies modelled$/);
		const refused = run();
		expect(refused.status).toBe(1);
		expect(refused.stderr).toMatch(/energy/);
	});

	test("resamples at a delta that is given: two equal choices but for 10 and 10.5 J, each +- 1 J", () => {
		const point = (variant: string, energy_j_per_batch: number): ProfilePoint => ({
			variant,
			accuracy_pct: 50,
			cores: 1,
			batch: 1,
			latency_s: 0.1,
			throughput_rps: 10,
			kind: "measured",
			energy: { energy_j_per_batch, energy_se_j_per_batch: 1, idle_power_w: 0, kind: "measured" },
		});
		const file = join(mkdtempSync(join(tmpdir(), "tradeoff-")), "two.json");
		writeFileSync(file, JSON.stringify(handPipeline([[point("a", 10), point("b", 10.5)]], { arrival_rate_rps: 5 })));
		const resampled = (...weight: string[]) => run("--profile", file, "--resample", "4000", "--json", ...weight);
		// The difference of two normal draws is below 0 with the probability of -0.5 / sqrt(2) standard deviations: 0.3618.
		const { stability } = JSON.parse(resampled("--delta", "0.1").stdout);
		expect(stability).toMatchObject({ status: "resampled", seed: 1 });
		expect(Math.abs(stability.changed - 0.3618)).toBeLessThan(3 * Math.sqrt((0.3618 * 0.6382) / 4000));
		const priced = resampled("--eur-per-kwh", "0.3", "--eur-per-core-hour", "0.05");
		expect(JSON.parse(priced.stdout).stability.changed).toBe(stability.changed);
		expect(JSON.parse(resampled().stdout).stability).toMatchObject({ status: "unavailable" });
		expect(run("--profile", file, "--delta", "1").stderr).toMatch(/--delta.* must stand with --resample/);
	});

	test("infeasible ends with 3 and the bound; a malformed option names itself", () => {
		expect(run("--model-energy", "--rate", "1000000")).toMatchObject({
			status: 3,
			stderr: expect.stringContaining("infeasible"),
		});
		expect(run("--rate", "fast").stderr).toContain("--rate");
	});
});
