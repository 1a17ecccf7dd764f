import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { cellsOfTable } from "../../src/measurement/knownCells.js";
import { parsePlan, planHash } from "../../src/measurement/plan.js";
import { planCells } from "../../src/measurement/planCells.js";
import { realTime } from "../realTime.js";
import { tinyPlan } from "./plans.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "knobs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A model server: a batch takes 40 ms an image in fp32 and 20 ms in fp16, sleeping; one variant never fits. */
const server = `
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
appendFileSync(process.argv[2], process.pid + "\\n");
const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\\n");
for await (const line of createInterface({ input: process.stdin })) {
	const { describe, variant, batch, knobs } = JSON.parse(line);
	if (describe) { say({ hardware: "Board 9", driver: 5 }); continue; }
	if (variant === "huge") { say({ error: "out of memory" }); continue; }
	const ms = batch * (knobs.precision === "fp16" ? 20 : 40);
	await new Promise((resolve) => setTimeout(resolve, ms));
	say({ latency_s: ms / 1000, draw_s: 0.001 });
}
`;
/** A meter of 100 W, or of 110 W, that saw three processes on the board and one slowdown. */
const meter = `
const began = performance.now();
console.log(JSON.stringify({ caveat: "the clocks were held down", flag: "slowed" }));
setInterval(() => {
	const time_s = (performance.now() - began) / 1000;
	console.log(JSON.stringify({ energy_j: Number(process.argv[2]) * time_s, time_s, covers: "board", observed: { compute_processes: 3 } }));
}, 20);
`;

function planOf(changes: object = {}) {
	const [program, probe] = [join(folder, "server.mjs"), join(folder, "meter.mjs")];
	writeFileSync(program, server);
	writeFileSync(probe, meter);
	return tinyPlan({
		version: 2,
		name: "knobs",
		runner: {
			type: "command",
			argv: [process.execPath, program, join(folder, "started")],
			protocol: "json-lines",
			request_unit: "image",
			keep: true,
			describe: true,
			device: "gpu",
		},
		variants: [
			{ name: "small", accuracy_pct: 50 },
			{ name: "small", accuracy_pct: 50, batches: [2], knobs: { precision: ["fp16"], tenants: [3] } },
			{ name: "huge", batches: [1], knobs: { precision: ["fp16"] } },
		],
		batches: [1, 2],
		knobs: { precision: ["fp32", "fp16"], tenants: [1] },
		window_s: 0.25,
		idle_s: 0.1,
		warm_up: { runs: 2, variation: 0.5, at_most_s: 0.1 },
		repetitions: { min: 2, max: 2, target_relative_interval: 0.5 },
		blocks: 2,
		control: { cell: { variant: "small", batch: 2, cores: 1, knobs: { precision: "fp16", tenants: 1 } }, every: 4 },
		on_failure: "skip",
		probes: [
			{ name: "counter", command: [process.execPath, probe, "100"] },
			{ name: "power", command: [process.execPath, probe, "110"] },
		],
		...changes,
	} as never);
}

