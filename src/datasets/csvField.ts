/** A spreadsheet takes what begins so for a formula, and runs it. */
const formula = /^'*[=+\-@\t\r]/;

/**
 * A value as a field of comma-separated text (RFC 4180): quoted where it must be; nothing for undefined. A text that a
 * spreadsheet would take for a formula gets an apostrophe in front, which the spreadsheet takes for text and `plainField`
 * takes away again; a number stays one.
 */
export function csvField(value: unknown): string {
	if (value === undefined) return "";
	const given = String(value);
	const text = formula.test(given) && !Number.isFinite(Number(given)) ? `'${given}` : given;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A field's text without the apostrophe that csvField puts in front of a formula. */
export function plainField(text: string): string {
	return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}
