import { basename, join } from "node:path";
import { checkPowerLog, type PowerLimits, type PowerLog, powerLimits } from "../deployment/powerLog.js";
import type { Decision, DeployedRun } from "../deployment/run.js";
import { type Serving, type ServingProfile, servingBehind, servingOf } from "../deployment/serving.js";
import { parsePerfIntervals } from "../energy/perfIntervals.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { type CsvRow, csvTable, readCsv } from "./csv.js";
import { listDatasets } from "./evidence.js";
import { numberField, optionalNumber, optionalText, textField } from "./field.js";
import { readBytes } from "./file.js";
import { gunzip } from "./gunzip.js";
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
	/** What an adapter decided: t_s from the begin of the load, run, and variants, replicas or cost_cores, accuracy_pct. */
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
	const decisions = files.decisions === undefined ? undefined : await readDecisions(files.decisions, profile);
	return logs.map((log): DeployedRun => {
		const row = rows?.find((other) => textField(other, "run") === log.name);
		if (rows !== undefined && row === undefined)
			throw new InputError({
				file: files.runs ?? "",
				field: "run",
				rule: "must have a row for each log",
				value: log.name,
			});
		const workload = (row === undefined ? undefined : optional(row, "workload")) ?? files.window;
		const started = row === undefined ? undefined : optional(row, "started_node_clock");
		return {
			run: log.name,
			system: (row === undefined ? undefined : optional(row, "system")) ?? log.name,
			workload: workload ?? [...loads.keys()].join(", "),
			log: started === undefined ? log : { ...log, started },
			load_rps: loadOf(loads, workload, files.trace),
			started: row === undefined ? undefined : startedOf(row, profile),
			decisions: decisions?.get(log.name) ?? (logs.length === 1 ? decisions?.get("") : undefined) ?? [],
			stated_start_s:
				row?.values.load_start_s === undefined ? undefined : optionalNumber(row, "load_start_s", "not negative"),
		};
	});
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
	return [...groupBy(rows, (row) => optional(row, "run") ?? basename(file))].map(([name, own]) =>
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

function startedOf(row: CsvRow, profile: ServingProfile): Serving | undefined {
	const [variants, replicas] = [
		optional(row, "variants_config") ?? optional(row, "variants"),
		optional(row, "replicas_config") ?? optional(row, "replicas"),
	];
	return variants === undefined || replicas === undefined
		? undefined
		: known(row, () =>
				servingOf(profile, { variants: variants.split("+"), replicas: replicas.split("+").map(Number) }),
			);
}

async function readDecisions(file: string, profile: ServingProfile): Promise<Map<string, Decision[]>> {
	const { rows } = await readCsv(file);
	const read = rows.flatMap((row) => {
		const serving = decidedOf(row, profile);
		const t_s = numberField(row, "t_s", "none");
		return serving === undefined || t_s < 0 ? [] : [{ run: optional(row, "run") ?? "", t_s, serving }];
	});
	if (read.length === 0)
		throw new InputError({
			file,
			rule: "must hold decisions: t_s, and variants with replicas, or cost_cores with accuracy_pct",
		});
	return groupBy(read, ({ run }) => run);
}

function decidedOf(row: CsvRow, profile: ServingProfile): Serving | undefined {
	const [variants, replicas] = [optional(row, "variants"), optional(row, "replicas")];
	if (variants !== undefined && replicas !== undefined)
		return known(row, () =>
			servingOf(profile, { variants: variants.split("+"), replicas: replicas.split("+").map(Number) }),
		);
	const number = (names: readonly string[]) =>
		names.flatMap((name) =>
			row.values[name] === undefined ? [] : (optionalNumber(row, name, "not negative") ?? []),
		)[0];
	const cost = number(["cost_cores_logged", "cost_cores"]);
	const accuracy = number(["accuracy_logged_pct", "accuracy_pct"]);
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

function known(row: CsvRow, serving: () => Serving): Serving {
	try {
		return serving();
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		throw new InputError(
			{ file: row.file, line: row.line, field: "variants, replicas", rule: cause.message },
			{ cause },
		);
	}
}

/** The text of a column that a table need not have. */
function optional(row: CsvRow, column: string): string | undefined {
	return row.values[column] === undefined ? undefined : optionalText(row, column);
}
