import { basename, join } from "node:path";
import type { Decision, DeployedRun } from "../deployment/deployedRun.js";
import { checkPowerLog, type PowerLimits, type PowerLog, powerLimits } from "../deployment/powerLog.js";
import { type Serving, type ServingProfile, servingBehind, servingOf } from "../deployment/serving.js";
import { parsePerfIntervals } from "../energy/perfOutput.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { type CsvRow, csvTable, numberField, optionalColumn, optionalNumber, readCsv, textField } from "./csv.js";
import { gunzip, readBytes } from "./file.js";
import { readProvenance } from "./provenance.js";
import { listDatasets } from "./readEvidence.js";
import { packageRoot } from "./root.js";
import { readTrace, readWindows } from "./trace.js";

/** The recordings of an interval log, checked: a table's by run; perf's under the file's name, several with #1, #2. */
export async function readPowerLogs(file: string, limits: PowerLimits = powerLimits): Promise<PowerLog[]> {
	const bytes = gunzip(file, await readBytes(file));
	const text = bytes.toString("utf8");
	if (/^[^\n]*\bt_log_s\b/.test(text)) return sampleLogs(file, csvTable(file, bytes).rows, limits);
	const recordings = parsePerfIntervals(file, text);
	const name = basename(file).replace(/\.(gz|txt|csv|json|log)+$/, "");
	return recordings.map((recording, i) =>
		checkPowerLog({ ...recording, name: recordings.length === 1 ? name : `${name}#${i + 1}` }, limits),
	);
}

function sampleLogs(file: string, rows: readonly CsvRow[], limits: PowerLimits): PowerLog[] {
	const column = (own: readonly CsvRow[], name: string) =>
		Float64Array.from(own, (row) => numberField(row, name, "none"));
	return [...groupBy(rows, (row) => optionalColumn(row, "run") ?? basename(file))].map(([name, own]) =>
		checkPowerLog(
			{
				name,
				end_s: column(own, "t_log_s"),
				package_j: column(own, "pkg_j"),
				...(own[0]?.values.dram_j === undefined ? {} : { dram_j: column(own, "dram_j") }),
			},
			limits,
		),
	);
}

/** The decisions of a run, and the first row that tells them. */
export interface DecidedRun {
	/** Empty where the table names no run. */
	readonly run: string;
	readonly row: CsvRow;
	readonly decisions: readonly Decision[];
}

/** Columns that tell a configuration, by variants and replicas, or by cost and accuracy; the first that is there counts. */
interface ConfigurationColumns {
	readonly variants: readonly string[];
	readonly replicas: readonly string[];
	readonly cost_cores: readonly string[];
	readonly accuracy_pct: readonly string[];
}

/** Of what a run was started with. */
const startColumns: ConfigurationColumns = {
	variants: ["variants_config"],
	replicas: ["replicas_config"],
	cost_cores: ["cost_cores_config"],
	accuracy_pct: ["accuracy_config_pct"],
};

const decisionColumns: ConfigurationColumns = {
	variants: ["variants"],
	replicas: ["replicas"],
	cost_cores: ["cost_cores_logged", "cost_cores"],
	accuracy_pct: ["accuracy_logged_pct", "accuracy_pct"],
};

/** Reads a table of decisions, run by run. Rows that decide nothing, or before the load, are left out. */
async function readDecisions(file: string, profile: ServingProfile): Promise<DecidedRun[]> {
	const { rows } = await readCsv(file);
	const read = rows.flatMap((row) => {
		const serving = servingIn(row, profile, decisionColumns);
		const t_s = numberField(row, "t_s", "none");
		return serving === undefined || t_s < 0 ? [] : [{ run: optionalColumn(row, "run") ?? "", row, t_s, serving }];
	});
	if (read.length === 0)
		throw new InputError({
			file,
			rule: "must hold decisions: t_s, and variants with replicas, or cost_cores with accuracy_pct",
		});
	return [...groupBy(read, ({ run }) => run)].map(([run, own]) => ({
		run,
		row: (own[0] as { row: CsvRow }).row,
		decisions: own.map(({ t_s, serving }) => ({ t_s, serving })),
	}));
}

/** The decisions of a log's run; those of a table that names no run are of whichever log there is. */
function decidedFor(decided: readonly DecidedRun[], name: string): DecidedRun | undefined {
	return (
		decided.find(({ run }) => run === name) ??
		decided.find(({ run }) => run !== "" && isRunOf(run, name)) ??
		decided.find(({ run }) => run === "")
	);
}

/** Whether a log's name is that of a run, or ends with it behind a hyphen. */
function isRunOf(run: string, name: string): boolean {
	return name === run || name.endsWith(`-${run}`);
}

/**
 * The configuration that a row tells; undefined where it tells none. Throws InputError where the profile has no such
 * variants, or none of such a cost and accuracy.
 */
function servingIn(row: CsvRow, profile: ServingProfile, columns: ConfigurationColumns): Serving | undefined {
	const text = (names: readonly string[]) => names.flatMap((name) => optionalColumn(row, name) ?? [])[0];
	const [variants, replicas] = [text(columns.variants), text(columns.replicas)];
	if (variants !== undefined && replicas !== undefined) return named(row, profile, variants, replicas);
	const number = (names: readonly string[]) =>
		names.flatMap((name) =>
			row.values[name] === undefined ? [] : (optionalNumber(row, name, "not negative") ?? []),
		)[0];
	const [cost, accuracy] = [number(columns.cost_cores), number(columns.accuracy_pct)];
	if (cost === undefined || accuracy === undefined) return undefined;
	const found = servingBehind(profile, cost, accuracy);
	if (found === undefined)
		throw new InputError({
			file: row.file,
			line: row.line,
			rule: "must be a cost and an accuracy that variants of the profile have together",
			value: `${cost} cores, ${accuracy} %`,
		});
	return found;
}

function named(row: CsvRow, profile: ServingProfile, variants: string, replicas: string): Serving {
	const counts = replicas.split("+").map(Number);
	const fail = (rule: string, cause?: unknown): never => {
		throw new InputError({ file: row.file, line: row.line, field: "variants, replicas", rule }, { cause });
	};
	if (!counts.every((count) => Number.isInteger(count) && count > 0))
		fail("must have whole numbers of replicas, 1 or more, with + in between");
	try {
		return servingOf(profile, { variants: variants.split("+"), replicas: counts });
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		return fail(cause.message, cause);
	}
}

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
