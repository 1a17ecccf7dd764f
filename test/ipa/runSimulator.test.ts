import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { InputError } from "../../src/errors.js";
import { runSimulator, type SimulatorProgress, type SimulatorQuestion } from "../../src/ipa/runSimulator.js";
import { experimentText, temporary } from "./series.js";

/** A Python without any package, and a folder of empty ones that IPA's simulator imports. */
let bare: string;
let packages: string;

beforeAll(() => {
	const folder = temporary();
	execFileSync("python3", ["-m", "venv", "--without-pip", folder]);
	bare = join(folder, "bin", "python");
	packages = temporary();
	for (const name of ["numpy", "pandas", "sklearn", "click", "yaml", "tabulate"])
		writeFileSync(join(packages, `${name}.py`), "");
});

/** A folder with IPA's layout whose script is ours to write, so that it can do anything that IPA's may. */
function checkout(script: string, optimizer = ""): string {
	const home = temporary();
	for (const folder of ["experiments/pipeline-simulation", "experiments/utils", "optimizer"])
		mkdirSync(join(home, folder), { recursive: true });
	writeFileSync(join(home, "experiments/utils/__init__.py"), "");
	writeFileSync(
		join(home, "experiments/utils/constants.py"),
		'PROJECT_PATH = "/home/cc/ipa"\nRESULTS = PROJECT_PATH + "/data/results/pipeline-simulation"\nOTHER = "/home/cc/ipa2"\n',
	);
	writeFileSync(join(home, "optimizer/__init__.py"), optimizer);
	writeFileSync(join(home, "experiments/pipeline-simulation/static_search_space.py"), script);
	return home;
}

function project(text = experimentText({ generate: ["all"], optimization_method: "brute-force" })): string {
	const folder = temporary();
	mkdirSync(join(folder, "data/configs/pipeline-simulation"), { recursive: true });
	writeFileSync(join(folder, "data/configs/pipeline-simulation/mine.yaml"), text);
	return folder;
}

async function run(script: string, more: Partial<SimulatorQuestion> = {}, optimizer?: string) {
	process.env.PYTHONPATH = packages;
	try {
		const ipaHome = checkout(script, optimizer);
		return await runSimulator({ ipaHome, project: project(), config: "mine", python: bare, ...more });
	} finally {
		delete process.env.PYTHONPATH;
	}
}

/** Whether a process is there and no zombie. */
function runs(pid: number): boolean {
	try {
		return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
}

async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 200 && !condition(); i++) await new Promise((done) => setTimeout(done, 50));
}

/** Writes its own process id and that of a child of its own, and goes on for a minute. */
const endless = (file: string) => `
import os, subprocess, time
child = subprocess.Popen(["sleep", "60"])
with open(${JSON.stringify(`${file}.part`)}, "w") as out:
    out.write(f"{os.getpid()} {child.pid}")
os.rename(${JSON.stringify(`${file}.part`)}, ${JSON.stringify(file)})
time.sleep(60)
`;

