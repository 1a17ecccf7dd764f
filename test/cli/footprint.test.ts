import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const run = (...argv: readonly string[]) =>
	spawnSync("node", ["dist/cli/main.js", "footprint", ...argv], { encoding: "utf8" });

test("a pipeline: E, I, M and R each, with kinds; the range holds the value; the month follows from the load", () => {
	const { status, stdout } = run(
		"video",
		"--rate",
		"20",
		"--model-energy",
		"--intensity",
		"400",
		"--pue",
		"1.5",
		"--json",
	);
	expect(status).toBe(0);
	const [{ perRequest: own, per1000, perMonth, rate_rps }] = JSON.parse(stdout);
	expect(own.energy_j.factor.kind).toBe("modelled");
	const grams = (own.energy_j.factor.value / 3.6e6) * 1.5 * 400;
	expect(own.operational_g.factor.value).toBeCloseTo(grams, 12);
	expect(own.sci_g.factor.value).toBeCloseTo(grams + own.embodied_g.factor.value, 12);
	expect(own.sci_g.factor.low).toBeLessThan(own.sci_g.factor.value);
	expect(per1000.sci_g.factor.value).toBeCloseTo(1000 * own.sci_g.factor.value, 12);
	expect(perMonth.sci_g.factor.value / own.sci_g.factor.value).toBeCloseTo((rate_rps * 365 * 86_400) / 12, 3);
});

test("a pipeline without energy says so, and what is known beside it stays", () => {
	const { stdout } = run("video", "--rate", "20", "--intensity", "400");
	expect(stdout).toMatch(/energy +unavailable .*--model-energy/);
	expect(stdout).toMatch(/M, embodied +[\d.e-]+ gCO2e/);
	expect(stdout).not.toContain("SCI                     0");
});

test("a dataset: every cell, digitised and measured kinds kept; a table of one's own; no energy, no grams", () => {
	expect(run("edgetune", "--intensity", "400").stdout.split("\n").length).toBeGreaterThan(100);
	expect(run("video-quick", "--intensity", "400").stdout).toContain("unavailable (no energy source watched this run)");
	const file = join(mkdtempSync(join(tmpdir(), "cells-")), "own.csv");
	writeFileSync(
		file,
		"hardware,population,device,variant,allocation,batch,kind,request_unit,latency_s,throughput_rps,energy_j_per_request\nm,m,cpu,a,2,1,measured,image,0.1,10,36\n",
	);
	const [{ perRequest }] = JSON.parse(run(file, "--intensity", "100", "--pue", "1", "--json").stdout);
	expect(perRequest.energy_j.factor).toMatchObject({ value: 36, kind: "measured" });
	// 36 J are 1e-5 kWh.
	expect(perRequest.operational_g.factor.value).toBeCloseTo(1e-3, 12);
	// Two cores for a tenth of a second: 0.2 core-seconds of 28,006 g over four years.
	expect(perRequest.embodied_g.factor.value).toBeCloseTo((28_006 * 0.2) / (4 * 365 * 86_400), 12);
});

test("bad input names the option, the rule and the value", () => {
	expect(run().stderr).toContain("missing required argument 'WHAT'");
	expect(run("video", "--pue", "0.9").stderr).toContain("--pue: must be 1 or more, received 0.9");
	expect(run("video", "--zone", "XX").stderr).toContain("zone: must be one of");
	expect(run("video", "--intensity", "1", "--zone", "GB").stderr).toContain(
		"--intensity: must not be given with --zone",
	);
	expect(run("video", "--hardware", "a100").stderr).toContain("must be for a cpu");
	expect(run("nosuch").status).toBe(1);
});
