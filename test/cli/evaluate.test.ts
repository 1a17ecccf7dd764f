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

describe("a user's own table", () => {
	test("the shipped template is read, and three rows decide nothing", () => {
		const { status, stdout } = run(join(packageRoot, "data/template.csv"));
		expect(status).toBe(0);
		expect(stdout).toContain("VERDICT: undetermined");
	});

	test("six variants whose energy is power x time at one power are coupled with core-seconds, and with --json says so", () => {
		const rows = [1, 2, 3, 4, 5, 6].flatMap((size) =>
			[1, 2, 4].flatMap((cores) =>
				[1, 4, 16].map((batch) => {
					const latency = (0.1 * size * batch ** 0.9) / cores ** 0.5;
					return `node,cpu,v${size},${cores},${batch},measured,${latency},${batch / latency},${(cores * 7 * latency) / batch}`;
				}),
			),
		);
		const file = join(folder, "own.csv");
		writeFileSync(
			file,
			`hardware,device,variant,allocation,batch,kind,latency_s,throughput_rps,energy_j_per_request\n${rows.join("\n")}\n`,
		);
		const { stdout } = run(file, "--json");
		const { conclusion } = JSON.parse(stdout);
		expect(conclusion.verdict).toBe("coupled");
		expect(conclusion.because).toContain("resource_seconds_per_request");
	});

	test("a knob that reads as a workload is asked about by name; one that is named so is not", () => {
		const file = join(folder, "asked.csv");
		const header = "hardware,device,variant,allocation,batch,kind,energy_j_per_request";
		const rows = "n,cpu,v,1,1,measured,2,64,fp16,50\n";
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
