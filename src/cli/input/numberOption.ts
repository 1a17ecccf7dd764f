import { parseDecimal, type Range, rangeFault } from "../../datasets/csv.js";
import { InputError } from "../../errors.js";

/**
 * The number that an option of the command line gives: a plain decimal, so that an empty text is no 0 and 0x10 no 16.
 *
 * @param option as it is typed, `--rate`; the message names it
 * @param given undefined where the option was not given, and so is then the answer
 * @throws InputError where it is no number, or out of range
 */
export function numberOption(option: string, given: string, range?: Range): number;
export function numberOption(option: string, given: string | undefined, range?: Range): number | undefined;
export function numberOption(option: string, given: string | undefined, range: Range = "none"): number | undefined {
	if (given === undefined) return undefined;
	const value = parseDecimal(given) ?? Number.NaN;
	const rule = rangeFault(range, value);
	if (rule !== undefined) throw new InputError({ file: "command line", field: option, rule, value: given });
	return value;
}
