import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDeployedRuns, readPowerLogs, shippedDeployment } from "../../src/datasets/deployedRuns.js";
import { deployment } from "../../src/deployment/deployment.js";
import { videoServingProfile } from "../../src/profiles/servingProfile.js";
import { profile, serving, simulate, wandering } from "../deployment/simulated.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "deployed-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string) => {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
};

const load = wandering(3, 12, 300, 4);
const perfText = (started: string, seed: number) => {
	const { log } = simulate({ run: "r", load_rps: load, started: serving("n+18", "1+1"), seed });
	const lines = Array.from(
		log.end_s,
		(end, i) => `${end.toFixed(9)}  ${log.package_j[i]?.toFixed(2)} Joules power/energy-pkg/`,
	);
	return `# started on ${started}\n\n${lines.join("\n")}\n`;
};

describe("the runs of a deployment", () => {
	test("perf's logs by their names, with a table of runs, a trace a number a line, and decisions by variants", async () => {
		const files = {
			logs: [
				file("one.txt", perfText("Fri Nov 29 03:10:31 2024", 1)),
				file("two.txt", perfText("Fri Nov 29 03:14:31 2024", 2)),
			],
			trace: file("load.txt", `${load.join("\n")}\n`),
			runs: file("runs.csv", "run,system,variants_config,replicas_config\none,mine,n+18,1+1\ntwo,mine,n+18,1+1\n"),
			decisions: file("decisions.csv", "run,t_s,variants,replicas\none,0,s+18,2+1\none,50,s+101,2+2\n"),
		};
		const [one, two] = await readDeployedRuns(files, profile);
		expect(one).toMatchObject({ run: "one", system: "mine", started: { cost_cores: 2, capacity_rps: 15 } });
		expect(one?.log.started).toBe("Fri Nov 29 03:10:31 2024");
		expect(one?.decisions.map(({ t_s, serving: own }) => [t_s, own.label, own.cost_cores])).toEqual([
			[0, "s+18, 2+1", 3],
			[50, "s+101, 2+2", 4],
		]);
		expect(two?.decisions).toEqual([]);
		// A log of eight minutes that began four minutes after another one on the same node read the same counters.
		const found = deployment([one, two].flatMap((run) => run ?? []));
		expect(found.overlapping).toEqual([["one", "two"]]);
		expect(found.drift).toMatchObject({ status: "estimated", degrees: 1 });
	});

	test("restarts of perf in one file are recordings with a number", async () => {
		const twice = file("twice.txt", perfText("Fri Nov 29 03:10:31 2024", 1) + perfText("Fri Nov 29 04:10:31 2024", 2));
		expect((await readPowerLogs(twice)).map(({ name }) => name)).toEqual(["twice#1", "twice#2"]);
	});

	test("a decision by cost and accuracy: the variants of that product, and the replicas that carry most", async () => {
		// s and 18: 0.57 x 0.70; four cores carry min(6 x 3, 18 x 1) = 18 as 3 + 1, 12 as 2 + 2 and 6 as 1 + 3.
		const decisions = file("by-cost.csv", "t_s,cost_cores,accuracy_pct\n0,4,39.9\n10,,\n");
		const [run] = await readDeployedRuns(
			{ logs: [file("a.txt", perfText("now", 1))], trace: file("b.txt", `${load.join("\n")}\n`), decisions },
			profile,
		);
		expect(run?.decisions).toHaveLength(1);
		expect(run?.decisions[0]?.serving).toMatchObject({ label: "s+18, 3+1", capacity_rps: 18, cost_cores: 4 });
		// Nobody says what it was started with.
		expect(run).toMatchObject({ started_from: "first decision", started: { label: "s+18, 3+1" } });
	});

	test("a table of decisions that names workloads and starting configurations stands in for a table of runs", async () => {
		const { logs, trace, runs, decisions } = await shippedDeployment();
		const video = await videoServingProfile();
		const [with_, without] = await Promise.all([
			readDeployedRuns({ logs, trace, runs, decisions }, video),
			readDeployedRuns({ logs, trace, decisions }, video),
		]);
		expect(without.map(({ run, system, workload, started }) => ({ run, system, workload, started }))).toEqual(
			with_.map(({ run, system, workload, started }) => ({ run, system, workload, started })),
		);
	});

	test("a log's run is what follows its name's last hyphen, where no run is named like it", async () => {
		const [run] = await readDeployedRuns(
			{
				logs: [file("energy-video-mul-10.txt", perfText("now", 1))],
				trace: file("b.txt", `${load.join("\n")}\n`),
				runs: file("mul.csv", "run,system,variants_config,replicas_config\n1,a,n+18,1+1\n10,b,s+18,2+1\n"),
			},
			profile,
		);
		expect(run).toMatchObject({ system: "b", started: { label: "s+18, 2+1" } });
	});

	test("whether decisions were acted on, from a log, a trace and decisions alone", async () => {
		const varied = wandering(3, 14, 600, 9);
		const courses = Array.from({ length: 60 }, (_, k) => [10 * k, k % 10 < 5 ? "n+18,2+2" : "s+101,4+4"] as const);
		const decisions = courses.map(([t_s, text]) => {
			const [variants = "", replicas = ""] = text.split(",");
			return { t_s, serving: serving(variants, replicas) };
		});
		const table = file(
			"d.csv",
			`t_s,variants,replicas\n${courses.map(([t_s, text]) => `${t_s},${text}`).join("\n")}\n`,
		);
		for (const acted of [true, false]) {
			const started = serving("n+18", "2+2");
			const { log } = simulate({ run: "r", load_rps: varied, started, decisions, acted, seed: 12 });
			const lines = Array.from(
				log.end_s,
				(end, i) => `${end},${log.package_j[i]?.toFixed(2)},Joules,power/energy-pkg/,1,100.00,,`,
			);
			const logs = [file("any.csv", `${lines.join("\n")}\n`)];
			const runs = await readDeployedRuns(
				{ logs, trace: file("v.txt", `${varied.join("\n")}\n`), decisions: table },
				profile,
			);
			const [row] = deployment(runs).acted_on;
			expect(row?.outcome.status).toBe(acted ? "acted on" : "not acted on");
		}
	});
});

describe("refused, with the file and the line:", () => {
	const logs = () => [file("log.txt", perfText("now", 1))];
	const trace = () => file("load.txt", `${load.join("\n")}\n`);
	test.each([
		[
			"runs.csv:2, variants, replicas: nothing is not in the profile of detect (n, s)",
			{ runs: "run,variants_config,replicas_config\nlog,nothing+18,1+1\n" },
		],
		['runs.csv, run: must have a row for each log, received "log"', { runs: "run,workload\nother,bursty\n" }],
		[
			"decisions.csv:3: must be a cost and an accuracy that variants",
			{ decisions: "t_s,cost_cores,accuracy_pct\n0,2,31.5\n10,2,50\n" },
		],
		["decisions.csv: must hold decisions", { decisions: "t_s,note\n0,none\n" }],
	])("%s", async (message, tables) => {
		const named = Object.fromEntries(Object.entries(tables).map(([name, text]) => [name, file(`${name}.csv`, text)]));
		await expect(readDeployedRuns({ logs: logs(), trace: trace(), ...named }, profile)).rejects.toThrow(message);
	});

	test("a window that the trace does not have", async () => {
		const { trace: windows } = await shippedDeployment();
		await expect(readDeployedRuns({ logs: logs(), trace: windows }, profile)).rejects.toThrow(
			/window: must be one of bursty, steady_low, steady_high, fluctuating/,
		);
	});
});
