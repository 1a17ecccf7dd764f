import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { InputError } from "../errors.js";
import type { Perhaps } from "../outcome.js";
import { missingPart } from "../parts.js";
import { writeMeasuredDataset } from "./dataset.js";
import { readWholeJournal } from "./journal.js";
import type { EnergyCoefficients } from "./modelEnergy.js";
import type { Plan } from "./plan.js";
import type { Header, JournalRecord } from "./records.js";
import { type CellSummary, shortCells } from "./summary.js";

export interface Merged {
	readonly plan: Plan;
	readonly journals: number;
	readonly repetitions: number;
	readonly cells: readonly CellSummary[];
	/** Shards of the plan that no journal holds. */
	readonly missingShards: readonly number[];
	/** Cells with fewer repetitions than the plan's least. */
	readonly shortCells: number;
	/** The table of repetitions; unavailable where DuckDB has no native part for this platform. */
	readonly parquet: Perhaps<string>;
}

/** A row a repetition, for questions in SQL; energies are of the preferred probe, J, and null where it refused. */
const repetitions = `SELECT filename, json->>'cell' AS cell, (json->>'repetition')::INTEGER AS repetition,
	(json->>'block')::INTEGER AS block, (json->'window'->>'batches')::INTEGER AS batches,
	(json->'window'->>'elapsed_s')::DOUBLE AS elapsed_s, (json->'window'->>'latency_mean_s')::DOUBLE AS latency_mean_s,
	(json->'window'->>'latency_p99_s')::DOUBLE AS latency_p99_s,
	(json->'window'->'cpu_s'->>'value')::DOUBLE AS cpu_s, json->'window'->'readings'->0->>'probe' AS probe,
	(json->'window'->'readings'->0->>'energy_j')::DOUBLE AS energy_j
	FROM read_ndjson_objects($files, filename = true) WHERE json->>'type' = 'repetition' ORDER BY cell, repetition`;

/**
 * Merges the journals of a plan's shards, from as many nodes as there are, into `<folder>/dataset`, and writes every
 * repetition to `<folder>/repetitions.parquet`. Throws InputError where no file matches, a line is damaged, the journals
 * are of different plans, or two hold the same shard.
 *
 * @param glob a pattern over journals: results/STAR/journal.jsonl with STAR the character *
 */
export async function mergeJournals(glob: string, folder: string, model?: EnergyCoefficients): Promise<Merged> {
	const journals = (await matchingFiles(glob))
		.map((file): ReadJournal => ({ file, ...readWholeJournal(file) }))
		.sort((a, b) => a.header.shard.index - b.header.shard.index);
	if (journals.length === 0) throw new InputError({ file: glob, rule: "must match whole journals: No files found" });
	checkOnePlan(journals);
	const headers = journals.map(({ header }) => header);
	const [first] = headers as [Header];
	const records = journals.map((journal) => journal.records);
	const cells = await writeMeasuredDataset(folder, first.plan, records, { model });
	const parquet = await writeParquet(
		journals.map(({ file }) => file),
		join(folder, "repetitions.parquet"),
	);
	const present = new Set(headers.map(({ shard }) => shard.index));
	return {
		plan: first.plan,
		journals: journals.length,
		repetitions: records.flat().filter(({ type }) => type === "repetition").length,
		cells,
		shortCells: shortCells(first.plan, cells).length,
		missingShards: Array.from({ length: first.shard.count }, (_, i) => i).filter((i) => !present.has(i)),
		parquet,
	};
}

interface ReadJournal {
	readonly file: string;
	readonly header: Header;
	readonly records: readonly JournalRecord[];
}

/** Files that match a pattern of the shell: `*`, `?` and `[...]` within a name, `**` over folders. Nothing is fetched. */
async function matchingFiles(pattern: string): Promise<readonly string[]> {
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(pattern))
		throw new InputError({ file: "merge", field: "GLOB", rule: "must be a path: nothing is fetched", value: pattern });
	if (existsSync(pattern)) return [pattern];
	let found = [isAbsolute(pattern) ? "/" : ""];
	const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
	for (const [i, part] of parts.entries()) {
		const next = await Promise.all(found.map((folder) => entriesOf(folder, part, i === parts.length - 1)));
		found = [...new Set(next.flat())];
	}
	return found.sort();
}

async function entriesOf(folder: string, part: string, last: boolean): Promise<string[]> {
	if (!/[*?[]/.test(part)) return existsSync(join(folder, part)) ? [join(folder, part)] : [];
	const entries = await readdir(folder === "" ? "." : folder, { withFileTypes: true }).catch(() => []);
	if (part === "**") {
		const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
		return [folder, ...(await Promise.all(folders.map((inner) => entriesOf(inner, part, last)))).flat()];
	}
	const source = part
		.replace(/[.+^${}()|\\]/g, "\\$&")
		.replace(/\[!/g, "[^")
		.replace(/\*/g, ".*")
		.replace(/\?/g, ".");
	let name: RegExp;
	try {
		name = new RegExp(`^${source}$`, "s");
	} catch (cause) {
		throw new InputError({ file: "merge", field: "GLOB", rule: "must close every bracket", value: part }, { cause });
	}
	return entries
		.filter((entry) => name.test(entry.name) && (last ? !entry.isDirectory() : !entry.isFile()))
		.map((entry) => join(folder, entry.name));
}

function checkOnePlan(journals: readonly ReadJournal[]): void {
	const [first, ...rest] = journals as [ReadJournal, ...ReadJournal[]];
	const shards = new Map([[first.header.shard.index, first.file]]);
	for (const { file, header } of rest) {
		if (header.plan_hash !== first.header.plan_hash)
			throw new InputError({
				file,
				field: "plan_hash",
				rule: `must be that of ${first.file}`,
				value: header.plan.name,
			});
		if (header.shard.count !== first.header.shard.count)
			throw new InputError({
				file,
				field: "shard.count",
				rule: `must be that of ${first.file}`,
				value: header.shard.count,
			});
		const other = shards.get(header.shard.index);
		if (other !== undefined)
			throw new InputError({
				file,
				field: "shard.index",
				rule: `must not be that of ${other}`,
				value: header.shard.index,
			});
		shards.set(header.shard.index, file);
	}
}

/** Written by DuckDB, whose native part not every platform has: without it the dataset is there all the same. */
async function writeParquet(files: readonly string[], target: string): Promise<Merged["parquet"]> {
	let duckdb: typeof import("@duckdb/node-api");
	try {
		duckdb = await import("@duckdb/node-api");
	} catch (cause) {
		return { status: "unavailable", reason: missingPart(["@duckdb/node-api"], "a Parquet file", cause).message };
	}
	// A quotation mark of a text in SQL is doubled; in a list of files too a name is a pattern.
	const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
	const list = `[${files.map((file) => quoted(file.replace(/[*?[]/g, "[$&]"))).join(", ")}]`;
	const instance = await duckdb.DuckDBInstance.create(":memory:");
	try {
		const connection = await instance.connect();
		const query = repetitions.replace("$files", () => list);
		await connection.run(`COPY (${query}) TO ${quoted(`${target}.part`)} (FORMAT parquet)`);
		connection.closeSync();
		await rename(`${target}.part`, target);
		return { status: "available", value: target };
	} catch (cause) {
		await rm(`${target}.part`, { force: true });
		const [message] = (cause as Error).message.split("\n");
		throw new InputError({ file: target, rule: `must be writable: ${message}` }, { cause });
	} finally {
		instance.closeSync();
	}
}
