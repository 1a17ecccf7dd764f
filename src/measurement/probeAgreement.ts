import { type Compared, checkRelations, type Relation } from "../energy/relations.js";
import { groupBy } from "../group.js";
import type { JournalRecord, MeterReading } from "./records.js";

/** How often a relation that is expected between two probes held, over the windows that both watched. */
export interface ProbeAgreement {
	readonly first: string;
	readonly second: string;
	readonly type: Relation["type"];
	readonly windows: number;
	readonly broken: number;
	/** The window in which it was broken by most; of the first where none is. */
	readonly example: string;
}

/** The agreement of probes over every window of a journal, idle baselines included. One probe alone has none. */
export function probeAgreement(records: readonly JournalRecord[]): readonly ProbeAgreement[] {
	const relations = records.flatMap((record) => {
		const readings =
			record.type === "idle"
				? record.readings
				: record.type === "repetition" || record.type === "control"
					? record.window.readings
					: [];
		return checkRelations(readings.flatMap(compared));
	});
	return [...groupBy(relations, ({ first, second, type }) => `${first} ${second} ${type}`).values()].map((own) => {
		const worst = own.reduce((a, b) => (excess(b) > excess(a) ? b : a));
		const { first, second, type } = worst;
		const broken = own.filter(({ status }) => status === "broken").length;
		return { first, second, type, windows: own.length, broken, example: worst.statement };
	});
}

/** By how much a relation is broken, as a share of its tolerance. */
function excess({ type, first_j, second_j, tolerance_j }: Relation): number {
	const apart_j = type === "same-counter" ? Math.abs(first_j - second_j) : second_j - first_j;
	return apart_j / tolerance_j;
}

/** A reading with its domains; journals of an earlier version have none. */
function compared(reading: MeterReading): Compared[] {
	if (reading.status !== "reading" || reading.domains === undefined || reading.resolution_j === undefined) return [];
	return [reading as Compared];
}
