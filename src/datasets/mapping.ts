import { z } from "zod";
import { attemptAll, InputError } from "../errors.js";
import { type CellEnergy, deviceClasses, type EvidenceCell, type EvidenceFlag } from "../evaluation/evidence.js";
import { type Kind, kinds } from "../units.js";
import { checked, readChecked } from "./checked.js";
import {
	type CsvRow,
	inRange,
	numberField,
	optionalNumber,
	optionalText,
	parseDecimal,
	type Range,
	textField,
} from "./csv.js";

/** A number from a row: `column` (or `constant`) x `times` / `over` x `scale`; empty where one of its columns is. */
const numberSchema = z.union([
	z.number(),
	z
		.strictObject({
			column: z.string().optional(),
			constant: z.number().optional(),
			times: z.string().optional(),
			over: z.string().optional(),
			scale: z.number().default(1),
		})
		.refine(({ column, constant }) => (column === undefined) !== (constant === undefined), {
			message: "must have either a column or a constant",
		}),
]);

/**
 * A text from a row: a constant, or a column, of which `match` keeps the first group of a regular expression and `names`
 * says what else a value is called.
 */
const textSchema = z.union([
	z.string(),
	z.strictObject({
		column: z.string(),
		match: z.string().refine(isRegExp, "must be a regular expression").optional(),
		names: z.record(z.string(), z.string()).optional(),
	}),
]);

function isRegExp(text: string): boolean {
	try {
		return new RegExp(text) instanceof RegExp;
	} catch {
		return false;
	}
}

const knobSchema = z.union([
	z.string(),
	z.strictObject({
		column: z.string(),
		/** `mixed`: a number where it reads as one, else a text. */
		text: z.union([z.boolean(), z.literal("mixed")]).default(false),
		match: z.string().refine(isRegExp, "must be a regular expression").optional(),
	}),
]);

/** When a flag applies: the column equals a text, is at most a number, holds a word, or says anything at all. */
const flagSchema = z
	.strictObject({
		column: z.string(),
		equals: z.string().optional(),
		at_most: z.number().optional(),
		includes: z.string().optional(),
		present: z.literal(true).optional(),
	})
	.refine(({ column: _, ...rules }) => Object.values(rules).filter((rule) => rule !== undefined).length === 1, {
		message: "must have one of equals, at_most, includes and present: it would never apply",
	});

const tableSchema = z.strictObject({
	/** Rows of the file that this table takes: columns that must equal a text, or one of several. */
	where: z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)])).default({}),
	population: z.array(textSchema).min(1),
	hardware: textSchema,
	device: z.enum(deviceClasses).describe("cpu, gpu or board"),
	variant: textSchema,
	/** The variant's network, where other datasets have another name for it. */
	network: textSchema.optional(),
	request_unit: textSchema,
	allocation: numberSchema,
	batch: numberSchema,
	replicas: numberSchema.default(1),
	knobs: z.record(z.string(), knobSchema).default({}),
	/** What a request asks for: no choice of a configuration, so that each setting is a population of its own. */
	workload: z.record(z.string(), knobSchema).default({}),
	latency_s: numberSchema.optional(),
	throughput_rps: numberSchema.optional(),
	accuracy_pct: numberSchema.optional(),
	energy_j_per_request: numberSchema,
	energy_j_per_batch: numberSchema.optional(),
	energy_sd_j_per_request: numberSchema.optional(),
	power_w: numberSchema.optional(),
	repetitions: numberSchema.optional(),
	idle_power_w: numberSchema.optional(),
	power_relative_error: numberSchema.optional(),
	/** Requests join a running batch: none waits for its batch to fill. */
	continuous_batching: z.boolean().default(false),
	/** The cells were visited by a controller. */
	trajectory: z.boolean().default(false),
	flags: z.record(z.string(), flagSchema).default({}),
});

/** How a dataset's file maps to cells: by the tables of its provenance file, or as the project's own cell table. */
export const mappingSchema = z.discriminatedUnion("form", [
	z.strictObject({ form: z.literal("cells"), file: z.string() }),
	z.strictObject({
		form: z.literal("mapped"),
		file: z.string(),
		/** What two rows with the same knobs are: an error, or repetitions whose mean is the cell. */
		duplicates: z.enum(["error", "repetitions"]).default("error"),
		tables: z.array(tableSchema).min(1),
	}),
]);

export type CellTable = z.infer<typeof tableSchema>;

/** A file that `--map` takes. */
export const mappingFileSchema = z.strictObject({
	kind: z.enum(kinds).describe("of latency and throughput: measured, digitised or modelled"),
	duplicates: z.enum(["error", "repetitions"]).default("error"),
	tables: z.array(tableSchema).min(1).describe("what each column is, as under evidence in a provenance.yaml"),
});

