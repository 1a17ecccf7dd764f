import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { mean, sampleStandardDeviation } from "simple-statistics";
import { stringify } from "yaml";
import { attemptAll, InputError } from "../errors.js";
import type { CellEnergy, Evidence, EvidenceCell, Provenance } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import { weakestKind } from "../units.js";
import { cellsOf, flagsOf, writeCellsCsv } from "./cellsCsv.js";
import { type CsvTable, readCsv, rowFault } from "./csv.js";
import { isFolder, replaceFolder } from "./file.js";
import { type CellMapping, cellOf, takes } from "./mapping.js";
import { type ProvenanceFile, provenanceOf, readProvenance } from "./provenance.js";
import { packageRoot } from "./root.js";

/** Folders of data/raw, by name. One with a dot in its name is unfinished (writeDatasetFolder) and not listed. */
export async function listDatasets(dataRoot: string): Promise<string[]> {
	const entries = await readdir(join(dataRoot, "raw"), { withFileTypes: true });
	return entries
		.filter((entry) => entry.isDirectory() && !entry.name.includes("."))
		.map(({ name }) => name)
		.sort();
}

/** Evidence of every shipped dataset that holds energies. */
export async function readAllEvidence(dataRoot: string): Promise<Evidence[]> {
	const found: Evidence[] = [];
	for (const name of await listDatasets(dataRoot)) {
		const folder = join(dataRoot, "raw", name);
		const provenance = await readProvenance(folder);
		if (provenance.evidence !== undefined) found.push(await evidenceFrom(folder, provenance));
	}
	return found;
}

/**
 * Evidence of a dataset folder: provenance.yaml and the files that it lists. Throws InputError naming file, line,
 * column, rule and value where the folder is not what its provenance says.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * edgetune.cells.length; // → 126
 * edgetune.cells[0].energy.kind; // → "measured"
 */
export async function readEvidence(folder: string): Promise<Evidence> {
	return evidenceFrom(folder, await readProvenance(folder));
}

/** Evidence of a dataset folder, or of a bare table. */
export async function readOwnEvidence(path: string, map?: CellMapping): Promise<Evidence> {
	return (await isFolder(path)) ? readEvidence(path) : readCellsCsv(path, map);
}

/**
 * Evidence of dataset folders and bare tables, which `map` says the columns of; of all that the package ships where none is
 * named.
 *
 * @example
 * const folders = ["edgetune", "pi5-llm"].map((name) => `${datasets.dataRoot}/raw/${name}`);
 * const evidence = await datasets.readEvidenceOf(folders);
 * evidence.map(({ dataset }) => dataset); // → ["edgetune", "pi5-llm"]
 */
export async function readEvidenceOf(paths: readonly string[], map?: CellMapping): Promise<Evidence[]> {
	if (paths.length === 0) return readAllEvidence(join(packageRoot, "data"));
	return Promise.all(paths.map((path) => readOwnEvidence(path, map)));
}

/**
 * Evidence of a bare table (docs/bring-your-own.md), named after the file; `-` is standard input.
 *
 * @param map what its columns are, where it is not in the project's own form: see `parseMapping`
 */
export async function readCellsCsv(path: string, map?: CellMapping): Promise<Evidence> {
	const table = await readCsv(path);
	const { file } = table;
	const dataset = path === "-" ? "standard-input" : basename(path).replace(/\.csv(\.gz)?$/i, "");
	const read =
		map === undefined
			? cellsOf(table, dataset)
			: mappedCells(table, { dataset, kind: map.kind, flags: [] }, map.tables);
	const cells = map?.duplicates === "repetitions" ? averaged(read) : read;
	refuseDuplicates(file, cells);
	const provenance: Provenance = {
		dataset,
		title: dataset,
		source: file,
		commit: "none",
		path: file,
		hardware: [...new Set(cells.map(({ hardware }) => hardware))].join(", "),
		energy_method: "not stated",
		kind: weakestKind(cells.map(({ kind, energy }) => (energy.status === "available" ? energy.kind : kind))),
		units: {},
		licence: "not stated",
		caveats: map?.stated ?? [],
		files: [],
		flags: flagsOf(cells),
	};
	return { dataset, provenance, cells };
}

/**
 * Writes a dataset folder in the study's own form: cells.csv and provenance.yaml with its sha256. The folder is made
 * and read back aside, then takes the place of an existing folder of that name, which is whole until then and comes back
 * where the exchange fails; what its user put there stays. Throws InputError where the provenance or a cell would not read
 * back.
 *
 * @param beside files of the same folder by name, listed with their sha256: the journal, details
 */
export async function writeDatasetFolder(
	folder: string,
	provenance: Omit<Provenance, "files">,
	cells: readonly EvidenceCell[],
	beside: Readonly<Record<string, string>> = {},
): Promise<void> {
	await removeUnfinished(folder);
	const aside = `${folder}.part-${randomUUID().slice(0, 8)}`;
	try {
		await mkdir(aside, { recursive: true });
		await writeFile(join(aside, unfinished), String(process.pid));
		await writeCellsCsv(join(aside, "cells.csv"), cells);
		for (const [name, text] of Object.entries(beside)) await writeFile(join(aside, name), text);
		const names = ["cells.csv", ...Object.keys(beside)];
		const sums = await Promise.all(
			names.map(async (name) =>
				createHash("sha256")
					.update(await readFile(join(aside, name)))
					.digest("hex"),
			),
		);
		const content = {
			...provenance,
			files: names.map((name, i) => ({ name, sha256: sums[i] })),
			evidence: { form: "cells", file: "cells.csv" },
		};
		await writeFile(join(aside, "provenance.yaml"), stringify(content));
		await readEvidence(aside);
		await rm(join(aside, unfinished));
		await replaceFolder(aside, folder);
	} catch (error) {
		await rm(aside, { recursive: true, force: true });
		throw error;
	}
}

