import { type Format, significant } from "./format.js";
import { type Cell, type Column, type FrameLike, type Table, table } from "./table.js";

/** A raw result of an exported function: fields with their units in their names, nothing rounded. */
export type RawRow = object;

/**
 * Units as the last words of a field's name: how they are written, and in which multiples a whole column is shown
 * (exponents of ten). `share` is of 1 and shown in percent.
 */
const units: Readonly<Record<string, { readonly text: string; readonly prefixed?: boolean; readonly times?: number }>> =
	{
		s: { text: "s" },
		j: { text: "J", prefixed: true },
		w: { text: "W", prefixed: true },
		g: { text: "g", prefixed: true },
		kwh: { text: "kWh" },
		gb: { text: "GB" },
		eur: { text: "EUR" },
		rps: { text: "1/s" },
		cores: { text: "cores" },
		pct: { text: "%" },
		share: { text: "%", times: 100 },
	};

/** Prefixes by what the greatest value of a column is at least. */
const prefixes = [
	{ from: 1e7, prefix: "M", times: 1e-6 },
	{ from: 1e4, prefix: "k", times: 1e-3 },
	{ from: 0.1, prefix: "", times: 1 },
	{ from: 0, prefix: "m", times: 1e3 },
] as const;

interface Title {
	readonly text: string;
	readonly unit?: (typeof units)[string];
	readonly rest: string;
}

/** A field's name in words and its unit: `energy_j_per_request` is "energy" in J per request. */
function titleOf(field: string): Title {
	const [last = "", ...above] = field.split(".").reverse();
	const path = [...above].reverse().map(words);
	const tokens = last.split("_");
	const at = tokens.findIndex((token, i) => token in units && (i > 0 || tokens.length > 1));
	if (at < 0) {
		const [parent = ""] = above;
		const own = parent === "" ? undefined : titleOf(parent);
		// What is under `wasted_share` is a share too.
		return own?.unit === undefined
			? { text: [...path, words(last)].join(": "), rest: "" }
			: { ...own, text: `${own.text}: ${words(last)}` };
	}
	const name = tokens.slice(0, at).join(" ");
	return {
		text: [...path, name].filter((part) => part !== "").join(": "),
		unit: units[tokens[at] as string] as (typeof units)[string],
		rest: tokens
			.slice(at + 1)
			.map((token) => units[token]?.text ?? token)
			.join(" "),
	};
}

function words(name: string): string {
	return name.replaceAll("_", " ");
}

/**
 * A table of raw rows: a column for every field, nested ones as `parent: child`, titled with its unit. Numbers to four
 * significant digits, shares as percentages, intervals in one cell, an unavailable value by its reason. What is larger than
 * a cell (series, configurations, lists of things) is left to the raw result.
 *
 * @param rows row objects; or one object whose fields are rows or values: a row a field
 * @example
 * const shown = report.rawTable([{ load_rps: 5, energy_j: 12345.6, saved_share: 0.0421 }]);
 * shown.titles; // → ["load (1/s)", "energy (kJ)", "saved (%)"]
 * shown.rows[0].map(({ text }) => text); // → ["5", "12.35", "4.21"]
 */
export function rawTable(rows: readonly RawRow[] | object): Table {
	const list: readonly RawRow[] = Array.isArray(rows)
		? rows
		: Object.entries(rows).map(([name, value]) => ({
				name: words(name),
				...(isPlain(value) && !isCell(value) ? value : { value }),
			}));
	const flat = list.map((row) => flattened(row));
	const fields = [...new Set(flat.flatMap((row) => [...row.keys()]))];
	return table(
		flat,
		fields.map((field) => columnOf(field, flat)),
	);
}

/** A danfojs frame as a table: its columns titled as fields of raw rows are. */
export function frameTable({ columns, values }: FrameLike): Table {
	const rows = (values as readonly (readonly unknown[])[]).map(
		(row) => new Map(columns.map((name, i) => [name, row[i]] as const)),
	);
	return table(
		rows,
		columns.map((field) => columnOf(field, rows)),
	);
}

type Flat = ReadonlyMap<string, unknown>;

function columnOf(field: string, rows: readonly Flat[]): Column<Flat> {
	const { text, unit, rest } = titleOf(field);
	const most = Math.max(0, ...rows.flatMap((row) => numbersIn(row.get(field)).map(Math.abs)));
	const scale =
		unit?.prefixed === true && most > 0 ? prefixes.find(({ from }) => most >= from) : { prefix: "", times: 1 };
	const { prefix, times } = scale ?? { prefix: "", times: 1 };
	const written =
		unit === undefined ? "" : ` (${[`${prefix}${unit.text}`, rest].filter((part) => part !== "").join(" ")})`;
	const digits = unit?.times === undefined ? 4 : 3;
	const format: Format = (value) => significant(value * times * (unit?.times ?? 1), digits);
	return { title: `${text}${written}`.trim(), of: (row) => cellOf(row.get(field), format), format };
}

/** The fields of a row: nested objects opened, what is no cell left out. */
function flattened(row: object, path = "", into = new Map<string, unknown>()): Map<string, unknown> {
	for (const [name, given] of Object.entries(row)) {
		// A key for programs: what it is made of stands beside it.
		if (name === "id") continue;
		const value = isPlain(given) && given.status === "available" && "value" in given ? given.value : given;
		const field = path === "" ? name : `${path}.${name}`;
		if (isCell(value)) into.set(field, value);
		// A configuration has its own words beside it; a table of its parts would hide the rest.
		else if (isPlain(value) && !("stages" in value)) flattened(value, field, into);
	}
	return into;
}

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
	return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isScalar(value: unknown): value is Cell {
	return value === null || ["string", "number", "boolean", "undefined"].includes(typeof value);
}

/** What one cell can say: a scalar, a list of scalars, an interval, a reason. */
function isCell(value: unknown): boolean {
	if (isScalar(value)) return true;
	if (Array.isArray(value)) return value.every(isScalar);
	return isPlain(value) && (isInterval(value) || reasonOf(value) !== undefined);
}

function reasonOf({ status, reason, ...more }: Plain): string | undefined {
	return status === "unavailable" && typeof reason === "string" && Object.keys(more).length === 0 ? reason : undefined;
}

const estimateFields = ["value", "low", "high", "level", "n"];

/** An estimate with its interval where it has one, or a distribution by its median and its middle nine tenths. */
function isInterval(value: Plain): boolean {
	if ("p5" in value && "p95" in value) return true;
	const names = Object.keys(value);
	return ("value" in value || "low" in value) && names.every((name) => estimateFields.includes(name));
}

function numbersIn(value: unknown): number[] {
	if (typeof value === "number") return Number.isFinite(value) ? [value] : [];
	return isPlain(value) && isInterval(value) ? Object.values(value).flatMap(numbersIn) : [];
}

function cellOf(value: unknown, format: Format): Cell {
	if (typeof value === "boolean") return value ? "yes" : "no";
	if (isScalar(value)) return value;
	if (Array.isArray(value)) return value.map((one) => (typeof one === "number" ? format(one) : String(one))).join(", ");
	if (!isPlain(value)) return undefined;
	const reason = reasonOf(value);
	if (reason !== undefined) return `unavailable: ${reason}`;
	const { value: middle = value.median, low = value.p5, high = value.p95 } = value;
	const [centre, from, to] = [middle, low, high].map((one) => (typeof one === "number" ? format(one) : undefined));
	const range = from === undefined || to === undefined ? undefined : `${from} to ${to}`;
	return centre === undefined ? range : range === undefined ? centre : `${centre} (${range})`;
}
