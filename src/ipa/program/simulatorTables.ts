import { join } from "node:path";
import { type CsvTable, csvTable } from "../../datasets/csv.js";
import { numberField, parseDecimal, textField } from "../../datasets/field.js";
import { readBytes } from "../../datasets/file.js";
import { InputError } from "../../errors.js";
import type { Weights } from "../../pipeline/spec.js";
import type { IpaStates } from "./askIpa.js";

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
