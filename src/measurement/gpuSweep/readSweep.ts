import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { InputError } from "../../errors.js";
import {
	type SweepCall,
	type SweepFailed,
	type SweepHeader,
	type SweepIdle,
	type SweepWindow,
	sweepRecordSchema,
} from "./records.js";

/** A journal of python/video_gpu/sweep.py. */
export interface SweepJournal {
	readonly file: string;
	/** As the file has it, without a last line that was not finished. */
	readonly text: string;
	readonly header: SweepHeader;
	readonly calls: readonly SweepCall[];
	readonly idles: readonly SweepIdle[];
	/** One a key, controls included. */
	readonly windows: readonly SweepWindow[];
	/** Windows that failed and were not measured later. */
	readonly failed: readonly SweepFailed[];
}

/**
 * Reads journals of one sweep: several where it was measured on several GPUs of one model, with seeds of their own.
 *
 * @throws InputError naming the damaged line, or what one journal has otherwise than the first
 */
export async function readSweeps(files: readonly string[]): Promise<readonly [SweepJournal, ...SweepJournal[]]> {
	const [first, ...rest] = await Promise.all(files.map(readSweep));
	if (first === undefined) throw new InputError({ file: "sweep", rule: "needs a journal" });
	for (const other of rest)
		for (const [field, own, theirs] of comparable(first.header, other.header))
			if (!isDeepStrictEqual(own, theirs))
				throw new InputError({
					file: other.file,
					line: 1,
					field,
					rule: `must be as in ${first.file}: ${JSON.stringify(own)}`,
					value: theirs,
				});
	const gpus = [first, ...rest].map(({ header }) => `${header.gpu.uuid} seed ${header.seed}`);
	gpus.forEach((gpu, i) => {
		if (gpus.indexOf(gpu) < i)
			throw new InputError({
				file: files[i] as string,
				line: 1,
				rule: "must not repeat GPU and seed of another",
				value: gpu,
			});
	});
	return [first, ...rest];
}

function comparable(a: SweepHeader, b: SweepHeader): readonly (readonly [string, unknown, unknown])[] {
	return [
		["device", a.device, b.device],
		["gpu.name", a.gpu.name, b.gpu.name],
		["gpu.driver", a.gpu.driver, b.gpu.driver],
		["software", a.software, b.software],
		["window_s", a.window_s, b.window_s],
		["idle_s", a.idle_s, b.idle_s],
		["grid", a.grid, b.grid],
	];
}

async function readSweep(file: string): Promise<SweepJournal> {
	const content = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
		throw new InputError({ file, rule: `must be a file that can be read (${cause.code})` }, { cause });
	});
	const text = content.slice(0, content.lastIndexOf("\n") + 1);
	const records = text
		.split("\n")
		.slice(0, -1)
		.map((line, i) => recordOf(file, line, i + 1));
	const [header] = records;
	if (header?.type !== "header") throw new InputError({ file, line: 1, rule: "must be the header of a sweep" });
	for (const [name, { counted, published }] of Object.entries(header.parameters))
		if (counted !== published)
			throw new InputError({
				file,
				line: 1,
				field: `parameters.${name}`,
				rule: `must be as published: ${published}`,
				value: counted,
			});
	const windows = new Map<string, SweepWindow>();
	records.forEach((record, i) => {
		if (record.type === "header" && i > 0)
			throw new InputError({ file, line: i + 1, rule: "must not be a second header" });
		if (record.type !== "window") return;
		if (windows.has(record.key))
			throw new InputError({ file, line: i + 1, field: "key", rule: "must not be measured twice", value: record.key });
		windows.set(record.key, record);
	});
	return {
		file,
		text,
		header,
		calls: records.filter((record) => record.type === "call"),
		idles: records.filter((record) => record.type === "idle"),
		windows: [...windows.values()],
		failed: records.filter((record) => record.type === "failed").filter(({ key }) => !windows.has(key)),
	};
}

function recordOf(file: string, line: string, number: number) {
	let content: unknown;
	try {
		content = JSON.parse(line);
	} catch (cause) {
		throw new InputError({ file, line: number, rule: "must be a JSON record", value: line }, { cause });
	}
	const result = sweepRecordSchema.safeParse(content);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new InputError({
		file,
		line: number,
		field: issue?.path.join(".") ?? "",
		rule: issue?.message ?? "must be a record of a sweep",
	});
}
