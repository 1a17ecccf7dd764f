import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
	type CsvRow,
	type CsvTable,
	numberField,
	optionalText,
	parseDecimal,
	readCsv,
	textField,
} from "../datasets/csv.js";
import { readJson } from "../datasets/file.js";
import { InputError } from "../errors.js";
import { type Kind, kinds } from "../units.js";

const written = new RegExp(`^written by sustainable-ipa, kind (${kinds.join("|")}):`);

/** What a series that we write says of a point in `series_meta`, so that no modelled number comes back as measured. */
export function seriesMeta(kind: Kind, of: string): string {
	return `written by sustainable-ipa, kind ${kind}: ${of}`;
}

/** The kind that a `series_meta` of ours names; undefined in IPA's own. */
function writtenKind(meta: string | undefined): Kind | undefined {
	return written.exec(meta ?? "")?.[1] as Kind | undefined;
}

/** What one profiling experiment recorded, as far as a profile goes by it. */
export interface ProfileResult {
	/** Latency of the model for each request that came back, s: serving - arrival. */
	readonly latencies_s: readonly number[];
	/** Requests that did not: a time of theirs is missing. */
	readonly timeouts: number;
	/** Throughput by second, requests/s; empty where none was recorded. */
	readonly throughputs_rps: readonly number[];
}

/**
 * Reads an experiment's JSON: `responses` (a list a second, of requests with their `times`) and `throughput`. A request
 * counts where it has sending and arrival times of its own and arrival and serving times at the model: with one of them
 * missing it is a timeout, as for IPA.
 *
 * @param model IPA's node name, by which a request gives the times at its model
 * @throws InputError where it is not JSON (cut off, say), or a value has another form
 */
export async function readResult(file: string, model: string): Promise<ProfileResult> {
	// IPA writes Prometheus' values by json.dumps, and so 0/0 as a bare NaN: no sample, as null is.
	const result = objectAt(file, "", await readJson(file, { notFinite: "null" }));
	const latencies_s: number[] = [];
	let timeouts = 0;
	for (const [second, requests] of listAt(file, "responses", result.responses).entries())
		for (const [r, request] of listAt(file, `responses.${second}`, requests).entries()) {
			const latency_s = latencyOf(file, `responses.${second}.${r}`, request, model);
			if (latency_s === undefined) timeouts++;
			else latencies_s.push(latency_s);
		}
	return { latencies_s, timeouts, throughputs_rps: throughputsOf(file, result.throughput) };
}

function latencyOf(file: string, at: string, given: unknown, model: string): number | undefined {
	const times = child(file, at, objectAt(file, at, given), "times");
	const request = child(file, `${at}.times`, times, "request");
	const own = child(file, `${at}.times.models`, child(file, `${at}.times`, times, "models"), model);
	const arrival = numberAt(file, `${at}.times.models.${model}.arrival`, own?.arrival);
	const serving = numberAt(file, `${at}.times.models.${model}.serving`, own?.serving);
	const sent = numberAt(file, `${at}.times.request.sending`, request?.sending);
	const back = numberAt(file, `${at}.times.request.arrival`, request?.arrival);
	if (arrival === undefined || serving === undefined || sent === undefined || back === undefined) return undefined;
	return serving - arrival;
}

type Fields = Readonly<Record<string, unknown>>;

function child(file: string, at: string, of: Fields | undefined, key: string): Fields | undefined {
	if (of === undefined || !Object.hasOwn(of, key)) return undefined;
	return objectAt(file, `${at}.${key}`, of[key]);
}

function throughputsOf(file: string, given: unknown): readonly number[] {
	// null: Prometheus had no sample.
	if (given === undefined || given === null) return [];
	return listAt(file, "throughput", given).flatMap((value, i) =>
		value === null ? [] : [numberAt(file, `throughput.${i}`, value) as number],
	);
}

function objectAt(file: string, field: string, value: unknown): Fields {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
	throw new InputError({ file, ...(field === "" ? {} : { field }), rule: "must be an object", value });
}

