import type { CsvTable } from "../datasets/csv.js";
import { numberField } from "../datasets/field.js";

/** A figure of the paper's tables (data/raw/ipa-paper), or undefined where the paper prints none. */
export function publishedFigure(
	{ rows }: CsvTable,
	table: string,
	entity: string,
	attribute: string,
): number | undefined {
	const row = rows.find(
		({ values }) => values.table === table && values.entity === entity && values.attribute === attribute,
	);
	return row === undefined || row.values.value === "" ? undefined : numberField(row, "value", "none");
}

/** The same, where the figure must be there. Throws Error naming it. */
export function requiredFigure(paper: CsvTable, table: string, entity: string, attribute: string): number {
	const value = publishedFigure(paper, table, entity, attribute);
	if (value === undefined) throw new Error(`${paper.file} has no ${table}, ${entity}, ${attribute}`);
	return value;
}
