import { rename, rm, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { energyCeiling_j, tableCeiling_w } from "../energy/plausible.js";
import { InputError } from "../errors.js";
import {
	type CellEnergy,
	type DeviceClass,
	deviceClasses,
	type EvidenceCell,
	type EvidenceFlag,
} from "../evaluation/evidence.js";
import { type Kind, kinds } from "../units.js";
import {
	atMost,
	type CsvRow,
	type CsvTable,
	csvField,
	csvTable,
	numberField,
	optionalNumber,
	optionalText,
	parseDecimal,
	textField,
} from "./csv.js";

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

const knobPrefix = "knob_";
const workloadPrefix = "workload_";

/**
 * Cells from the project's own table (docs/bring-your-own.md). Unknown columns are an error rather than ignored, since
 * `energy_mj` or a misspelt name would otherwise silently leave a column out.
 *
 * @param dataset the name that the cells get
 */
export function cellsOf(table: CsvTable, dataset: string): EvidenceCell[] {
	for (const column of requiredColumns)
		if (!table.header.includes(column))
			throw new InputError({ file: table.file, line: 1, field: column, rule: "column must be present" });
	const known = new Set<string>([...requiredColumns, ...optionalColumns, ...declaredColumns]);
	for (const column of table.header)
		if (!known.has(column) && !column.startsWith(knobPrefix) && !column.startsWith(workloadPrefix))
			throw new InputError({
				file: table.file,
				line: 1,
				field: column,
				rule: "must be a column of the cell table (units are part of the name: energy_j_per_request, latency_s; other knobs are knob_<name>, what a request asks for is workload_<name>)",
			});
	if (!table.header.includes("energy_j_per_request") && !table.header.includes("energy_j_per_batch"))
		throw new InputError({
			file: table.file,
			line: 1,
			rule: "must have the column energy_j_per_request or energy_j_per_batch",
		});
	return table.rows.map((bare) => {
		const row = { ...bare, values: { ...emptyColumns, ...bare.values } };
		const batch = numberField(row, "batch", "positive integer");
		const hardware = textField(row, "hardware");
		const kind = kindField(row, "kind") as Kind;
		return {
			dataset,
			population: optionalText(row, "population") ?? hardware,
			hardware,
			device: deviceField(row),
			variant: textField(row, "variant"),
			...given("network", optionalText(row, "network")),
			allocation: numberField(row, "allocation", "positive"),
			batch,
			replicas: optionalNumber(row, "replicas", "positive integer") ?? 1,
			knobs: prefixed(row, knobPrefix),
			workload: prefixed(row, workloadPrefix),
			request_unit: optionalText(row, "request_unit") ?? "request",
			...given("latency_s", optionalNumber(row, "latency_s", "positive")),
			...given("throughput_rps", optionalNumber(row, "throughput_rps", "positive")),
			...given("accuracy_pct", optionalNumber(row, "accuracy_pct", "percent")),
			...given("repetitions", optionalNumber(row, "repetitions", "positive integer")),
			...given("idle_power_w", optionalNumber(row, "idle_power_w", "positive")),
			...given("power_relative_error", optionalNumber(row, "power_relative_error", "not negative")),
			...given("continuous_batching", yesField(row, "continuous_batching")),
			...given("trajectory", yesField(row, "trajectory")),
			energy: energyOf(row, batch, kind),
			kind,
			flags: (optionalText(row, "flags") ?? "").split(" ").filter((flag) => flag !== ""),
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

function energyOf(row: CsvRow, batch: number, cellKind: Kind): CellEnergy {
	const joules = (column: string) => atMost(row, column, energyCeiling_j, optionalNumber(row, column, "positive"));
	const perRequest = joules("energy_j_per_request");
	const perBatch = joules("energy_j_per_batch");
	const reason = optionalText(row, "energy_unavailable_reason");
	if (perRequest === undefined && perBatch === undefined) {
		if (reason !== undefined) return { status: "unavailable", reason };
		throw new InputError({
			file: row.file,
			line: row.line,
			field: "energy_unavailable_reason",
			rule: "must say why, where a row has no energy",
		});
	}
	if (reason !== undefined)
		throw new InputError({
			file: row.file,
			line: row.line,
			field: "energy_unavailable_reason",
			rule: "must be empty where the row has an energy",
			value: reason,
		});
	const request_j = perRequest ?? (perBatch as number) / batch;
	const batch_j = perBatch ?? request_j * batch;
	if (Math.abs(batch_j / (request_j * batch) - 1) > batchTolerance)
		throw new InputError({
			file: row.file,
			line: row.line,
			field: "energy_j_per_batch",
			rule: `must be energy_j_per_request x batch = ${request_j * batch}`,
			value: batch_j,
		});
	return {
		status: "available",
		kind: kindField(row, "energy_kind") ?? cellKind,
		energy_j_per_request: request_j,
		energy_j_per_batch: batch_j,
		...given("power_w", atMost(row, "power_w", tableCeiling_w, optionalNumber(row, "power_w", "positive"))),
		...given("energy_sd_j_per_request", optionalNumber(row, "energy_sd_j_per_request", "not negative")),
	};
}

function kindField(row: CsvRow, column: string): Kind | undefined {
	const text = optionalText(row, column);
	if (text === undefined && column !== "kind") return undefined;
	if (!kinds.includes(text as Kind))
		throw new InputError({
			file: row.file,
			line: row.line,
			field: column,
			rule: `must be one of ${kinds.join(", ")}`,
			value: text ?? "",
		});
	return text as Kind;
}

function deviceField(row: CsvRow): DeviceClass {
	const text = textField(row, "device") as DeviceClass;
	if (!deviceClasses.includes(text))
		throw new InputError({
			file: row.file,
			line: row.line,
			field: "device",
			rule: "must be cpu, gpu or board",
			value: text,
		});
	return text;
}

function yesField(row: CsvRow, column: string): true | undefined {
	const text = optionalText(row, column);
	if (text === undefined || text === "no") return undefined;
	if (text !== "yes")
		throw new InputError({
			file: row.file,
			line: row.line,
			field: column,
			rule: "must be yes, no or empty",
			value: text,
		});
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