function listAt(file: string, field: string, value: unknown): readonly unknown[] {
	if (Array.isArray(value)) return value;
	throw new InputError({ file, field, rule: "must be a list", value });
}

function numberAt(file: string, field: string, value: unknown): number | undefined {
	if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
	throw new InputError({ file, field, rule: "must be a number", value });
}

/** One profiling experiment: where it stands in the mapper, what was run, and what came of it. */
export interface ProfiledCell {
	readonly file: string;
	readonly line: number;
	readonly variant: string;
	readonly cores: number;
	readonly batch: number;
	/** `measured`, but where the series was written by us from a profile of another kind. */
	readonly kind: Kind;
	readonly result: ProfileResult;
}

/** A series that is asked for: its folder, the node name of its model, and the load of the experiments wanted. */
export interface SeriesQuestion {
	readonly folder: string;
	readonly model: string;
	readonly load: number | string;
}

const mapperName = "key_config_mapper.csv";

/**
 * Reads a profiling series, data/results/profiling/nodes/series/N: the experiments of key_config_mapper.csv at one load,
 * in its order, each with its own EXPERIMENT.json. Other loads' files are not opened.
 *
 * @throws InputError where a file is missing, torn or without a row in the mapper, an experiment stands there twice, or
 *   none was taken at the load
 */
export async function readSeries({ folder, model, load }: SeriesQuestion): Promise<ProfiledCell[]> {
	const mapper = await readMapper(join(folder, mapperName));
	await checkFiles(folder, mapper);
	const wanted = mapper.rows.filter((row) => isLoad(textField(row, "load"), load));
	if (wanted.length === 0)
		throw new InputError({
			file: mapper.file,
			field: "load",
			rule: `must have an experiment at the load ${load}`,
			value: [...new Set(mapper.rows.map((row) => textField(row, "load")))],
		});
	const cells: ProfiledCell[] = [];
	for (const row of wanted) cells.push(await cellOf(folder, row, model));
	return cells;
}

async function readMapper(file: string): Promise<CsvTable> {
	try {
		return await readCsv(file);
	} catch (cause) {
		if (!(cause instanceof InputError) || cause.fault.value !== "ENOENT") throw cause;
		const rule = "must exist: a profiling result, of which IPA's published checkout has none (docs/ipa-files.md)";
		throw new InputError({ file, rule }, { cause });
	}
}

async function cellOf(folder: string, row: CsvRow, model: string): Promise<ProfiledCell> {
	const { file, line } = row;
	const meta = Object.hasOwn(row.values, "series_meta") ? optionalText(row, "series_meta") : undefined;
	return {
		file,
		line,
		variant: textField(row, "model_variant"),
		cores: numberField(row, "cpu_request", "positive"),
		batch: numberField(row, "max_batch_size", "positive integer"),
		kind: writtenKind(meta) ?? "measured",
		result: await readResult(join(folder, `${idOf(row)}.json`), model),
	};
}

function idOf(row: CsvRow): number {
	return numberField(row, "experiment_id", "whole");
}

/** Every experiment once, every result with its experiment. */
async function checkFiles(folder: string, { file, rows }: CsvTable): Promise<void> {
	const ids = new Set<number>();
	for (const row of rows) {
		const id = idOf(row);
		if (ids.has(id))
			throw new InputError({ file, line: row.line, field: "experiment_id", rule: "must not repeat", value: id });
		ids.add(id);
	}
	for (const name of (await readdir(folder)).sort()) {
		const [, id] = /^(\d+)\.json$/.exec(name) ?? [];
		if (id !== undefined && !ids.has(Number(id)))
			throw new InputError({ file: join(folder, name), rule: `must have a row in ${mapperName}` });
	}
}

/** As pandas compares: 20, 20.0 and "20" are one load. */
function isLoad(given: string, load: number | string): boolean {
	return given === String(load) || (typeof load === "number" && parseDecimal(given) === load);
}