/** What the columns of a table of one's own are. */
export interface CellMapping extends z.infer<typeof mappingFileSchema> {
	/** Which column became what, and by which factor, a sentence each. */
	readonly stated: readonly string[];
}

/** Factors to the project's units. */
const unitFactors: Readonly<Record<string, number>> = {
	...{ s: 1, ms: 1e-3, us: 1e-6, min: 60, J: 1, mJ: 1e-3, kJ: 1e3, Wh: 3600, mWh: 3.6, kWh: 3.6e6 },
	...{ W: 1, mW: 1e-3, kW: 1e3, "1/s": 1, "1/min": 1 / 60, "%": 1, share: 100 },
};
const shortNames: Readonly<Record<string, string>> = {
	...{ energy: "energy_j_per_request", latency: "latency_s", throughput: "throughput_rps" },
	...{ accuracy: "accuracy_pct", power: "power_w" },
};
const textNames = new Set(["population", "hardware", "variant", "network", "request_unit", "device"]);

/**
 * The mapping that `--map` gives: a YAML file (kind, duplicates, tables: docs/bring-your-own.md), or parts with commas in
 * between: `name=Column`, `name=Column:unit`, and `name==text` for what no column says.
 *
 * @throws InputError naming the part that is none, or every field that is missing
 * @example
 * await parseMapping("kind==measured,device==cpu,hardware==lab,variant=Model,allocation=Cores,batch=Batch,latency=ms:ms,energy=Joules");
 */
export async function parseMapping(given: string): Promise<CellMapping> {
	if (/\.ya?ml$/.test(given)) return { ...(await readChecked(given, mappingFileSchema)), stated: [] };
	const file = "--map";
	const stated: string[] = [];
	const table: Record<string, unknown> = {};
	const knobs: Record<string, unknown> = {};
	const workload: Record<string, unknown> = {};
	let kind: string | undefined;
	attemptAll(given.split(","), (part) => {
		const [, short = "", constant, source = ""] = /^\s*([\w]+)=(=?)(.+?)\s*$/.exec(part) ?? [];
		if (short === "")
			throw new InputError({
				file,
				rule: "must be name=Column, name=Column:unit or name==text, with commas between",
				value: part,
			});
		const name = shortNames[short] ?? short;
		const [, column = source, unit] = /^(.*):([^:]+)$/.exec(source) ?? [];
		const factor = unit === undefined ? 1 : unitFactors[unit];
		if (factor === undefined)
			throw new InputError({
				file,
				field: name,
				rule: `unit must be one of ${Object.keys(unitFactors).join(", ")}`,
				value: unit,
			});
		stated.push(
			constant === "="
				? `${name} is ${source} throughout`
				: `${name} is column ${column}${unit === undefined ? "" : `, ${unit}, x ${factor}`}`,
		);
		if (name === "kind") kind = source;
		else if (name.startsWith("knob_")) knobs[name.slice(5)] = { column: source, text: "mixed" };
		else if (name.startsWith("workload_")) workload[name.slice(9)] = { column: source, text: "mixed" };
		else if (textNames.has(name)) table[name] = constant === "=" ? source : { column: source };
		else table[name] = constant === "=" ? Number(source) : { column, scale: factor };
	});
	const { hardware, population = hardware } = table;
	const own = {
		request_unit: "request",
		...table,
		population: [population].flatMap((of) => of ?? []),
		knobs,
		workload,
	};
	return { ...checked(mappingFileSchema, { kind, tables: [own] }, file), stated };
}
type NumberSource = z.infer<typeof numberSchema>;
type TextSource = z.infer<typeof textSchema>;

/** Does the table take this row? */
export function takes({ where }: CellTable, row: CsvRow): boolean {
	return Object.entries(where).every(([column, texts]) => [texts].flat().includes(row.values[column] ?? ""));
}

/** The cell of a row. Throws InputError naming file, line, column, rule and value. */
export function cellOf(
	table: CellTable,
	row: CsvRow,
	dataset: string,
	kind: Kind,
	declared: readonly EvidenceFlag[],
): EvidenceCell {
	const flags = Object.entries(table.flags).flatMap(([name, rule]) => (applies(rule, row) ? [name] : []));
	const fault = declared.find(({ name, severity }) => severity === "fault" && flags.includes(name));
	const batch = required(table.batch, row, "batch", "positive integer");
	return {
		dataset,
		population: table.population.map((source) => textOf(source, row)).join(" "),
		hardware: textOf(table.hardware, row),
		device: table.device,
		variant: textOf(table.variant, row),
		...(table.network === undefined ? {} : { network: textOf(table.network, row) }),
		request_unit: textOf(table.request_unit, row),
		allocation: required(table.allocation, row, "allocation", "positive"),
		batch,
		replicas: required(table.replicas, row, "replicas", "positive integer"),
		knobs: knobsOf(table.knobs, row),
		workload: knobsOf(table.workload, row),
		...optional("latency_s", numberOf(table.latency_s, row, "latency_s", "positive")),
		...optional("throughput_rps", numberOf(table.throughput_rps, row, "throughput_rps", "positive")),
		...optional("accuracy_pct", numberOf(table.accuracy_pct, row, "accuracy_pct", "percent")),
		...optional("repetitions", numberOf(table.repetitions, row, "repetitions", "positive integer")),
		...optional("idle_power_w", numberOf(table.idle_power_w, row, "idle_power_w", "positive")),
		...optional(
			"power_relative_error",
			numberOf(table.power_relative_error, row, "power_relative_error", "not negative"),
		),
		...(table.continuous_batching ? { continuous_batching: true as const } : {}),
		...(table.trajectory ? { trajectory: true as const } : {}),
		energy: fault === undefined ? energyOf(table, row, batch, kind) : { status: "unavailable", reason: fault.meaning },
		kind,
		flags,
		line: row.line,
	};
}

