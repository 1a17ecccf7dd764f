/** How numbers become words: the one file that rounds, last of all and for people. */

/** How a number is written. */
export type Format = (value: number) => string;

/**
 * A number to so many significant digits, without zeros at its end; whole numbers below 1e9 in full.
 *
 * @example
 * report.significant(0.0123456); // → "0.01235"
 * report.significant(1234567); // → "1234567"
 */
export function significant(value: number, digits = 4): string {
	if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value + 0);
	return String(Number(value.toPrecision(digits)));
}

/**
 * A format of so many decimals, in units of `unit`: `decimals(1, 1000)` writes joules as kJ, `decimals(1, 0.01)` shares
 * as percent.
 *
 * @example
 * report.decimals(1, 1000)(12345); // → "12.3"
 * report.decimals(2)(-0.001); // → "0.00"
 */
export function decimals(places: number, unit = 1): Format {
	return (value) => (value / unit).toFixed(places).replace(/^-(0(\.0*)?)$/, "$1");
}

/**
 * A share as a percentage: of so many decimals, or of two or three significant digits.
 *
 * @example
 * report.percent(0.0312); // → "3.1 %"
 * report.percent(0.5, 1); // → "50.0 %"
 */
export function percent(share: number, places?: number): string {
	if (places !== undefined) return `${decimals(places, 0.01)(share)} %`;
	const value = 100 * share;
	return `${value >= 10 || value === 0 ? Math.round(value) : significant(value, 2)} %`;
}

/** `low to high`, both in one format. */
export function range(low: number, high: number, format: Format = significant): string {
	return `${format(low)} to ${format(high)}`;
}

/** A number for a figure: more digits than a line shows would only make a notebook larger. */
export function drawn(value: number, digits = 5): number {
	return Number(value.toPrecision(digits));
}

/** A whole number with commas between its thousands. */
export function thousands(value: number): string {
	return value.toLocaleString("en");
}
