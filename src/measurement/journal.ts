import {
	closeSync,
	existsSync,
	fsyncSync,
	ftruncateSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	statSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { fileFault } from "./fileFault.js";
import { takeLock } from "./lock.js";
import { type Plan, planHash } from "./plan.js";
import { type Header, type JournalRecord, recordSchema } from "./records.js";
import type { Shard } from "./shard.js";

/** A journal open for a run: what it held when it was opened, and how to add to it. */
export interface Journal {
	readonly file: string;
	readonly records: readonly JournalRecord[];
	/** Bytes of a torn last line (a run killed while it wrote) that were set aside in `<file>.torn`. */
	readonly torn: number;
	/** Returns when the record is on the disk. */
	readonly append: (record: JournalRecord) => void;
	readonly close: () => void;
}

/**
 * Opens the journal of a plan's shard, creating it where there is none. Takes the journal's lock.
 * Throws InputError where another run holds it, where it belongs to another plan or shard, where a line is damaged, or
 * where it cannot be written; so does `append`.
 */
export function openJournal(file: string, plan: Plan, shard: Shard): Journal {
	let release = () => {};
	try {
		makeFolder(dirname(file));
		release = takeLock(`${file}.lock`);
		if (!existsSync(file)) createJournal(file, plan, shard);
		const { records, whole, torn } = readJournalBytes(file);
		checkHeader(file, records[0], plan, shard);
		const handle = openSync(file, "r+");
		if (torn.length > 0) {
			writeFileSync(`${file}.torn`, torn, { flag: "a" });
			ftruncateSync(handle, whole);
			fsyncSync(handle);
		}
		let end = whole;
		return {
			file,
			records,
			torn: torn.length,
			append: (record) => {
				const line = Buffer.from(`${JSON.stringify(record)}\n`);
				try {
					writeWhole(handle, line, end);
					fsyncSync(handle);
				} catch (error) {
					throw fileFault(file, error);
				}
				end += line.length;
			},
			close: () => {
				closeSync(handle);
				release();
			},
		};
	} catch (error) {
		release();
		throw fileFault(file, error);
	}
}

/** Folder by folder: of a read-only file system Node's recursive one says that there is no such folder. */
function makeFolder(folder: string): void {
	if (existsSync(folder) && statSync(folder).isDirectory()) return;
	if (dirname(folder) !== folder) makeFolder(dirname(folder));
	try {
		mkdirSync(folder);
	} catch (error) {
		// Another run may have made it in between.
		if (!(existsSync(folder) && statSync(folder).isDirectory())) throw error;
	}
}

/** The records of a journal's whole lines; a torn last line is left out. Throws InputError naming the damaged line. */
export function readJournal(file: string): readonly JournalRecord[] {
	return readJournalBytes(file).records;
}

function readJournalBytes(file: string) {
	const bytes = readFileSync(file);
	// A line counts once its newline is there: the write of a killed run may have stopped anywhere before.
	const whole = bytes.lastIndexOf(10) + 1;
	const lines = bytes.subarray(0, whole).toString("utf8").split("\n").slice(0, -1);
	const records = lines.map((line, i) => recordOf(file, line, i + 1));
	return { records, whole, torn: bytes.subarray(whole) };
}

function recordOf(file: string, line: string, number: number): JournalRecord {
	let content: unknown;
	try {
		content = JSON.parse(line);
	} catch (cause) {
		throw new InputError({ file, line: number, rule: "must be a JSON record", value: line }, { cause });
	}
	const result = recordSchema.safeParse(content);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new InputError({
		file,
		line: number,
		field: issue?.path.join(".") ?? "",
		rule: issue?.message ?? "must be a journal's record",
	});
}

/** The header is there whole before the journal has its name. */
function createJournal(file: string, plan: Plan, shard: Shard): void {
	const header: Header = {
		type: "header",
		version: 1,
		plan_hash: planHash(plan),
		plan,
		seed: plan.seed,
		shard: { ...shard },
	};
	const handle = openSync(`${file}.part`, "w");
	writeWhole(handle, Buffer.from(`${JSON.stringify(header)}\n`), 0);
	fsyncSync(handle);
	closeSync(handle);
	renameSync(`${file}.part`, file);
	const folder = openSync(dirname(file), "r");
	fsyncSync(folder);
	closeSync(folder);
}

function checkHeader(file: string, header: JournalRecord | undefined, plan: Plan, shard: Shard): void {
	if (header?.type !== "header")
		throw new InputError({ file, line: 1, rule: "must begin with a journal's header", value: header?.type });
	if (header.plan_hash !== planHash(plan))
		throw new InputError({
			file,
			line: 1,
			field: "plan_hash",
			rule: `must be ${planHash(plan).slice(0, 12)}..., that of plan ${plan.name}: this journal belongs to another plan (measure into another folder)`,
			value: `${header.plan_hash.slice(0, 12)}...`,
		});
	if (header.shard.index !== shard.index || header.shard.count !== shard.count)
		throw new InputError({
			file,
			line: 1,
			field: "shard",
			rule: `must be ${shard.index}/${shard.count}`,
			value: `${header.shard.index}/${header.shard.count}`,
		});
}

function writeWhole(handle: number, bytes: Buffer, position: number): void {
	for (let done = 0; done < bytes.length; )
		done += writeSync(handle, bytes, done, bytes.length - done, position + done);
}
