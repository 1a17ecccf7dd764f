import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import { type CsvTable, csvTable, numberField, parseDecimal, textField } from "../datasets/csv.js";
import { readBytes } from "../datasets/file.js";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import type { Weights } from "../pipeline/spec.js";
import type { IpaStates } from "./askIpa.js";
import { readExperiment } from "./experiment.js";

/**
 * Configurations of one of the simulator's tables. Without complete_profile it records no latency and no throughput, and
 * accuracy and cost only through the objective: what cannot be told is not there.
 */
export type SimulatedStates = Pick<IpaStates, "stages" | "objective"> & Partial<IpaStates>;

/** What times.csv says, s: enumerating or deciding, and writing the table, as the simulator times them. */
export interface SimulatorTimes {
	readonly all_s?: number;
	readonly feasible_s?: number;
	readonly gurobi_s?: number;
	readonly total_s?: number;
}

/**
 * Reads one of all-states.csv, with-constraints.csv and optimal-gurobi.csv. A table without rows is no configuration.
 *
 * @param weights by which accuracy and cost follow from the objective's parts where they are not recorded
 * @throws InputError where a column is missing or a value is not what it should be
 */
export async function readStates(file: string, weights: Weights): Promise<SimulatedStates> {
	const bytes = await readBytes(file);
	// pandas writes a table without columns as an empty line.
	if (bytes.toString("latin1").trim() === "") return { stages: [], objective: [] };
	const table = csvTable(file, bytes);
	const stages = table.header.filter((name) => /^task_\d+_variant$/.test(name)).length;
	if (stages === 0) throw new InputError({ file, line: 1, rule: "must have a column task_0_variant" });
	const column = (name: string) => table.rows.map((row) => numberField(row, name, "none"));
	const optional = (name: string, key: keyof IpaStates) => (table.header.includes(name) ? { [key]: column(name) } : {});
	const parts = table.rows.map((row) => objectiveParts(textField(row, "objective")));
	const complete = table.header.includes("pipeline_latency");
	return {
		stages: Array.from({ length: stages }, (_, s) => ({
			variant: table.rows.map((row) => textField(row, `task_${s}_variant`)),
			cores: column(`task_${s}_cpu`),
			batch: column(`task_${s}_batch`),
			replicas: column(`task_${s}_replicas`),
		})),
		objective: objectiveOf(table, parts),
		...optional("pipeline_accuracy", "accuracy"),
		...optional("pipeline_latency", "latency_s"),
		...optional("pipeline_throughput", "throughput_rps"),
		...optional("pipeline_cpu", "cost_cores"),
		...(complete
			? {}
			: {
					...partOf(table, parts, "accuracy_objective", "accuracy", weights.alpha),
					...partOf(table, parts, "resource_objective", "cost_cores", weights.beta),
				}),
	};
}

type Parts = ReadonlyMap<string, number>;

/** The enumeration writes its objective as a Python dict of its parts, whose numbers numpy may wrap. */
function objectiveParts(text: string): Parts {
	const parts = [...text.matchAll(/'(\w+)': (?:np\.\w+\()?([-+\d.e]+)\)?(?=[,}])/g)];
	return new Map(parts.map(([, name, value]) => [name as string, parseDecimal(value as string) ?? Number.NaN]));
}

function objectiveOf(table: CsvTable, parts: readonly Parts[]): number[] {
	return table.rows.map((row, i) => {
		const dict = parts[i]?.get("objective");
		if (dict === undefined) return numberField(row, "objective", "none");
		if (!Number.isFinite(dict))
			throw new InputError({ ...row, field: "objective", rule: "must be a number", value: row.values.objective });
		return dict;
	});
}

/** A part of the objective over its weight; nothing where the weight is 0 or the part is not there. */
function partOf(
	{ header, rows }: CsvTable,
	parts: readonly Parts[],
	name: string,
	key: keyof IpaStates,
	weight: number,
): Partial<IpaStates> {
	if (weight === 0) return {};
	if (header.includes(name)) return { [key]: rows.map((row) => numberField(row, name, "none") / weight) };
	if (!parts.every((own) => own.has(name))) return {};
	return { [key]: parts.map((own) => (own.get(name) as number) / weight) };
}

const timeNames: Readonly<Record<string, keyof SimulatorTimes>> = {
	all: "all_s",
	feasible_time: "feasible_s",
	optimal_time_gurobi: "gurobi_s",
	total_time: "total_s",
};

/** Reads times.csv of a series folder, which is lines of `name: seconds`. Throws InputError where a line is another. */
export async function readTimes(folder: string): Promise<SimulatorTimes> {
	const file = join(folder, "times.csv");
	const lines = (await readBytes(file)).toString("utf8").split("\n");
	const times: Partial<Record<keyof SimulatorTimes, number>> = {};
	for (const [i, line] of lines.entries()) {
		if (line.trim() === "") continue;
		const [, name, text] = /^(\w+): (\S+)$/.exec(line) ?? [];
		const seconds = parseDecimal(text ?? "");
		if (name === undefined || seconds === undefined)
			throw new InputError({ file, line: i + 1, rule: "must be a name and seconds", value: line });
		const key = timeNames[name];
		if (key !== undefined) times[key] = seconds;
	}
	return times;
}

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
