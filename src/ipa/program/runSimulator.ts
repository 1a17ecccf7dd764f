import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import { packageRoot } from "../../datasets/root.js";
import { InputError } from "../../errors.js";
import { readExperiment } from "../files/readExperiment.js";
import { readStates, readTimes, type SimulatedStates, type SimulatorTimes } from "./simulatorTables.js";

export interface SimulatorQuestion {
	/** A checkout of IPA: its code, which is run as it is and not written to. */
	readonly ipaHome: string;
	/** The folder that holds data/ as IPA lays it out; results are written under it. */
	readonly project: string;
	/** Name of data/configs/pipeline-simulation/NAME.yaml. */
	readonly config: string;
	/** A Python with what IPA's simulator imports; default `python3`. */
	readonly python?: string;
	readonly timeout_s?: number;
	/** Called with what it logs, and while it enumerates with the states gathered so far. */
	readonly onProgress?: (progress: SimulatorProgress) => void;
}

export type SimulatorProgress =
	| { readonly kind: "log"; readonly line: string }
	| { readonly kind: "rows"; readonly table: string; readonly rows: number };

/**
 * What a run came to. `unavailable`: there is no such checkout or Python, or it lacks a package that is needed, gurobipy
 * among them where the experiment asks for it; `failed`: it ended with an error, the end of its standard error given;
 * `timed-out`: it was stopped at the time limit, with everything that it had started.
 */
export type SimulatorOutcome =
	| ({
			readonly status: "answered";
			/** Where it wrote its tables. */
			readonly folder: string;
			readonly times: SimulatorTimes;
			readonly python: string;
	  } & SimulatorTables)
	| { readonly status: "unavailable" | "failed" | "timed-out"; readonly reason: string };

export interface SimulatorTables {
	readonly all?: SimulatedStates;
	readonly feasible?: SimulatedStates;
	readonly gurobi?: SimulatedStates;
}

const script = join("experiments", "pipeline-simulation", "static_search_space.py");

const lineSchema = z.discriminatedUnion("event", [
	z.object({ event: z.literal("rows"), table: z.string(), rows: z.number() }),
	z.object({ event: z.literal("unavailable"), reason: z.string() }),
	z.object({ event: z.literal("done"), python: z.string(), gurobi: z.boolean() }),
]);

/**
 * Runs IPA's own simulator on an experiment, started directly, never through a shell, in a process group of its own.
 *
 * @throws InputError where the name could be anything but that of a file, the experiment's YAML breaks a rule, or a table
 *   that the simulator wrote cannot be read
 */
export async function runSimulator(question: SimulatorQuestion): Promise<SimulatorOutcome> {
	const { ipaHome, project, config, python = "python3", timeout_s = 3600, onProgress } = question;
	if (!existsSync(join(ipaHome, script)))
		return { status: "unavailable", reason: `${ipaHome} is not a checkout of IPA: it has no ${script}` };
	// Read first: of a broken one IPA would raise a KeyError, and its series names a folder that is written to.
	const experiment = await readExperiment(configFile(project, config));
	const { generate = [], optimization_method } = experiment;
	const decides = generate.includes("optimal") && optimization_method !== "brute-force";
	const args = [ipaHome, project, config, ...(decides ? ["--gurobi"] : [])];
	const run = await launch(python, args, timeout_s, onProgress);
	if (run.status !== "ended") return run;
	const folder = join(project, "data", "results", "pipeline-simulation", "series", String(experiment.series));
	const weights = { ...experiment, delta: 0 };
	const table = (name: string) => readStates(join(folder, `${name}.csv`), weights);
	return {
		status: "answered",
		folder,
		python: run.python,
		times: await readTimes(folder),
		...(generate.includes("all") ? { all: await table("all-states") } : {}),
		...(generate.includes("feasible") ? { feasible: await table("with-constraints") } : {}),
		...(decides ? { gurobi: await table("optimal-gurobi") } : {}),
	};
}

/** The file of an experiment of the simulator's; InputError where the name is not plain. */
export function configFile(project: string, config: string): string {
	if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(config) || config.includes(".."))
		throw new InputError({
			file: "IPA's simulator",
			field: "config name",
			rule: "must be letters, digits, '_', '-' and single '.', not beginning with '-' or '.'",
			value: config,
		});
	return join(project, "data", "configs", "pipeline-simulation", `${config}.yaml`);
}

type Launched =
	| { readonly status: "ended"; readonly python: string }
	| Exclude<SimulatorOutcome, { status: "answered" }>;

async function launch(
	python: string,
	args: readonly string[],
	timeout_s: number,
	onProgress: SimulatorQuestion["onProgress"],
): Promise<Launched> {
	const child = execa(python, [join(packageRoot, "python", "ipa_simulator.py"), ...args], {
		// Its own group, so that the limit ends whatever it starts; standard input stays open for as long as we are here.
		detached: true,
		stdin: "pipe",
		// IPA takes its variants from a set: without a fixed seed their order, and with it the tables', changes by run.
		env: { PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
		reject: false,
		maxBuffer: 2 ** 26,
	});
	createInterface({ input: child.stdout }).on("line", (text) => {
		const line = lineSchema.safeParse(parsed(text)).data;
		if (line?.event === "rows") onProgress?.({ kind: "rows", table: line.table, rows: line.rows });
	});
	createInterface({ input: child.stderr }).on("line", (line) => onProgress?.({ kind: "log", line }));
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		if (child.pid !== undefined) killGroup(child.pid);
	}, timeout_s * 1000);
	const { stdout, stderr, failed, shortMessage, code } = await child;
	clearTimeout(timer);
	if (late) return { status: "timed-out", reason: `IPA's simulator was stopped after ${timeout_s} s` };
	if (code === "ENOENT") return { status: "unavailable", reason: `there is no program ${python}` };
	if (failed) return { status: "failed", reason: `${shortMessage}\n${stderr.slice(-2000)}`.trim() };
	const said = stdout.split("\n").map((text) => lineSchema.safeParse(parsed(text)).data);
	for (const line of said) {
		if (line?.event === "unavailable") return { status: "unavailable", reason: line.reason };
		if (line?.event === "done") return { status: "ended", python: line.python };
	}
	return { status: "failed", reason: `IPA's simulator ended before it was done\n${stderr.slice(-2000)}`.trim() };
}

function killGroup(pid: number): void {
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// It ended by itself in the meantime.
	}
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return line;
	}
}
