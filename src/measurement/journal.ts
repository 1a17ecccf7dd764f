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
import { checked } from "../datasets/checked.js";
import { InputError } from "../errors.js";
import { type Lock, takeLock } from "./lock.js";
import { type Plan, planHash } from "./plan.js";
import type { Shard } from "./planCells.js";
import { type Header, type JournalRecord, recordSchema } from "./records.js";

/**
 * What the file system refused (a full disk, a folder that is read-only or a file), as an error of the user's file; any
 * other error as it is.
 */
export function fileFault(file: string, error: unknown): unknown {
	const { code, syscall, path, message } = error as NodeJS.ErrnoException;
	if (!(error instanceof Error) || code === undefined || syscall === undefined) return error;
	// "ENOSPC: no space left on device, write": the words between.
	const why = message.replace(/^\w+: /, "").replace(/, \w+( '.*)?$/s, "");
	return new InputError({ file: path ?? file, rule: `must be writable: ${why} (${code})` }, { cause: error });
}

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
	let lock: Lock | undefined;
	try {
		makeFolder(dirname(file));
		lock = takeLock(`${file}.lock`);
		const { check, release } = lock;
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
				const line = Buffer.from(`${readable(file, record)}\n`);
				try {
					check();
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
		lock?.release();
		throw fileFault(file, error);
	}
}

/** The line of a record that can be read back: JSON has no Infinity, and what the schema refuses would end every later run. */
function readable(file: string, record: JournalRecord): string {
	return JSON.stringify(checked(recordSchema, JSON.parse(JSON.stringify(record)), file));
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

/**
 * The records of a journal's whole lines; a torn last line is left out. Throws InputError naming the line that is damaged,
 * or that does not go with the others.
 *
 * @example
 * const [first, ...records] = measurement.readJournal(`${datasets.dataRoot}/raw/video-quick/journal.jsonl`);
 * [first.type, first.plan.name]; // → ["header", "video-quick"]
 */
export function readJournal(file: string): readonly JournalRecord[] {
	return readJournalBytes(file).records;
}

/** The records of a journal that ended by itself, below its header. Throws InputError as `readJournal`, and for a torn line. */
export function readWholeJournal(file: string): {
	readonly header: Header;
	readonly records: readonly JournalRecord[];
} {
	const { records, torn } = readJournalBytes(file);
	if (torn.length > 0)
		throw new InputError({ file, line: records.length + 1, rule: "must match whole journals: the last line is torn" });
	const [header] = records;
	if (header?.type !== "header") throw new InputError({ file, line: 1, rule: "must begin with a journal's header" });
	return { header, records };
}

function readJournalBytes(file: string) {
	let bytes: Buffer;
	try {
		bytes = readFileSync(file);
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		throw new InputError({ file, rule: `must be a journal that can be read (${code})` }, { cause });
	}
	// A line counts once its newline is there: the write of a killed run may have stopped anywhere before.
	const whole = bytes.lastIndexOf(10) + 1;
	const lines = bytes.subarray(0, whole).toString("utf8").split("\n").slice(0, -1);
	const records = lines.map((line, i) => recordOf(file, line, i + 1));
	checkRecords(file, records);
	return { records, whole, torn: bytes.subarray(whole) };
}

/** Throws InputError where records do not go together: a second header, a session that is not there, one measured twice. */
function checkRecords(file: string, records: readonly JournalRecord[]): void {
	const lineOf = new Map<string, number>();
	let sessions = 0;
	records.forEach((record, i) => {
		const fault = (field: string, rule: string, value?: unknown) =>
			new InputError({ file, line: i + 1, field, rule, ...(value === undefined ? {} : { value }) });
		if (record.type === "header" && i > 0) throw fault("type", "must not be a second header");
		if (record.type === "session") sessions += 1;
		if (record.type !== "repetition" && record.type !== "control") return;
		if (record.type === "repetition" && record.session >= sessions)
			throw fault("session", `must be one of the ${sessions} sessions above it`, record.session);
		const key =
			record.type === "repetition"
				? `repetition ${record.repetition} of ${record.cell}`
				: `control ${record.position} of block ${record.block}`;
		const first = lineOf.get(key);
		if (first !== undefined) throw fault(record.type, `must not be measured twice: ${key} stands on line ${first}`);
		lineOf.set(key, i + 1);
	});
}

function recordOf(file: string, line: string, number: number): JournalRecord {
	let content: unknown;
	try {
		content = JSON.parse(line);
	} catch (cause) {
		throw new InputError({ file, line: number, rule: "must be a JSON record", value: line }, { cause });
	}
	return checked(recordSchema, content, file, { line: number });
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
	try {
		writeWhole(handle, Buffer.from(`${JSON.stringify(header)}\n`), 0);
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
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
