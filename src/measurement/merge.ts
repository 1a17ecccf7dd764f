import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { writeMeasuredDataset } from "./dataset.js";
import type { EnergyCoefficients } from "./modelEnergy.js";
import type { Plan } from "./plan.js";
import { type Header, type JournalRecord, recordSchema } from "./records.js";
import { shortCells } from "./shortCells.js";
import type { CellSummary } from "./summary.js";

export interface Merged {
	readonly plan: Plan;
	readonly journals: number;
	readonly repetitions: number;
	readonly cells: readonly CellSummary[];
	/** Shards of the plan that no journal holds. */
	readonly missingShards: readonly number[];
	/** Cells with fewer repetitions than the plan's least. */
	readonly shortCells: number;
}

/** The one query: every line of every journal, with the file that it is from. */
const lines = "SELECT filename, json::VARCHAR AS line FROM read_ndjson_objects($glob, filename = true)";

/** A row a repetition, for questions in SQL; energies are of the preferred probe, J, and null where it refused. */
const repetitions = `SELECT filename, json->>'cell' AS cell, (json->>'repetition')::INTEGER AS repetition,
	(json->>'block')::INTEGER AS block, (json->'window'->>'batches')::INTEGER AS batches,
	(json->'window'->>'elapsed_s')::DOUBLE AS elapsed_s, (json->'window'->>'latency_mean_s')::DOUBLE AS latency_mean_s,
	(json->'window'->>'latency_p99_s')::DOUBLE AS latency_p99_s,
	(json->'window'->'cpu_s'->>'value')::DOUBLE AS cpu_s, json->'window'->'readings'->0->>'probe' AS probe,
	(json->'window'->'readings'->0->>'energy_j')::DOUBLE AS energy_j
	FROM read_ndjson_objects($glob, filename = true) WHERE json->>'type' = 'repetition' ORDER BY cell, repetition`;

/**
 * Merges the journals of a plan's shards, from as many nodes as there are, into `<folder>/dataset`, and writes every
 * repetition to `<folder>/repetitions.parquet`. Throws InputError where no file matches, a line is damaged, the journals
 * are of different plans, or two hold the same shard.
 *
 * @param glob a DuckDB glob over journals: results/STAR/journal.jsonl with STAR the character *
 */
export async function mergeJournals(glob: string, folder: string, model?: EnergyCoefficients): Promise<Merged> {
	const instance = await DuckDBInstance.create(":memory:");
	const connection = await instance.connect();
	try {
		const journals = await readJournals(connection, glob);
		const headers = journals.map(({ header }) => header);
		const [first] = headers as [Header];
		checkOnePlan(journals);
		await mkdir(folder, { recursive: true });
		await writeParquet(connection, glob, join(folder, "repetitions.parquet"));
		const records = journals.map((journal) => journal.records);
		const cells = await writeMeasuredDataset(folder, first.plan, records, model);
		const present = new Set(headers.map(({ shard }) => shard.index));
		return {
			plan: first.plan,
			journals: journals.length,
			repetitions: records.flat().filter(({ type }) => type === "repetition").length,
			cells,
			shortCells: shortCells(first.plan, cells).length,
			missingShards: Array.from({ length: first.shard.count }, (_, i) => i).filter((i) => !present.has(i)),
		};
	} finally {
		connection.closeSync();
		instance.closeSync();
	}
}

interface ReadJournal {
	readonly file: string;
	readonly header: Header;
	readonly records: readonly JournalRecord[];
}

async function readJournals(connection: DuckDBConnection, glob: string): Promise<readonly ReadJournal[]> {
	let rows: { file: string; line: string }[];
	try {
		const reader = await connection.runAndReadAll(lines, { glob });
		rows = reader.getRowObjects().map(({ filename, line }) => ({ file: String(filename), line: String(line) }));
	} catch (cause) {
		const [message] = String((cause as Error).message).split("\n");
		throw new InputError({ file: glob, rule: `must match whole journals: ${message}` }, { cause });
	}
	const journals = [...groupBy(rows, ({ file }) => file)].map(([file, own]) => {
		const records = own.map(({ line }, i) => recordOf(file, i + 1, line));
		const [header] = records;
		if (header?.type !== "header") throw new InputError({ file, line: 1, rule: "must begin with a journal's header" });
		return { file, header, records };
	});
	return journals.sort((a, b) => a.header.shard.index - b.header.shard.index);
}

function recordOf(file: string, line: number, text: string): JournalRecord {
	const result = recordSchema.safeParse(JSON.parse(text));
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new InputError({ file, line, field: issue?.path.join(".") ?? "", rule: issue?.message ?? "must be a record" });
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

async function writeParquet(connection: DuckDBConnection, glob: string, file: string): Promise<void> {
	// COPY takes no parameters for its target: a quotation mark is doubled.
	const target = `${file}.part`.replaceAll("'", "''");
	await connection.run(
		`COPY (${repetitions.replace("$glob", `'${glob.replaceAll("'", "''")}'`)}) TO '${target}' (FORMAT parquet)`,
	);
	await rename(`${file}.part`, file);
}
