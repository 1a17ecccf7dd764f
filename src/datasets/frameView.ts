import { ceilings_w } from "../energy/plausible.js";
import { integrate, type PowerSample } from "../energy/powerSamples.js";
import { type Outcome, readingOf, refuse } from "../energy/reading.js";
import { InputError } from "../errors.js";
import { type CsvRow, numberField, parseDecimal, readCsv, textField } from "./csv.js";

/** Columns of power, the best first, and what a caveat says of each. */
const columns: readonly (readonly [string, string])[] = [
	["PCAT Power Total(W)", ""],
	["PCAT Power (Watts)", ""],
	["NV Pwr(W) (API)", "board power as the driver gives it, not the interposer's"],
	["GPUOnlyPwr(W) (API)", "power of the GPU's chip alone, without the board's memory and regulators"],
];

export interface FrameViewOptions {
	/** The part of the recording that counts, s of its own clock; default: all of it. */
	readonly from_s?: number;
	readonly until_s?: number;
	/** The column of power; default: the best that the recording has (PCAT before the driver's, board before chip). */
	readonly column?: string;
}

/**
 * Energy of a recording by FrameView with the PCAT interposer (`FrameView_<App>_..._Log.csv`), which is made on a
 * Windows bench machine: rows of `TimeInSeconds` and power, integrated by trapezoids. A row that says `NA` is left out,
 * and the gap that it leaves is refused where it is over a second.
 *
 * @throws InputError where the file is no such table, or a value is neither a number nor `NA`
 * @example
 * const { mkdtemp, writeFile } = await import("node:fs/promises");
 * const file = `${await mkdtemp(`${(await import("node:os")).tmpdir()}/ipa-`)}/FrameView_Log.csv`;
 * const rows = Array.from({ length: 11 }, (_, second) => `${second},200`);
 * await writeFile(file, `${["TimeInSeconds,PCAT Power Total(W)", ...rows].join("\n")}\n`);
 * (await datasets.frameViewReading(file)).energy_j; // → 2000
 */
export async function frameViewReading(file: string, options: FrameViewOptions = {}): Promise<Outcome> {
	const { from_s = Number.NEGATIVE_INFINITY, until_s = Number.POSITIVE_INFINITY } = options;
	const { header, rows } = await readCsv(file);
	const name = "frameview";
	const known = columns.filter(([column]) => header.includes(column) && (options.column ?? column) === column);
	if (known.length === 0)
		throw new InputError({
			file,
			line: 1,
			rule: `must have a column of power: ${columns.map(([column]) => column).join(", ")}`,
			...(options.column === undefined ? {} : { value: options.column }),
		});
	const used = known.find(([column]) => rows.some((row) => row.values[column] !== "NA"));
	if (used === undefined)
		return refuse(name, "not-supported", `${file}: ${known.map(([column]) => column).join(", ")} is NA all through`);
	const [column, meaning] = used;
	const samples = rows.flatMap((row): PowerSample[] => sampleOf(row, column));
	const within = samples.filter(({ time_s }) => time_s >= from_s && time_s <= until_s);
	const integral = integrate(within, { least: 10, longestGap_s: 1, ceiling_w: ceilings_w.board });
	if (integral.status === "fault") return refuse(name, integral.cause, `${file}: ${integral.reason}`);
	const missing = rows.length - samples.length;
	return readingOf(name, {
		domains: [
			{
				domain: column,
				covers: "board",
				energy_j: integral.energy_j,
				// As written, to a tenth of a watt or better.
				resolution_j: 0.1 * integral.duration_s,
				wraps: 0,
				inTotal: true,
			},
		],
		totalRule: `${column}, integrated by trapezoids`,
		duration_s: integral.duration_s,
		samples: within.length,
		caveats: [...(meaning === "" ? [] : [meaning]), ...(missing === 0 ? [] : [`${missing} rows without a power (NA)`])],
	});
}

function sampleOf(row: CsvRow, column: string): PowerSample[] {
	if (row.values[column] === "NA") return [];
	const time_s = numberField(row, "TimeInSeconds", "not negative");
	const shown = parseDecimal(textField(row, column)) ?? 0;
	// More than a board can draw is a number of the file all the same: the window is refused for it.
	return [{ time_s, power_w: shown > ceilings_w.board ? shown : numberField(row, column, "not negative") }];
}
