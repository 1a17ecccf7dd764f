import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type CsvRow, type CsvTable, readCsv } from "../../datasets/csv.js";
import { numberField, optionalText, parseDecimal, textField } from "../../datasets/field.js";
import { InputError } from "../../errors.js";
import type { Kind } from "../../units.js";
import { type ProfileResult, readResult } from "./readResult.js";
import { writtenKind } from "./seriesMeta.js";

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
