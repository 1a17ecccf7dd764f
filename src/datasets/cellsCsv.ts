import { rename, rm, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { energyCeiling_j, tableCeiling_w } from "../energy/plausible.js";
import { attemptAll, InputError, type InputFault } from "../errors.js";
import { type CellEnergy, deviceClasses, type EvidenceCell, type EvidenceFlag } from "../evaluation/evidence.js";
import { kinds } from "../units.js";
import {
	atMost,
	type CsvRow,
	type CsvTable,
	csvField,
	csvTable,
	oneOf,
	optionalText,
	parseDecimal,
	rowFault,
} from "./csv.js";
import { type Described, describedRows } from "./readRows.js";

const requiredColumns = ["hardware", "device", "variant", "allocation", "batch", "kind"] as const;

const optionalColumns = [
	"population",
	"replicas",
	"request_unit",
	"latency_s",
	"throughput_rps",
	"accuracy_pct",
	"energy_j_per_request",
	"energy_j_per_batch",
	"energy_kind",
	"energy_unavailable_reason",
	"power_w",
	"repetitions",
	"energy_sd_j_per_request",
	"flags",
] as const;

/** Columns that a table has only where one of its cells says something there. */
const declaredColumns = [
	"network",
	"idle_power_w",
	"power_relative_error",
	"continuous_batching",
	"trajectory",
] as const;

const cellColumns = {
	hardware: "text",
	device: deviceClasses,
	variant: "text",
	allocation: "positive",
	batch: "positive integer",
	kind: kinds,
	population: "text?",
	replicas: "positive integer?",
	request_unit: "text?",
	latency_s: "positive?",
	throughput_rps: "positive?",
	accuracy_pct: "percent?",
	energy_j_per_request: "positive?",
	energy_j_per_batch: "positive?",
	energy_unavailable_reason: "text?",
	power_w: "positive?",
	repetitions: "positive integer?",
	energy_sd_j_per_request: "not negative?",
	flags: "text?",
	network: "text?",
	idle_power_w: "positive?",
	power_relative_error: "not negative?",
} as const;

const knobPrefix = "knob_";
const workloadPrefix = "workload_";

/**
 * Cells from the project's own table (docs/bring-your-own.md). Unknown columns are an error rather than ignored, since
 * `energy_mj` or a misspelt name would otherwise silently leave a column out.
 *
 * @param dataset the name that the cells get
 */
export function cellsOf(table: CsvTable, dataset: string): EvidenceCell[] {
	const { file, header } = table;
	const faults: InputFault[] = [];
	for (const column of requiredColumns)
		if (!header.includes(column)) faults.push({ file, line: 1, field: column, rule: "column must be present" });
	const known = new Set<string>([...requiredColumns, ...optionalColumns, ...declaredColumns]);
	for (const column of header)
		if (!known.has(column) && !column.startsWith(knobPrefix) && !column.startsWith(workloadPrefix))
			faults.push({
				file,
				line: 1,
				field: column,
				rule: "must be a column of the cell table (units are part of the name: energy_j_per_request, latency_s; other knobs are knob_<name>, what a request asks for is workload_<name>; --map says which column is which)",
			});
	if (!header.includes("energy_j_per_request") && !header.includes("energy_j_per_batch"))
		faults.push({ file, line: 1, rule: "must have the column energy_j_per_request or energy_j_per_batch" });
	if (faults.length > 0) throw new InputError(faults);
	const rows = table.rows.map((bare) => ({ ...bare, values: { ...emptyColumns, ...bare.values } }));
	const read = describedRows({ rows }, cellColumns);
	return attemptAll(read, ([values, row]): EvidenceCell => {
		const { hardware, batch, kind, population = hardware, replicas = 1, request_unit = "request", flags = "" } = values;
		return {
			dataset,
			population,
			hardware,
			device: values.device,
			variant: values.variant,
			...given("network", values.network),
			allocation: values.allocation,
			batch,
			replicas,
			knobs: prefixed(row, knobPrefix),
			workload: prefixed(row, workloadPrefix),
			request_unit,
			...given("latency_s", values.latency_s),
			...given("throughput_rps", values.throughput_rps),
			...given("accuracy_pct", values.accuracy_pct),
			...given("repetitions", values.repetitions),
			...given("idle_power_w", values.idle_power_w),
			...given("power_relative_error", values.power_relative_error),
			...given("continuous_batching", yesField(row, "continuous_batching")),
			...given("trajectory", yesField(row, "trajectory")),
			energy: energyOf(row, values),
			kind,
			flags: flags.split(" ").filter((flag) => flag !== ""),
			line: row.line,
		};
	});
}

/** Flags that a bare table uses are suspect: nobody has declared them, and the answer is shown with and without them. */
export function flagsOf(cells: readonly EvidenceCell[]): EvidenceFlag[] {
	return [...new Set(cells.flatMap(({ flags }) => flags))].map((name) => ({
		name,
		meaning: "set in the table, not declared",
		severity: "suspect",
	}));
}

const emptyColumns = Object.fromEntries([...optionalColumns, ...declaredColumns].map((column) => [column, ""]));

/** Energy per batch / (energy per request x batch) may differ from 1 by the rounding of a printed number only. */
const batchTolerance = 0.01;

function energyOf(row: CsvRow, values: Described<typeof cellColumns>): CellEnergy {
	const { batch, energy_unavailable_reason: reason } = values;
	const perRequest = atMost(row, "energy_j_per_request", energyCeiling_j, values.energy_j_per_request);
	const perBatch = atMost(row, "energy_j_per_batch", energyCeiling_j, values.energy_j_per_batch);
	const request_j = perRequest ?? (perBatch === undefined ? undefined : perBatch / batch);
	if (request_j === undefined) {
		if (reason !== undefined) return { status: "unavailable", reason };
		throw rowFault(row, "energy_unavailable_reason", "must say why, where a row has no energy");
	}
	if (reason !== undefined)
		throw rowFault(row, "energy_unavailable_reason", "must be empty where the row has an energy", reason);
	const batch_j = perBatch ?? request_j * batch;
	if (Math.abs(batch_j / (request_j * batch) - 1) > batchTolerance)
		throw rowFault(row, "energy_j_per_batch", `must be energy_j_per_request x batch = ${request_j * batch}`, batch_j);
	return {
		status: "available",
		kind: row.values.energy_kind === "" ? values.kind : oneOf(row, "energy_kind", kinds),
		energy_j_per_request: request_j,
		energy_j_per_batch: batch_j,
		...given("power_w", atMost(row, "power_w", tableCeiling_w, values.power_w)),
		...given("energy_sd_j_per_request", values.energy_sd_j_per_request),
	};
}

function yesField(row: CsvRow, column: string): true | undefined {
	const text = optionalText(row, column);
	if (text === undefined || text === "no") return undefined;
	if (text !== "yes") throw rowFault(row, column, "must be yes, no or empty", text);
	return true;
}

/** The columns of a prefix that say something in this row; "-" says nothing. */
function prefixed(row: CsvRow, prefix: string): Record<string, number | string> {
	const found: Record<string, number | string> = {};
	for (const [column, text] of Object.entries(row.values))
		if (column.startsWith(prefix) && text !== "" && text !== "-")
			found[column.slice(prefix.length)] = parseDecimal(text) ?? text;
	return found;
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
	return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/**
 * Writes cells as the project's own table, aside first and then renamed, so that no half-written file is ever seen.
 * Throws InputError where the table would not read back as the cells given: an energy of 0, a flag with a space, a text
 * knob that reads as a number.
 */
export async function writeCellsCsv(file: string, cells: readonly EvidenceCell[]): Promise<void> {
	const text = cellsCsv(cells);
	const back = cellsOf(csvTable(file, Buffer.from(text)), cells[0]?.dataset ?? "");
	cells.forEach((cell, i) => {
		const read = { ...(back[i] as EvidenceCell), line: cell.line };
		for (const field of new Set([...Object.keys(cell), ...Object.keys(read)]) as Set<keyof EvidenceCell>)
			if (!isDeepStrictEqual(read[field], cell[field]))
				throw new InputError({ file, line: i + 2, field, rule: "must read back as it was", value: cell[field] });
	});
	const aside = `${file}.part`;
	try {
		await writeFile(aside, text);
		await rename(aside, file);
	} catch (error) {
		await rm(aside, { force: true });
		throw error;
	}
}

function cellsCsv(cells: readonly EvidenceCell[]): string {
	const named = {
		[knobPrefix]: cells.map(({ knobs }) => knobs),
		[workloadPrefix]: cells.map(({ workload }) => workload),
	};
	const header = [
		...requiredColumns,
		...optionalColumns,
		...declaredColumns.filter((column) => cells.some((cell) => cell[column] !== undefined)),
		...Object.entries(named).flatMap(([prefix, rows]) =>
			[...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => `${prefix}${name}`),
		),
	];
	const lines = cells.map((cell) => {
		const { energy } = cell;
		const measured = energy.status === "available" ? energy : undefined;
		const values: Record<string, unknown> = {
			...cell,
			...measured,
			energy_kind: measured?.kind,
			energy_unavailable_reason: energy.status === "unavailable" ? energy.reason : undefined,
			kind: cell.kind,
			flags: cell.flags.join(" "),
			continuous_batching: cell.continuous_batching && "yes",
			trajectory: cell.trajectory && "yes",
			...withPrefix(knobPrefix, cell.knobs),
			...withPrefix(workloadPrefix, cell.workload),
		};
		return header.map((column) => csvField(values[column])).join(",");
	});
	return `${[header.map(csvField).join(","), ...lines].join("\n")}\n`;
}

function withPrefix(prefix: string, values: EvidenceCell["knobs"]): Record<string, number | string> {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}
