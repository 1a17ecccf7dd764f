import type { Evidence, EvidenceCell } from "./evidence.js";

/** Which cells of a dataset an analysis uses: all that are not faulty, or only those that no flag makes suspect. */
export type Selection = "clean" | "with-suspect";

/** Cells that an analysis uses, and how many it leaves out, by reason. */
export interface Admitted {
	readonly cells: readonly EvidenceCell[];
	readonly leftOut: Readonly<Record<string, number>>;
}

/**
 * The cells whose energy may be evidence: available, measured or digitised (never modelled), not marked faulty, and,
 * for the selection `clean`, not marked suspect. Which flag means what is declared by the provenance file.
 */
export function admissible({ provenance, cells }: Evidence, selection: Selection): Admitted {
	const severity = new Map(provenance.flags.map((flag) => [flag.name, flag.severity]));
	const leftOut: Record<string, number> = {};
	const kept = cells.filter((cell) => {
		const reason = reasonToLeaveOut(cell, severity, selection);
		if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
		return reason === undefined;
	});
	return { cells: kept, leftOut };
}

function reasonToLeaveOut(
	cell: EvidenceCell,
	severity: ReadonlyMap<string, "fault" | "suspect">,
	selection: Selection,
): string | undefined {
	if (cell.energy.status === "unavailable") return `energy unavailable: ${cell.energy.reason}`;
	if (cell.energy.kind === "modelled") return "energy modelled";
	for (const flag of cell.flags) {
		// A flag that the provenance file does not declare is treated as a fault: unknown trouble is not evidence.
		const level = severity.get(flag) ?? "fault";
		if (level === "fault" || selection === "clean") return `flag ${flag}`;
	}
	return undefined;
}
