import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "space", ...args], { encoding: "utf8" });

// One stage, one core, 2 J a batch of 1 and nothing while idle: 2 J a request whatever the replicas.
const energy = { energy_j_per_batch: 2, idle_power_w: 0, kind: "measured" };
const spec = {
	name: "one",
	stages: [
		{
			name: "s",
			initial_variant: "a",
			initial_cores: 1,
			points: [
				{
					variant: "a",
					accuracy_pct: 50,
					cores: 1,
					batch: 1,
					latency_s: 0.1,
					throughput_rps: 10,
					kind: "measured",
					energy,
				},
				{
					variant: "b",
					accuracy_pct: 60,
					cores: 1,
					batch: 1,
					latency_s: 0.2,
					throughput_rps: 5,
					kind: "modelled",
					energy,
				},
			],
		},
	],
	threshold_rps: 0,
	sla_factor: 1,
	accuracy_method: "sum",
	normalize_accuracy: false,
	allocation_mode: "variable",
	only_measured_profiles: true,
	scaling_cap: 3,
	weights: { alpha: 10, beta: 1, gamma: 0, delta: 0 },
	arrival_rate_rps: 4,
	semantics: "published",
	baseline: "none",
};

function fileOf(content: object): string {
	const file = join(mkdtempSync(join(tmpdir(), "space-")), "one.json");
	writeFileSync(file, JSON.stringify(content));
	return file;
}

test("a pipeline with energies tells them, and of every number its kind", () => {
	const file = fileOf(spec);
	const told = JSON.parse(run("--profile", file, "--json").stdout);
	expect(told).toMatchObject({
		configurations: 6,
		feasible: 6,
		kinds: { measured: 1, modelled: 1 },
		energy_kinds: { measured: 2 },
	});
	expect(told.quantiles.energy_j_per_request).toEqual([2, 2, 2, 2, 2].map((j) => expect.closeTo(j, 12)));
	const { stdout } = run("--profile", file);
	expect(stdout).toContain("kind of their latencies: 1 measured, 1 modelled; of their energies: 2 measured");
	// 10 x 0.6 - 1 and 10 x 0.5 - 1.
	expect(stdout).toMatch(/ {2}5\.0000 {2}b 1 cores batch 1 x1 .*, modelled\n {2}4\.0000 {2}(a|b) /);
});

test("without energies there are none; odd numbers name their option", () => {
	const [stage] = spec.stages as [(typeof spec.stages)[number]];
	const points = stage.points.map(({ energy: _, ...rest }) => rest);
	const told = JSON.parse(run("--profile", fileOf({ ...spec, stages: [{ ...stage, points }] }), "--json").stdout);
	expect([told.energy_kinds, "energy_j_per_request" in told.quantiles]).toEqual([{}, false]);
	expect(run("--cap", "2.5").stderr).toContain("--cap: must be a whole number of 1 or more");
	expect(run("--rate", "").stderr).toContain("--rate: must be a number of 0 or more");
});
