import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Probe, readingOf } from "../../src/energy/reading.js";
import { armParts, captureEnvironment, hardwareName, withoutPlaces } from "../../src/measurement/environment.js";
import { readJournal } from "../../src/measurement/journal.js";
import { detectMeters } from "../../src/measurement/meters.js";
import { summarise } from "../../src/measurement/summary.js";
import { fakeTool } from "../energy/fakeTool.js";
import { tinyPlan } from "./plans.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "publishable-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const textsIn = (path: string) =>
	readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
		.join("\n");

describe("what a run writes", () => {
	const measure = async (out: string, environment: Record<string, string>, ...more: string[]) => {
		const plan = join(folder, "plan.json");
		writeFileSync(
			plan,
			JSON.stringify(
				tinyPlan({
					probes: "auto",
					idle_s: 0.1,
					repetitions: { min: 2, max: 2, target_relative_interval: 0.5 },
					batches: [1],
					blocks: 1,
				}),
			),
		);
		const { stdout, stderr } = await promisify(execFile)(
			"node",
			["dist/cli/main.js", "measure", plan, "--out", out, ...more],
			{
				env: { ...process.env, ...environment },
			},
		);
		return `${stdout}\n${stderr}`;
	};
	test("holds no credentials of a Prometheus, and measures through it", async () => {
		const port = 19_000 + (process.pid % 900);
		const server = spawn("python3", ["test/fixtures/field/prometheus-credentials/prometheus.py", String(port)]);
		try {
			for (let tries = 0; tries < 100; tries++)
				if (
					await fetch(`http://127.0.0.1:${port}`).then(
						() => true,
						() => false,
					)
				)
					break;
				else await new Promise((resolve) => setTimeout(resolve, 50));
			const out = join(folder, "prometheus");
			const said = await measure(out, {
				SUSTAINABLE_IPA_PROMETHEUS_URL: `http://reader:sesame@127.0.0.1:${port}`,
				SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S: "0.05",
			});
			const written = textsIn(out);
			expect(written).toMatch(/kepler \(package\)/);
			expect(said + written).not.toMatch(/sesame|cmVhZGVyOnNlc2FtZQ/);
		} finally {
			server.kill();
		}
	});
	test("nor this machine's name, a home or the checkout, even where git fails; but the name where it is asked for", async () => {
		const { folder: tools } = fakeTool(
			"git",
			`process.stderr.write("fatal: detected dubious ownership in repository at '${process.cwd()}'\\n"); process.exit(128);`,
		);
		const environment = {
			PATH: `${tools}:${process.env.PATH}`,
			SUSTAINABLE_IPA_POWERCAP_ROOT: join(folder, "no", "powercap"),
		};
		await measure(join(folder, "plain"), environment);
		const written = textsIn(join(folder, "plain"));
		expect(written).toContain("git ended with 128: fatal: detected dubious ownership");
		expect(written).toContain("…/powercap is absent");
		for (const place of [process.cwd(), folder, homedir()]) expect(written).not.toContain(place);
		const entry = new RegExp(`"host":.{0,40}${hostname()}`);
		expect(written).not.toMatch(entry);
		await measure(join(folder, "named"), environment, "--name-host");
		expect(textsIn(join(folder, "named"))).toMatch(entry);
	});
});

test("places are cut from sentences, the system's own stay", () => {
	expect(
		withoutPlaces(`no ${homedir()}/a b, ${process.cwd()}: '/home/ada/x/y.csv' (/Users/ada) of ${hostname()}.`),
	).toBe(`no …/a b, …/${process.cwd().split("/").at(-1)}: '…/y.csv' (…/ada) of ….`);
	for (const text of [
		"/sys/class/powercap is absent",
		"/proc/12/stat",
		"sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj",
	])
		expect(withoutPlaces(text)).toBe(text);
});

test("machines that a source names have pseudonyms in a journal, one and the same in each window", async () => {
	const probe: Probe = {
		name: "kepler",
		minimumWindow_s: 1,
		detect: async () => ({ status: "available", covers: ["package"], detail: "" }),
		start: async () => ({
			stop: async () => {
				const domains = ["node-7", "node-70"].map((machine) => ({
					domain: `${machine}:9102/package`,
					covers: "package" as const,
					energy_j: 5,
					resolution_j: 1,
					wraps: 0,
					inTotal: true,
				}));
				const outcome = readingOf("kepler", {
					domains,
					totalRule: "",
					duration_s: 1,
					samples: 2,
					caveats: ["the sum of 2 machines: node-7:9102, node-70:9102"],
				});
				return { ...outcome, machines: ["node-7:9102", "node-70:9102"] };
			},
		}),
	};
	const { available } = await detectMeters({ probes: ["kepler"], runner: tinyPlan().runner }, [probe]);
	const read = async () => JSON.stringify(await (await available[0]?.start())?.stop());
	expect(await read()).toBe(await read());
	expect(await read()).not.toMatch(/node-7/);
	expect(new Set((await read()).match(/machine-[0-9a-f]{8}/g)).size).toBe(2);
});

describe("machines whose processor has no name", () => {
	const known = (value: string) => ({ status: "available", value }) as const;
	test("are told by the parts of their cores, or apart by a pseudonym", async () => {
		const core = (part: string) =>
			`processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: ${part}\nCPU revision\t: 1\n\n`;
		expect(armParts(core("0xd0c") + core("0xd0c"))).toEqual(known("ARM implementer 0x41, part 0xd0c"));
		expect(armParts(core("0xd0b") + core("0xd05"))).toMatchObject({
			value: expect.stringMatching(/0xd0b and .*0xd05/),
		});
		expect(armParts("model name: x\n")).toBeUndefined();
		const named = (machine: string) =>
			hardwareName({ cpu_model: known("unknown"), machine: known(machine), logical_cpus: known("4") });
		expect(named("1a2b3c4d")).not.toBe(named("5e6f7a8b"));
		expect(await captureEnvironment()).not.toHaveProperty("host");
	});
	test("are not pooled over the journals of an earlier version", () => {
		const records = readJournal("test/fixtures/faults/journal-repetition-once.jsonl").map((record) =>
			record.type === "session" ? { ...record, hardware: "unknown, 4 logical CPUs" } : record,
		);
		const names = (journals: number) =>
			new Set(
				summarise(
					tinyPlan({ variants: [{ name: "small", accuracy_pct: 70 }, { name: "large" }] }),
					Array.from({ length: journals }, () => records),
				).map(({ hardware }) => hardware),
			);
		expect([names(1).size, names(2).size]).toEqual([1, 2]);
	});
});
