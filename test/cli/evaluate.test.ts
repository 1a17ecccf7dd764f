import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "evaluate", ...args], {
		encoding: "utf8",
		maxBuffer: 64 * 2 ** 20,
	});

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "evaluate-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A table of one machine: energy = power x time a request at the power that is given. */
function table(name: string, variants: number, power: (cores: number, batch: number) => number): string {
	const rows = Array.from({ length: variants }, (_, v) => v + 1).flatMap((size) =>
		[1, 2, 4].flatMap((cores) =>
			[1, 4, 16].map((batch) => {
				const latency = (0.1 * size * batch ** 0.9) / cores ** 0.5;
				const energy = (power(cores, batch) * latency) / batch;
				return `node,cpu,v${size},${cores},${batch},measured,${latency},${batch / latency},${energy}`;
			}),
		),
	);
	const file = join(folder, name);
	writeFileSync(
		file,
		`hardware,device,variant,allocation,batch,kind,latency_s,throughput_rps,energy_j_per_request\n${rows.join("\n")}\n`,
	);
	return file;
}

interface Row {
	knob: string;
	metric: string;
	band: string;
	accounting: string;
	label: string;
	reason?: string;
	because: string;
	next?: string;
}

describe("a table never seen", () => {
	test("the shipped template is read, and three rows decide nothing", () => {
		const { status, stdout } = run(join(packageRoot, "data/template.csv"), "--json");
		expect(status).toBe(0);
		const labels = JSON.parse(stdout).labels as Row[];
		expect(new Set(labels.map(({ label }) => label))).toEqual(new Set(["undetermined"]));
	});

	test("power in proportion to cores, eight variants: core-seconds stand in over every knob, at each idle power", () => {
		const { stdout } = run(
			table("eight.csv", 8, (cores) => 7 * cores),
			"--json",
		);
		const labels = (JSON.parse(stdout).labels as Row[]).filter(
			({ accounting, band }) => accounting === "dedicated" && band === "limit",
		);
		const of = (metric: string) =>
			labels.filter((row) => row.metric === metric).map(({ knob, label }) => [knob, label]);
		expect(of("core_seconds")).toEqual([
			["variant", "stands-in"],
			["batch", "stands-in"],
			["allocation", "stands-in"],
		]);
		expect(of("throughput")).toContainEqual(["allocation", "stands-in"]);
		const throughput = labels.find(({ knob, metric }) => knob === "allocation" && metric === "throughput");
		expect(throughput?.because).toMatch(/^throughput orders energy upside down: misranks 100 %/);
	});

	test("one machine and two variants: undetermined, with the reason and what to measure next", () => {
		const { stdout } = run(
			table("two.csv", 2, () => 50),
			"--json",
		);
		const { labels, answer } = JSON.parse(stdout) as { labels: Row[]; answer: string[] };
		expect(new Set(labels.map(({ label }) => label))).toEqual(new Set(["undetermined"]));
		const row = labels.find(
			({ knob, metric, band }) => knob === "batch" && metric === "throughput" && band === "limit",
		);
		expect(row).toMatchObject({
			reason: "few-variants",
			because: expect.stringMatching(/^2 variants have pairs that differ, 6 are needed/),
			next: "measure 4 more variants over the batch size on the same machine",
		});
		expect(answer[0]).toBe("No metric that IPA has is shown to stand in for energy.");
		expect(run(table("two.csv", 2, () => 50)).stdout).toContain("Next: measure 4 more variants");
	});

	test("a knob that reads as a workload is asked about by name; one that is named so is not", () => {
		const file = join(folder, "asked.csv");
		const header = "hardware,device,variant,allocation,batch,kind,energy_j_per_request,latency_s";
		const rows = "n,cpu,v,1,1,measured,2,1,64,fp16,50\n";
		writeFileSync(file, `${header},knob_output_tokens,knob_precision,workload_steps\n${rows}`);
		const { stderr } = run(file, "--json");
		expect(stderr).toBe(
			"asked: is output_tokens a choice, or what the requests ask for? It is compared over as a choice. Where it cannot be chosen, name its column workload_output_tokens (docs/bring-your-own.md).\n",
		);
	});

	test("a fault ends with its place, rule and value", () => {
		const file = join(folder, "bad.csv");
		writeFileSync(file, "hardware,device,variant,allocation,batch,kind,energy_j_per_request\nn,cpu,v,1,1,measured,0\n");
		const { status, stderr } = run(file);
		expect(status).toBe(1);
		expect(stderr).toContain(`${file}:2, energy_j_per_request: must be a number above 0, received "0"`);
	});
});
