/** A value as a field of comma-separated text (RFC 4180): quoted where it must be; nothing for undefined. */
export function csvField(value: unknown): string {
	if (value === undefined) return "";
	const text = String(value);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
