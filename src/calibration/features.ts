import type { CalibrationCell } from "./cells.js";

/** What the predictor knows of every cell, as columns. Columns that do not vary are left out. */
export interface Features {
	readonly count: number;
	readonly numeric: readonly string[];
	/** count x numeric, row by row, each column with mean 0 and standard deviation 1. */
	readonly values: Float64Array;
	readonly categorical: readonly string[];
	/** count x categorical, row by row: the level of each. */
	readonly levels: Int32Array;
	/** The combination of all text knobs, the variant left out: how the machine is driven. */
	readonly modes: Int32Array;
}

/**
 * Columns of the cells: logarithms of allocation, batch, latency, throughput and an earlier calibration's power; accuracy;
 * numeric knobs (logarithms where all are above 0); the variant and text knobs as categories. A numeric knob that a cell
 * lacks makes the knob a category.
 *
 * @example
 * features([
 *   { id: "a", variant: "x", allocation: 1, batch: 1, knobs: {}, latency_s: 0.1, throughput_rps: 10 },
 *   { id: "b", variant: "x", allocation: 2, batch: 1, knobs: {}, latency_s: 0.1, throughput_rps: 10 },
 * ]).numeric; // ["allocation"]
 */
export function features(cells: readonly CalibrationCell[]): Features {
	const numeric: { name: string; column: number[] }[] = [];
	const categorical: { name: string; column: string[] }[] = [];
	const addNumeric = (name: string, column: number[]) => {
		const logarithmic = column.every((value) => value > 0) && name !== "accuracy_pct";
		const scaled = standardised(logarithmic ? column.map(Math.log) : column);
		// One stream of batches has its latency's inverse for a throughput: the same column twice says nothing more.
		const twice = numeric.some(({ column: other }) =>
			other.every((value, i) => Math.abs(Math.abs(value) - Math.abs(scaled?.[i] ?? 0)) < 1e-3),
		);
		if (scaled !== undefined && !twice) numeric.push({ name, column: scaled });
	};
	addNumeric(
		"allocation",
		cells.map(({ allocation }) => allocation),
	);
	addNumeric(
		"batch",
		cells.map(({ batch }) => batch),
	);
	addNumeric(
		"latency_s",
		cells.map(({ latency_s }) => latency_s),
	);
	addNumeric(
		"throughput_rps",
		cells.map(({ throughput_rps }) => throughput_rps),
	);
	addWhereKnown("accuracy_pct", ({ accuracy_pct }) => accuracy_pct);
	addWhereKnown("prior_power_w", ({ prior_power_w }) => prior_power_w);
	categorical.push({ name: "variant", column: cells.map(({ variant }) => variant) });
	for (const name of new Set(cells.flatMap(({ knobs }) => Object.keys(knobs)))) {
		const values = cells.map(({ knobs }) => knobs[name]);
		if (values.every((value) => typeof value === "number")) addNumeric(name, values);
		else categorical.push({ name, column: values.map((value) => `${typeof value} ${value}`) });
	}
	const varying = categorical.filter(({ column }) => new Set(column).size > 1);
	const values = new Float64Array(cells.length * numeric.length);
	const levels = new Int32Array(cells.length * varying.length);
	numeric.forEach(({ column }, d) => {
		column.forEach((value, i) => {
			values[i * numeric.length + d] = value;
		});
	});
	varying.forEach(({ column }, d) => {
		const known = [...new Set(column)];
		column.forEach((value, i) => {
			levels[i * varying.length + d] = known.indexOf(value);
		});
	});
	const modes = cells.map((_, i) =>
		varying.map(({ name, column }) => (name === "variant" ? "" : column[i])).join("\n"),
	);
	const knownModes = [...new Set(modes)];
	return {
		count: cells.length,
		modes: Int32Array.from(modes, (mode) => knownModes.indexOf(mode)),
		numeric: numeric.map(({ name }) => name),
		values,
		categorical: varying.map(({ name }) => name),
		levels,
	};

	function addWhereKnown(name: string, of: (cell: CalibrationCell) => number | undefined): void {
		const known = cells.flatMap((cell) => of(cell) ?? []);
		// A cell that lacks the value gets the mean of the others: it then says nothing of it.
		const mean = known.reduce((total, value) => total + value, 0) / Math.max(1, known.length);
		if (known.length > 1)
			addNumeric(
				name,
				cells.map((cell) => of(cell) ?? mean),
			);
	}
}

function standardised(column: readonly number[]): number[] | undefined {
	const mean = column.reduce((total, value) => total + value, 0) / column.length;
	const sd = Math.sqrt(column.reduce((total, value) => total + (value - mean) ** 2, 0) / column.length);
	return sd > 1e-9 * Math.max(1, Math.abs(mean)) ? column.map((value) => (value - mean) / sd) : undefined;
}
