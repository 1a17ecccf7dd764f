import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { Kind } from "../../src/units.js";
import { handPipeline } from "../pipeline/handPipeline.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "space", ...args], { encoding: "utf8" });

// One stage, one core, 2 J a batch of 1 and nothing while idle: 2 J a request whatever the replicas.
const point = (variant: string, accuracy_pct: number, latency_s: number, kind: Kind): ProfilePoint => ({
	variant,
	accuracy_pct,
	cores: 1,
	batch: 1,
	latency_s,
	throughput_rps: 1 / latency_s,
	kind,
	energy: { energy_j_per_batch: 2, idle_power_w: 0, kind: "measured" },
});
const points = [point("a", 50, 0.1, "measured"), point("b", 60, 0.2, "modelled")];
const spec = handPipeline([points], { arrival_rate_rps: 4 });

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
	const without = points.map(({ energy: _, ...rest }) => rest);
	const told = JSON.parse(run("--profile", fileOf(handPipeline([without])), "--json").stdout);
	expect([told.energy_kinds, "energy_j_per_request" in told.quantiles]).toEqual([{}, false]);
	expect(run("--cap", "2.5").stderr).toContain("--cap: must be a whole number of 1 or more");
	expect(run("--rate", "").stderr).toContain("--rate: must be a number of 0 or more");
});