describe("what may go wrong with IPA's simulator", () => {
	test("no checkout, no such Python, a Python without what it needs", async () => {
		expect(await run("", { ipaHome: "/nowhere" })).toEqual({
			status: "unavailable",
			reason: "/nowhere is not a checkout of IPA: it has no experiments/pipeline-simulation/static_search_space.py",
		});
		expect(await run("", { python: "python-that-is-not-there" })).toEqual({
			status: "unavailable",
			reason: "there is no program python-that-is-not-there",
		});
		const outcome = await runSimulator({ ipaHome: checkout(""), project: project(), config: "mine", python: bare });
		expect(outcome).toEqual({
			status: "unavailable",
			reason: expect.stringMatching(
				/bin\/python has no numpy, pandas, scikit-learn, click, pyyaml, tabulate, which IPA's simulator needs/,
			),
		});
	});

	test("no gurobipy where the experiment decides by Gurobi", async () => {
		const outcome = await run("raise SystemExit('this must not run')", { project: project(experimentText()) });
		expect(outcome).toEqual({
			status: "unavailable",
			reason: expect.stringMatching(/has no gurobipy, by which the experiment mine decides/),
		});
	});

	test("an error is passed on with its message", async () => {
		const outcome = await run("raise ValueError('no responsive model profile')");
		expect(outcome.status).toBe("failed");
		expect(outcome).toHaveProperty("reason", expect.stringContaining("ValueError: no responsive model profile"));
	});

	test("so is an exit code without one", async () => {
		expect(await run("import os\nos._exit(3)")).toHaveProperty("reason", expect.stringContaining("exit code 3"));
		expect(await run("import os\nos._exit(0)")).toEqual({
			status: "failed",
			reason: "IPA's simulator ended before it was done",
		});
	});

	test("at the time limit it is stopped, with what it had started", async () => {
		const file = join(temporary(), "pids");
		const outcome = await run(endless(file), { timeout_s: 3 });
		expect(outcome).toEqual({ status: "timed-out", reason: "IPA's simulator was stopped after 3 s" });
		const pids = readFileSync(file, "utf8").split(" ").map(Number);
		expect(pids).toHaveLength(2);
		await until(() => !pids.some(runs));
		expect(pids.filter(runs)).toEqual([]);
	});

	test("it does not outlive a program that is killed while it waits", async () => {
		const file = join(temporary(), "pids");
		const question = { ipaHome: checkout(endless(file)), project: project(), config: "mine", python: bare };
		const url = new URL(`file://${join(packageRoot, "dist/ipa/runSimulator.js")}`);
		const asker = spawn(
			process.execPath,
			["-e", `import(${JSON.stringify(url)}).then((own) => own.runSimulator(${JSON.stringify(question)}))`],
			{ env: { ...process.env, PYTHONPATH: packages }, stdio: "ignore" },
		);
		await until(() => existsSync(file));
		const pids = readFileSync(file, "utf8").split(" ").map(Number);
		expect(pids.filter(runs)).toHaveLength(2);
		asker.kill("SIGKILL");
		await until(() => !pids.some(runs));
		expect(pids.filter(runs)).toEqual([]);
	});

	test.each([
		"../final/video",
		"a/b",
		"..",
		"a..b",
		"$(touch x)",
		"`id`",
		"a;b",
		"a b",
		"'a'",
		'"a"',
		"--help",
		"",
		"a\n",
	])("the config name %j is refused", async (config) => {
		await expect(run("raise SystemExit(1)", { config })).rejects.toThrow(InputError);
		await expect(run("raise SystemExit(1)", { config })).rejects.toThrow(/config name: must be letters, digits/);
	});

	test("an experiment that is not there, or whose series is a path, is never run", async () => {
		await expect(run("", { config: "other" })).rejects.toThrow(/other.yaml: must exist/);
		await expect(run("", { project: project(experimentText({ series: "../../x" })) })).rejects.toThrow(
			/series: must be a whole number/,
		);
	});
});

describe("what the launcher arranges", () => {
	test("the project path, and only that; the name and the script's place are as IPA expects; prints are logs", async () => {
		const lines: SimulatorProgress[] = [];
		const own = project();
		const script = `
import sys, os
from experiments.utils import constants
print(constants.PROJECT_PATH, constants.RESULTS, constants.OTHER)
print(sys.argv[1:], os.path.basename(sys.path[0]), __name__)
raise SystemExit(0)
`;
		// It writes no table, so there is nothing to read.
		await expect(run(script, { project: own, onProgress: (line) => lines.push(line) })).rejects.toThrow(
			/times.csv: must exist/,
		);
		expect(lines).toEqual([
			{ kind: "log", line: `${own} ${own}/data/results/pipeline-simulation /home/cc/ipa2` },
			{ kind: "log", line: "['--config-name', 'mine'] pipeline-simulation __main__" },
		]);
	});

	test("a package that is stood in for may be set up on import, and is an error once the simulator calls it", async () => {
		const optimizer =
			"from kubernetes import client, config\nconfig.load_kube_config()\napi = client.CustomObjectsApi()\n";
		const outcome = await run("import optimizer\noptimizer.api.list_pods()", {}, optimizer);
		expect(outcome).toHaveProperty(
			"reason",
			expect.stringContaining("RuntimeError: the simulator called kubernetes.client.CustomObjectsApi().list_pods"),
		);
	});

	test("states gathered so far are told while it enumerates", async () => {
		const script = `
import time
def all_states(check_constraints):
    states = [{}] * 7
    time.sleep(2.5)
all_states(False)
`;
		const told: SimulatorProgress[] = [];
		await expect(run(script, { onProgress: (line) => told.push(line) })).rejects.toThrow(/times.csv: must exist/);
		expect(told).toEqual([{ kind: "rows", table: "all-states", rows: 7 }]);
	});
});
