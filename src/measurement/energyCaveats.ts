import { max, mean } from "simple-statistics";
import { groupBy } from "../group.js";
import { percent } from "./percent.js";
import type { JournalRecord, MeterReading } from "./records.js";

/** A preferred probe's windows may be longer than the batches' by this share before it is said. */
const longer = 0.01;

/**
 * What the energy sources said of the windows of a run's repetitions, beyond their joules: each caveat and each refusal
 * with the number of its windows, how much of the preferred source's window lay outside of the batches, and what boards
 * have to do with the cells' energies.
 */
export function energyCaveats(journals: readonly (readonly JournalRecord[])[]): string[] {
	const windows = journals.flat().flatMap((record) => (record.type === "repetition" ? [record.window] : []));
	const readings = windows.flatMap((window) => window.readings);
	const found = [...groupBy(readings, ({ probe }) => probe)].flatMap(([probe, own]) => [
		...counted(own.flatMap((reading) => (reading.status === "reading" ? (reading.caveats ?? []) : []))).map(
			([caveat, many]) => `${probe}, in ${many} of ${own.length} windows: ${caveat}`,
		),
		...counted(own.flatMap((reading) => (reading.status === "refused" ? [causeOf(reading)] : []))).map(
			([cause, many]) => `${probe} gave no number in ${many} of ${own.length} windows: ${cause}`,
		),
	]);
	const over = windows.flatMap(({ readings: [first], elapsed_s }) =>
		first?.status === "reading" ? [first.duration_s / elapsed_s - 1] : [],
	);
	if (over.length > 0 && mean(over) > longer)
		found.push(
			`the energy source's windows were longer than the batches' by ${percent(mean(over))} on average, ${percent(max(over))} at most: what was drawn before and after is in the mean power, which is then too low`,
		);
	const [first] = windows.flatMap((window) => window.readings.slice(0, 1));
	const boards = new Set(readings.flatMap((entry) => (coversBoard(entry) ? [entry.probe] : [])));
	if (first?.status === "reading" && boards.size > 0 && !coversBoard(first) && !first.covers.includes("node"))
		found.push(
			`energies of boards (${[...boards].join(", ")}) are beside those of the cells and not in them: where the work runs on a board, name its probe first in the plan`,
		);
	if (first?.status === "reading" && first.covers.every((part) => part === "board"))
		found.push(
			`energies are of boards alone, ${chosen(first) ?? "all of the machine's, idle ones too"}; allocation and cost are still the plan's cores, not a number of boards`,
		);
	return found;
}

/** Who chose the boards, where anyone did: "those that the plan names, 1 of 2". */
function chosen({ totalRule = "" }: Extract<MeterReading, { status: "reading" }>): string | undefined {
	const [, by] = /^sum of the boards that (.* names, .*)$/.exec(totalRule) ?? [];
	return by === undefined ? undefined : `those that ${by}`;
}

function coversBoard(reading: MeterReading): boolean {
	return reading.status === "reading" && reading.covers.includes("board");
}

/** Reasons hold values that differ from window to window: they are counted by cause. */
function causeOf({ cause, reason }: Extract<MeterReading, { status: "refused" }>): string {
	return cause ?? reason;
}

function counted(texts: readonly string[]): [string, number][] {
	return [...groupBy(texts, (text) => text)].map(([text, own]) => [text, own.length]);
}