/** Marks a folder that is being written, with the number of its process. */
const unfinished = ".unfinished";

/** What a run that was killed left behind. Only a folder with the mark of a process that is gone is this program's to delete. */
async function removeUnfinished(folder: string): Promise<void> {
	const parent = dirname(resolve(folder));
	const siblings = await readdir(parent).catch(() => []);
	for (const name of siblings.filter((entry) => entry.startsWith(`${basename(folder)}.part-`))) {
		const pid = Number(await readFile(join(parent, name, unfinished), "utf8").catch(() => "0"));
		if (Number.isInteger(pid) && pid > 0 && !answers(pid))
			await rm(join(parent, name), { recursive: true, force: true });
	}
}

function answers(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

async function evidenceFrom(folder: string, provenance: ProvenanceFile): Promise<Evidence> {
	const { dataset, evidence } = provenance;
	const described = provenanceOf(provenance);
	if (evidence === undefined)
		throw new InputError({
			file: join(folder, "provenance.yaml"),
			field: "evidence",
			rule: "must say how the table maps to cells",
		});
	const table = await readCsv(join(folder, evidence.file));
	if (evidence.form === "cells") {
		const cells = cellsOf(table, dataset);
		refuseDuplicates(table.file, cells);
		refuseUndeclared(table.file, cells, provenance);
		return { dataset, provenance: described, cells };
	}
	const cells = mappedCells(table, provenance, evidence.tables);
	if (evidence.duplicates === "repetitions") return { dataset, provenance: described, cells: averaged(cells) };
	refuseDuplicates(table.file, cells);
	return { dataset, provenance: described, cells };
}

function mappedCells(
	table: CsvTable,
	{ dataset, kind, flags }: Pick<ProvenanceFile, "dataset" | "kind" | "flags">,
	tables: readonly Parameters<typeof takes>[0][],
): EvidenceCell[] {
	for (const { where } of tables)
		for (const column of Object.keys(where))
			if (!table.header.includes(column))
				throw new InputError({ file: table.file, line: 1, field: column, rule: "column must be present" });
	return attemptAll(table.rows, (row) => {
		const takers = tables.filter((mapping) => takes(mapping, row));
		const [mapping] = takers;
		if (mapping === undefined || takers.length > 1)
			throw rowFault(row, "", `must be taken by one table of the provenance file, not ${takers.length}`);
		return cellOf(mapping, row, dataset, kind, flags);
	});
}

function keyOf(cell: EvidenceCell): string {
	const { dataset, population, variant, allocation, batch, replicas, knobs, workload } = cell;
	const others = [knobs, workload].map((values) => Object.entries(values).sort());
	return JSON.stringify([dataset, population, variant, allocation, batch, replicas, ...others]);
}

function refuseDuplicates(file: string, cells: readonly EvidenceCell[]): void {
	const seen = new Map<string, number>();
	attemptAll(cells, (cell) => {
		const key = keyOf(cell);
		const first = seen.get(key);
		if (first === undefined) seen.set(key, cell.line);
		else
			throw new InputError({
				file,
				line: cell.line,
				rule: `must not repeat the cell of line ${first} (same population, variant, allocation, batch, replicas, knobs and workload)`,
			});
	});
}

function refuseUndeclared(file: string, cells: readonly EvidenceCell[], { flags }: ProvenanceFile): void {
	const rule = "must be declared in provenance.yaml, with its meaning and severity";
	attemptAll(cells, ({ line, flags: used }) => {
		const value = used.find((flag) => !flags.some(({ name }) => name === flag));
		if (value !== undefined) throw new InputError({ file, line, field: "flags", rule, value });
	});
}

/** Rows of one cell become one cell with the mean of what was measured, their number and the energy's deviation. */
function averaged(cells: readonly EvidenceCell[]): EvidenceCell[] {
	return [...groupBy(cells, keyOf).values()].map((rows) => {
		const sound = rows.filter(({ energy }) => energy.status === "available");
		const [first] = sound.length > 0 ? sound : rows;
		if (first === undefined || rows.length === 1) return first as EvidenceCell;
		return {
			...first,
			...meanOf(sound, "latency_s"),
			...meanOf(sound, "throughput_rps"),
			...(sound.length > 0 ? { energy: meanEnergy(sound.map(({ energy }) => energy)), repetitions: sound.length } : {}),
			flags: [...new Set((sound.length > 0 ? sound : rows).flatMap(({ flags }) => flags))],
		};
	});
}

function meanOf(cells: readonly EvidenceCell[], field: "latency_s" | "throughput_rps"): Partial<EvidenceCell> {
	const values = cells.flatMap((cell) => cell[field] ?? []);
	return values.length === 0 ? {} : { [field]: mean(values) };
}

function meanEnergy(energies: readonly CellEnergy[]): CellEnergy {
	const known = energies.flatMap((energy) => (energy.status === "available" ? [energy] : []));
	const [first] = known as [Extract<CellEnergy, { status: "available" }>];
	const perRequest = known.map(({ energy_j_per_request }) => energy_j_per_request);
	const powers = known.flatMap(({ power_w }) => power_w ?? []);
	return {
		...first,
		energy_j_per_request: mean(perRequest),
		energy_j_per_batch: mean(known.map(({ energy_j_per_batch }) => energy_j_per_batch)),
		...(powers.length === 0 ? {} : { power_w: mean(powers) }),
		...(known.length > 1 ? { energy_sd_j_per_request: sampleStandardDeviation(perRequest) } : {}),
	};
}
