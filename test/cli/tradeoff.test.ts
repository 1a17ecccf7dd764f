import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../../src/pipeline/modelledEnergy.js";
import { optimize } from "../../src/search/optimum.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "tradeoff", ...args], { encoding: "utf8" });

describe("the tradeoff command", () => {
	test("every delta that it names has the optimum that it names, and the first is the one without energy", async () => {
		const { status, stdout } = run("--model-energy", "--json");
		expect(status).toBe(0);
		const { path, saved } = JSON.parse(stdout);
		const spec = withModelledEnergy(await readPipeline(), await readEnergyCoefficients());
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

	test("infeasible ends with 3 and the bound; a malformed option names itself", () => {
		expect(run("--model-energy", "--rate", "1000000")).toMatchObject({
			status: 3,
			stderr: expect.stringContaining("infeasible"),
		});
		expect(run("--rate", "fast").stderr).toContain("--rate");
	});
});
