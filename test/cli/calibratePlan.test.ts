import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { readCellsCsv } from "../../src/datasets/readEvidence.js";
import { tinyPlan } from "../measurement/plans.js";
import { realTime } from "../realTime.js";

const folder = mkdtempSync(join(tmpdir(), "calibrate-plan-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server that sleeps 3 ms an image, half that in fp16, and a meter of 30 W. */
const server = `
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
	const { batch, knobs } = JSON.parse(line);
	const ms = batch * (knobs.precision === "fp16" ? 3 : 6);
	await new Promise((resolve) => setTimeout(resolve, ms));
	console.log(JSON.stringify({ latency_s: ms / 1000 }));
}
`;
const meter =
	"const began = performance.now(); setInterval(() => { const time_s = (performance.now() - began) / 1000; console.log(JSON.stringify({ energy_j: 30 * time_s, time_s })); }, 20);";

test("calibrate PLAN over a real process: knobs are candidates, some cells are measured and the rest predicted", {
	...realTime,
	timeout: 300_000,
}, async () => {
	const [program, probe, file] = ["server.mjs", "meter.mjs", "plan.yaml"].map((name) => join(folder, name)) as [
		string,
		string,
		string,
	];
	writeFileSync(program, server);
	writeFileSync(probe, meter);
	const plan = tinyPlan({
		version: 2,
		name: "calibrated",
		runner: { type: "command", argv: [process.execPath, program], protocol: "json-lines", request_unit: "image" },
		variants: [
			{ name: "small", accuracy_pct: 70 },
			{ name: "large", accuracy_pct: 80 },
		],
		batches: [1, 2, 4],
		knobs: { precision: ["fp32", "fp16"] },
		window_s: 0.1,
		idle_s: 0.1,
		repetitions: { min: 2, max: 2, target_relative_interval: 1 },
		blocks: 1,
		probes: [{ name: "meter", command: [process.execPath, probe] }],
	} as never);
	writeFileSync(file, JSON.stringify(plan));
	const table = join(folder, "latencies.csv");
	const rows = plan.variants.flatMap(({ name, accuracy_pct }) =>
		plan.batches.flatMap((batch) =>
			["fp32", "fp16"].map((precision) => {
				const latency_s = (batch * (precision === "fp16" ? 3 : 6)) / 1000;
				return `p,h,cpu,${name},1,${batch},1,${precision},image,${latency_s},${batch / latency_s},${accuracy_pct},measured,,not measured`;
			}),
		),
	);
	const header =
		"population,hardware,device,variant,allocation,batch,replicas,knob_precision,request_unit,latency_s,throughput_rps,accuracy_pct,kind,energy_j_per_request,energy_unavailable_reason";
	writeFileSync(table, `${[header, ...rows].join("\n")}\n`);
	const out = join(folder, "out");
	const argv = ["calibrate", file, "--latencies", table, "--out", out, "--cells", "5", "--margin", "0.5", "--json"];
	argv.push("--report", join(folder, "page.html"));
	const { exitCode, stdout, stderr } = await execa("node", ["dist/cli/main.js", ...argv], { reject: false });
	// Sure of the choice, or five cells were not enough.
	expect([0, 3], stderr).toContain(exitCode);
	const report = JSON.parse(stdout) as { measured: number; cells: number };
	expect(report.cells).toBe(12);
	expect(report.measured).toBeGreaterThan(0);
	expect(report.measured).toBeLessThanOrEqual(5);
	const { cells } = await readCellsCsv(join(out, "cells.csv"));
	expect(new Set(cells.map(({ variant, batch, knobs }) => `${variant} ${batch} ${knobs.precision}`)).size).toBe(12);
	for (const { energy, throughput_rps = 0 } of cells) {
		if (energy.status === "unavailable") throw new Error(energy.reason);
		// Sleeping takes longer than it says by what a busy machine takes to wake up.
		expect((energy.energy_j_per_request * throughput_rps) / 30).toBeGreaterThan(0.7);
		expect((energy.energy_j_per_request * throughput_rps) / 30).toBeLessThan(30);
	}
	expect(cells.filter(({ energy }) => energy.status === "available" && energy.kind === "measured").length).toBe(
		report.measured,
	);
	const page = readFileSync(join(folder, "page.html"), "utf8");
	expect(page).toContain("How sure the choice is");
	expect(page).toMatch(
		/Unavailable<\/strong>: this is a plan's calibration|Unavailable<\/strong>: this is a plan&#39;s calibration/,
	);
	// IPA's own table has no knobs.
	expect(existsSync(join(out, "energy.csv"))).toBe(false);
	const profile = await execa(
		"node",
		["dist/cli/main.js", "calibrate", file, "--profile", "video", "--stage", "yolo"],
		{ reject: false },
	);
	expect(profile.exitCode).toBe(1);
});
