import type { Evidence, EvidenceCell } from "../../evaluation/evidence.js";
import { groupBy } from "../../group.js";
import { weakestKind } from "../../units.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";

/** Latency of a batch against its size, a figure for each population of a data set: a line a variant and allocation. */
export function latencyLines(evidence: Evidence): Figure[] {
	return [...groupBy(evidence.cells, ({ population }) => population)].map(([population, cells]) =>
		figureOf(evidence, population, cells),
	);
}

function figureOf({ provenance }: Evidence, population: string, cells: readonly EvidenceCell[]): Figure {
	const timed = cells.flatMap((cell) => (cell.latency_s === undefined ? [] : [{ ...cell, latency_s: cell.latency_s }]));
	const dashes = ["solid", "dash", "dot"] as const;
	const allocations = [...new Set(timed.map(({ allocation }) => allocation))].sort((a, b) => a - b);
	return lines({
		title: "Latency over the batch",
		caption: `${population}. A line goes up more slowly than its batch where a larger batch serves more requests a second.`,
		kind: weakestKind(timed.map(({ kind }) => kind)),
		source: provenance.dataset,
		x: "batch (requests)",
		y: "latency of a batch (s)",
		log: "both",
		points: true,
		lines: [...groupBy(timed, ({ variant, allocation }) => JSON.stringify([variant, allocation])).values()].map(
			(own) => {
				const { variant, allocation } = own[0] as (typeof own)[number];
				const sorted = [...own].sort((a, b) => a.batch - b.batch);
				return {
					name: `${variant}, ${allocation} ${allocation === 1 ? "core" : "cores"}`,
					colour: variant,
					dash: dashes[allocations.indexOf(allocation) % dashes.length] ?? "solid",
					x: sorted.map(({ batch }) => batch),
					y: sorted.map(({ latency_s }) => latency_s),
				};
			},
		),
	});
}
