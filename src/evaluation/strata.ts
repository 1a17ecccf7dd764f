import { groupBy } from "../group.js";
import { type EvidenceCell, populationOf } from "./evidence.js";

/** What varies within a stratum. `all`: everything, the pooled view within a population. */
export type Knob = string;

/** Cells of one population that agree on every factor but one. */
export interface Stratum {
	/** Indices into the cells given. */
	readonly members: readonly number[];
}

const baseKnobs: readonly Knob[] = ["batch", "variant", "allocation", "replicas"];

/** The knobs that vary in the cells, the pooled view first. */
export function knobsOf(cells: readonly EvidenceCell[]): Knob[] {
	const names = new Set<Knob>(baseKnobs);
	for (const cell of cells) for (const name of Object.keys(cell.knobs)) names.add(name);
	return ["all", ...[...names].filter((name) => new Set(cells.map((cell) => settingOf(cell, name))).size > 1)];
}

/**
 * The cells grouped so that only the knob varies within a group and nothing else does. Groups of a single cell say
 * nothing and are dropped. Populations are never mixed.
 */
export function strataOf(cells: readonly EvidenceCell[], knob: Knob): Stratum[] {
	const factors = knob === "all" ? [] : factorsOf(cells).filter((name) => name !== knob);
	const groups = groupBy(cells.keys(), (index) => {
		const cell = cells[index] as EvidenceCell;
		return JSON.stringify([cell.dataset, populationOf(cell), ...factors.map((name) => settingOf(cell, name))]);
	});
	return [...groups.values()]
		.filter((members) =>
			knob === "all"
				? members.length > 1
				: new Set(members.map((i) => settingOf(cells[i] as EvidenceCell, knob))).size > 1,
		)
		.map((members) => ({ members }));
}

/** What is resampled as a whole: the cells of one variant on one machine. */
export function clusterOf(cell: EvidenceCell): string {
	return JSON.stringify([cell.dataset, populationOf(cell), cell.variant]);
}

function factorsOf(cells: readonly EvidenceCell[]): Knob[] {
	return [...new Set([...baseKnobs, ...cells.flatMap((cell) => Object.keys(cell.knobs))])];
}

function settingOf(cell: EvidenceCell, knob: Knob): string | number {
	switch (knob) {
		case "batch":
			return cell.batch;
		case "variant":
			return cell.variant;
		case "allocation":
			return cell.allocation;
		case "replicas":
			return cell.replicas;
		default:
			return cell.knobs[knob] ?? "";
	}
}
