import { csvField } from "../datasets/csv.js";
import { type ProgramMeasured, type ProgramQuantity, programQuantities } from "../measurement/measureProgram.js";
import { significant } from "./format.js";
import { type Column, type Table, table, tableText } from "./table.js";

const columns: readonly Column<ProgramQuantity>[] = [
	{ title: "of a run", of: ({ quantity }) => quantity },
	{
		title: "mean",
		of: ({ value, unit }) => (value.status === "available" ? quantity(value.value.mean, unit) : "unavailable"),
	},
	{
		title: "interval (0.95)",
		of: ({ value, unit }) =>
			value.status === "available" && value.value.low !== undefined && value.value.high !== undefined
				? `${quantity(value.value.low, unit)} to ${quantity(value.value.high, unit)}`
				: undefined,
	},
	{ title: "by", of: ({ source, kind }) => (kind === "measured" ? source : `${source}, ${kind}`) },
	{ title: "why not", of: ({ value }) => (value.status === "unavailable" ? value.reason : undefined) },
];

function quantity(value: number, unit: string): string {
	return `${significant(value)} ${unit}`;
}

/** Time, CPU time and energy of a run of a program, each with its interval and source. */
export function programTable(measured: ProgramMeasured): Table {
	return table(programQuantities(measured), columns);
}

/** The same for a terminal, with what the table is of and what could not be read. */
export function programText(measured: ProgramMeasured): string {
	const { command, windows, runs, unavailable, energy } = measured;
	return [
		command.join(" "),
		`${runs} runs in ${windows} windows`,
		...tableText(programTable(measured)),
		...(energy.length > 0
			? []
			: ["energy unavailable:", ...unavailable.map(({ probe, reason }) => `  ${probe}: ${reason}`)]),
	].join("\n");
}

/** The same as Markdown. */
export function programMarkdown(measured: ProgramMeasured): string {
	const { titles, rows } = programTable(measured);
	const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
	return `${[
		`\`${measured.command.join(" ")}\`, ${measured.runs} runs in ${measured.windows} windows`,
		"",
		line(titles),
		line(titles.map(() => "---")),
		...rows.map((row) => line(row.map(({ text }) => text))),
	].join("\n")}\n`;
}

/** The same as CSV, unrounded: a row a quantity. */
export function programCsv(measured: ProgramMeasured): string {
	const rows = programQuantities(measured).map(({ quantity: name, unit, value, windows, kind, source }) => {
		const known = value.status === "available" ? value.value : undefined;
		const reason = value.status === "unavailable" ? value.reason : "";
		const number = (own: number | undefined) => (own === undefined || Number.isNaN(own) ? "" : own);
		return [
			name,
			unit,
			known?.mean ?? "unavailable",
			number(known?.sd),
			known?.low ?? "",
			known?.high ?? "",
			windows,
			kind,
			source,
			reason,
		];
	});
	const titles = ["quantity", "unit", "mean", "sd", "low", "high", "windows", "kind", "source", "reason"];
	return `${[titles, ...rows].map((row) => row.map(csvField).join(",")).join("\n")}\n`;
}
