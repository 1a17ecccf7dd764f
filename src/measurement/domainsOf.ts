import type { MeterReading } from "./records.js";

/**
 * What a reading's total counts, in words that are equal where it is the same: the names of its domains. A model's shares
 * of containers come and go with them, and journals of an earlier version have no names: there it is what they cover.
 */
export function domainsOf({ domains, covers, kind }: Extract<MeterReading, { status: "reading" }>): string {
	const counted = kind === "measured" ? (domains ?? []).filter(({ inTotal }) => inTotal) : [];
	const names = counted.length === 0 ? covers : counted.map(({ domain }) => domain);
	return [...names].sort().join(", ");
}