/**
 * Energy per batch must be energy per request x batch; rounding in the source leaves up to half a unit of the last
 * printed digit on each side, far below this.
 */
const batchTolerance = 0.01;

function energyOf(table: CellTable, row: CsvRow, batch: number, kind: Kind): CellEnergy {
	const perRequest = required(table.energy_j_per_request, row, "energy_j_per_request", "positive");
	const perBatch = numberOf(table.energy_j_per_batch, row, "energy_j_per_batch", "positive") ?? perRequest * batch;
	if (Math.abs(perBatch / (perRequest * batch) - 1) > batchTolerance)
		throw new InputError({
			file: row.file,
			line: row.line,
			field: "energy per batch",
			rule: `must be energy per request x batch = ${perRequest * batch} J`,
			value: perBatch,
		});
	return {
		status: "available",
		kind,
		energy_j_per_request: perRequest,
		energy_j_per_batch: perBatch,
		...optional("power_w", numberOf(table.power_w, row, "power_w", "positive")),
		...optional(
			"energy_sd_j_per_request",
			numberOf(table.energy_sd_j_per_request, row, "energy_sd_j_per_request", "not negative"),
		),
	};
}

function optional<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
	return value === undefined ? {} : ({ [key]: value } as { [P in K]?: number });
}

function required(source: NumberSource, row: CsvRow, field: string, range: Range): number {
	const value = numberOf(source, row, field, range);
	if (value === undefined) throw new InputError({ file: row.file, line: row.line, field, rule: "must not be empty" });
	return value;
}

/** The number, which itself must be in range: a scale or a quotient can leave what its column keeps. */
function numberOf(source: NumberSource | undefined, row: CsvRow, field: string, range: Range): number | undefined {
	if (source === undefined) return undefined;
	if (typeof source === "number") return inRange(row, field, range, source);
	const base = source.column === undefined ? source.constant : optionalNumber(row, source.column, "none");
	const times = source.times === undefined ? 1 : optionalNumber(row, source.times, "positive");
	const over = source.over === undefined ? 1 : optionalNumber(row, source.over, "positive");
	if (base === undefined || times === undefined || over === undefined) return undefined;
	return inRange(row, source.column ?? field, range, (base * times * source.scale) / over);
}

function textOf(source: TextSource, row: CsvRow): string {
	if (typeof source === "string") return source;
	const { names = {} } = source;
	const text = textField(row, source.column);
	if (source.match === undefined) return Object.hasOwn(names, text) ? (names[text] as string) : text;
	const group = new RegExp(source.match).exec(text)?.[1];
	if (group === undefined)
		throw new InputError({
			file: row.file,
			line: row.line,
			field: source.column,
			rule: `must match ${source.match}`,
			value: text,
		});
	return group;
}

function knobsOf(
	sources: Readonly<Record<string, z.infer<typeof knobSchema>>>,
	row: CsvRow,
): Record<string, number | string> {
	const knobs: Record<string, number | string> = {};
	for (const [name, source] of Object.entries(sources)) {
		const { column, text, match } =
			typeof source === "string" ? { column: source, text: false, match: undefined } : source;
		if (row.values[column] === "") continue;
		if (text === "mixed") knobs[name] = parseDecimal(textField(row, column)) ?? textField(row, column);
		else if (match !== undefined) knobs[name] = textOf({ column, match }, row);
		else knobs[name] = text ? textField(row, column) : numberField(row, column, "none");
	}
	return knobs;
}

function applies({ column, equals, at_most, includes, present }: z.infer<typeof flagSchema>, row: CsvRow): boolean {
	if (present) return optionalText(row, column) !== undefined;
	if (includes !== undefined) return (optionalText(row, column) ?? "").split(" ").includes(includes);
	if (equals !== undefined) return textField(row, column) === equals;
	return at_most !== undefined && numberField(row, column, "none") <= at_most;
}
