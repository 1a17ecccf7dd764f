import { basename } from "node:path";
import { checkPowerLog, type PowerLimits, type PowerLog, powerLimits } from "../deployment/powerLog.js";
import { parsePerfIntervals } from "../energy/perfIntervals.js";
import { groupBy } from "../group.js";
import { type CsvRow, csvTable } from "./csv.js";
import { numberField, optionalColumn } from "./field.js";
import { readBytes } from "./file.js";
import { gunzip } from "./gunzip.js";

/** The recordings of an interval log, checked: a table's by run; perf's under the file's name, several with #1, #2. */
export async function readPowerLogs(file: string, limits: PowerLimits = powerLimits): Promise<PowerLog[]> {
	const bytes = gunzip(file, await readBytes(file));
	const text = bytes.toString("utf8");
	if (/^[^\n]*\bt_log_s\b/.test(text)) return sampleLogs(file, csvTable(file, bytes).rows, limits);
	const recordings = parsePerfIntervals(file, text);
	const name = basename(file).replace(/\.(gz|txt|csv|json|log)+$/, "");
	return recordings.map((recording, i) =>
		checkPowerLog({ ...recording, name: recordings.length === 1 ? name : `${name}#${i + 1}` }, limits),
	);
}

function sampleLogs(file: string, rows: readonly CsvRow[], limits: PowerLimits): PowerLog[] {
	const column = (own: readonly CsvRow[], name: string) =>
		Float64Array.from(own, (row) => numberField(row, name, "none"));
	return [...groupBy(rows, (row) => optionalColumn(row, "run") ?? basename(file))].map(([name, own]) =>
		checkPowerLog(
			{
				name,
				end_s: column(own, "t_log_s"),
				package_j: column(own, "pkg_j"),
				...(own[0]?.values.dram_j === undefined ? {} : { dram_j: column(own, "dram_j") }),
			},
			limits,
		),
	);
}