test("a plan with knobs through the command line, over a real process and real probes", {
	...realTime,
	timeout: 240_000,
}, async () => {
	const file = join(folder, "plan.yaml");
	writeFileSync(file, JSON.stringify(planOf()));
	const [out, dataset] = [join(folder, "out"), join(folder, "knobs")];
	const { exitCode, stderr } = await execa(
		"node",
		["dist/cli/main.js", "measure", file, "--out", out, "--dataset", dataset],
		{
			reject: false,
		},
	);
	expect(exitCode, stderr).toBe(0);
	const { cells, provenance } = await readEvidence(dataset);
	expect(
		cells.map(({ variant, batch, knobs, allocation, device }) => [
			variant,
			batch,
			knobs.precision,
			knobs.tenants,
			allocation,
			device,
		]),
	).toEqual([
		["small", 1, "fp32", 1, 1, "gpu"],
		["small", 1, "fp16", 1, 1, "gpu"],
		["small", 2, "fp32", 1, 1, "gpu"],
		["small", 2, "fp16", 1, 1, "gpu"],
		["small", 2, "fp16", 3, 1, "gpu"],
	]);
	expect(cells.map(({ latency_s }) => latency_s)).toEqual(
		[40, 20, 80, 40, 40].map((ms) => expect.closeTo(ms / 1000, 9)),
	);
	const [alone, shared] = [cells[3], cells[4]];
	// Two images in 40 ms are at most 50/s; three that sleep side by side serve more than one can, and at most 150/s.
	expect(alone?.throughput_rps).toBeLessThanOrEqual(50);
	expect(shared?.throughput_rps).toBeGreaterThan(50);
	expect(shared?.throughput_rps).toBeLessThanOrEqual(150);
	// 100 W over the meter's window, which holds the batches and, on a busy machine, much of what starting and stopping it takes.
	for (const { energy, throughput_rps = 0 } of cells) {
		const power_w = energy.status === "available" ? energy.energy_j_per_request * throughput_rps : 0;
		expect(power_w).toBeGreaterThan(95);
		expect(power_w).toBeLessThan(400);
	}
	expect(cells[0]).toMatchObject({ hardware: "Board 9", population: "Board 9, image, counter (board)" });
	// Three processes on the board are others' where the cell has one, and its own where it has three.
	const flagsOf = (cell = cells[0]) => cell?.flags.filter((flag) => flag !== "interval-wide");
	expect(flagsOf(alone)).toEqual(["sources-disagree", "not-alone", "slowed"]);
	expect(flagsOf(shared)).toEqual(["sources-disagree", "slowed"]);
	const told = provenance.caveats.join("\n");
	expect(told).toMatch(/2 visits failed: \["huge",1,1,\{"precision":"fp16","tenants":1\}\]: .*out of memory/);
	expect(told).toContain("energy by power over that of the cells, of the same coverage: 10.0 % more in the median");
	expect(told).toMatch(/control, energy: \d+ windows vary by [\d.]+ % \(s \/ mean\), means of blocks drift by/);
	expect(told).toContain("driver 5");
	const { rows } = await readCsv(join(dataset, "details.csv"));
	expect(rows[4]?.values).toMatchObject({ knob_tenants: "3", observed_compute_processes: "3" });
	expect(Number(rows[0]?.values.counted_per_batch_draw_s)).toBeCloseTo(0.001, 12);
	expect(Number(rows[0]?.values.excess_of_power)).toBeCloseTo(0.1, 2);
	// One process for all cells, but for a failed one's successors and the tenants.
	expect(readFileSync(join(folder, "started"), "utf8").trim().split("\n").length).toBeLessThan(2 + 2 * 2 + 2 * 2 + 2);
	expect(existsSync(join(out, "details.csv"))).toBe(true);
	// Done: what failed is not tried again, nothing is measured twice.
	const again = await execa("node", ["dist/cli/main.js", "measure", file, "--out", out], { reject: false });
	expect(again.stdout).toContain("5 cells from 10 repetitions");
});

describe("a plan's version", () => {
	const text = (changes: object) => JSON.stringify({ ...planOf(), ...changes });

	test("an earlier plan is read as before, with the hash that its journals have", () => {
		expect(planHash(tinyPlan())).toBe(planHash(parsePlan(JSON.stringify(tinyPlan()), "p")));
		// As an earlier version of this program wrote it: a plan of the shipped dataset.
		const header = JSON.parse(readFileSync("data/raw/video-quick/journal.jsonl", "utf8").split("\n")[0] ?? "");
		expect(planHash(parsePlan(JSON.stringify(header.plan), "p"))).toBe(header.plan_hash);
	});

	test.each([
		[{ version: undefined }, "version: must be 2 in a plan with knobs: add the line `version: 2`"],
		[{ version: 3 }, "version: must be 1 or 2"],
		[{ knobs: { batch: [1] } }, "must not be variant, batch or cores"],
		[{ knobs: { cap: ["15"] } }, "must be a number without quotation marks"],
		[{ knobs: { tenants: [0] } }, "must be whole numbers of processes"],
		[{ runner: { type: "onnx" } }, "knobs: must be absent: the runner onnx would set none of them"],
		[{ control: { every: 3 } }, "control: must have one of steps and cell"],
		[{ runner: { type: "command", argv: ["x"], request_unit: "x", keep: true } }, "the protocol json-lines"],
	])("%j is refused with what to change", (changes, words) => {
		expect(() => parsePlan(text(changes), "p.yaml")).toThrow(words);
	});

	test("cells that differ in a knob alone are told apart, whatever the order of the knobs", () => {
		const ids = planCells(planOf()).map(({ id }) => id);
		expect(new Set(ids).size).toBe(6);
		const turned = planCells(planOf({ knobs: { tenants: [1], precision: ["fp32", "fp16"] } })).map(({ id }) => id);
		expect(new Set(turned)).toEqual(new Set(ids));
	});

	test("a calibration's candidates are the cells with their knobs, each with its own latency", async () => {
		const plan = planOf();
		const row = {
			dataset: "t",
			population: "p",
			hardware: "h",
			device: "gpu",
			allocation: 1,
			replicas: 1,
			workload: {},
			request_unit: "image",
			kind: "measured",
			flags: [],
			line: 2,
			energy: { status: "unavailable", reason: "none" },
		} as const;
		const table = planCells(plan).map(({ variant, batch, knobs }, i) => ({
			...row,
			variant,
			batch,
			knobs,
			latency_s: 0.01 + i,
			throughput_rps: 1,
		}));
		const known = cellsOfTable(plan, "t.csv", table);
		expect(known.map(({ knobs, latency_s }) => [knobs.precision, knobs.tenants, latency_s])).toEqual([
			["fp32", 1, 0.01],
			["fp16", 1, 1.01],
			["fp32", 1, 2.01],
			["fp16", 1, 3.01],
			["fp16", 3, 4.01],
			["fp16", 1, 5.01],
		]);
	});
});
