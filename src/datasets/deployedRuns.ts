import { basename, join } from "node:path";
import type { DeployedRun } from "../deployment/run.js";
import type { ServingProfile } from "../deployment/serving.js";
import { InputError } from "../errors.js";
import { type CsvRow, readCsv } from "./csv.js";
import { type DecidedRun, decidedFor, isRunOf, readDecisions, servingIn, startColumns } from "./decisions.js";
import { listDatasets } from "./evidence.js";
import { optionalColumn, optionalNumber, textField } from "./field.js";
import { readBytes } from "./file.js";
import { gunzip } from "./gunzip.js";
import { readPowerLogs } from "./powerLogs.js";
import { readProvenance } from "./provenance.js";
import { packageRoot } from "./root.js";
import { readTrace, readWindows } from "./trace.js";

/** What a deployment's files are. */
export interface DeploymentFiles {
	/** Interval logs: what perf stat -I wrote, or a table of samples (run, t_log_s, pkg_j, dram_j); plain or gzip. */
	readonly logs: readonly string[];
	/** Requests sent in each second: windows by name, or a number a line. */
	readonly trace: string;
	/** The window of the trace, where neither the table of runs nor the trace itself says which. */
	readonly window?: string | undefined;
	/** What each run was: run, workload, system, variants_config, replicas_config; and, where known, load_start_s, started_node_clock. */
	readonly runs?: string | undefined;
	/**
	 * What an adapter decided: t_s from the begin of the load, run, and variants, replicas or cost_cores, accuracy_pct. It may
	 * say what the table of runs does not: workload, system, and what the run was started with (the same names with
	 * `_config`); where nobody does, that is what was decided first.
	 */
	readonly decisions?: string | undefined;
}

/**
 * Reads the runs of a deployment. Throws InputError naming the file, the line and the rule.
 *
 * @param profile what the variants carry, by which configurations and decisions are read
 * @example
 * await readDeployedRuns({ logs: ["run1.txt"], trace: "load.txt" }, await videoServingProfile());
 */
export async function readDeployedRuns(files: DeploymentFiles, profile: ServingProfile): Promise<DeployedRun[]> {
	const logs = (await Promise.all(files.logs.map((file) => readPowerLogs(file)))).flat();
	const loads = await readLoads(files.trace);
	const rows = files.runs === undefined ? undefined : (await readCsv(files.runs)).rows;
	const decisions = files.decisions === undefined ? [] : await readDecisions(files.decisions, profile);
	return logs.map((log): DeployedRun => {
		const row = rows === undefined ? undefined : rowOf(rows, files.runs ?? "", log.name);
		const decided = decidedFor(decisions, log.name);
		const tell = (column: string) =>
			(row === undefined ? undefined : optionalColumn(row, column)) ??
			(decided === undefined ? undefined : optionalColumn(decided.row, column));
		const workload = tell("workload") ?? files.window;
		const clock = tell("started_node_clock");
		return {
			run: log.name,
			system: tell("system") ?? log.name,
			workload: workload ?? [...loads.keys()].join(", "),
			log: clock === undefined ? log : { ...log, started: clock },
			load_rps: loadOf(loads, workload, files.trace),
			...startOf(row, decided, profile),
			decisions: decided?.decisions ?? [],
			stated_start_s:
				row?.values.load_start_s === undefined ? undefined : optionalNumber(row, "load_start_s", "not negative"),
		};
	});
}

/** What a run was started with: as a table says it, else what was decided first. */
function startOf(
	row: CsvRow | undefined,
	decided: DecidedRun | undefined,
	profile: ServingProfile,
): Pick<DeployedRun, "started" | "started_from"> {
	for (const told of [row, decided?.row]) {
		const started = told === undefined ? undefined : servingIn(told, profile, startColumns);
		if (started !== undefined) return { started, started_from: "table" };
	}
	const first = decided?.decisions.reduce((least, other) => (other.t_s < least.t_s ? other : least));
	return first === undefined ? { started: undefined } : { started: first.serving, started_from: "first decision" };
}

/** The row of a log: its run is the log's name, or what follows the name's last hyphen (`energy-video-mul-10`). */
function rowOf(rows: readonly CsvRow[], file: string, name: string): CsvRow {
	const found =
		rows.find((row) => textField(row, "run") === name) ?? rows.find((row) => isRunOf(textField(row, "run"), name));
	if (found === undefined)
		throw new InputError({ file, field: "run", rule: "must have a row for each log", value: name });
	return found;
}

/**
 * The files of a dataset folder that holds a deployment, by its provenance; undefined where it holds none. Throws
 * InputError where a file is not the one that its provenance was written for.
 */
export async function deploymentFilesOf(folder: string): Promise<DeploymentFiles | undefined> {
	const { deployment } = await readProvenance(folder);
	if (deployment === undefined) return undefined;
	const { logs, runs, decisions, trace } = deployment;
	const own = (name: string | undefined) => (name === undefined ? undefined : join(folder, name));
	return {
		logs: logs.map((name) => join(folder, name)),
		trace: join(folder, "..", trace),
		runs: own(runs),
		decisions: own(decisions),
	};
}

/** The files of the deployment that the package ships. */
export async function shippedDeployment(dataRoot = join(packageRoot, "data")): Promise<DeploymentFiles> {
	for (const name of await listDatasets(dataRoot)) {
		const found = await deploymentFilesOf(join(dataRoot, "raw", name));
		if (found !== undefined) return found;
	}
	throw new InputError({ file: dataRoot, rule: "must hold a dataset whose provenance has a deployment" });
}

async function readLoads(file: string): Promise<ReadonlyMap<string, ArrayLike<number>>> {
	const head = gunzip(file, await readBytes(file))
		.subarray(0, 4096)
		.toString("latin1");
	if (/^\d/.test(head)) return new Map([[basename(file), await readTrace(file)]]);
	return new Map([...(await readWindows(file))].map(([name, { rps_damped8 }]) => [name, rps_damped8]));
}

function loadOf(
	loads: ReadonlyMap<string, ArrayLike<number>>,
	name: string | undefined,
	file: string,
): ArrayLike<number> {
	const [only] = loads.values();
	if (loads.size === 1 && only !== undefined) return only;
	const found = name === undefined ? undefined : loads.get(name);
	if (found !== undefined) return found;
	const rule = `must be one of ${[...loads.keys()].join(", ")} (--window, or the column workload of the table of runs)`;
	throw new InputError({ file, field: "window", rule, ...(name === undefined ? {} : { value: name }) });
}
