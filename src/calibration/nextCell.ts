import type { Random } from "../random.js";
import { knowledgeGradient, oddCellGains } from "./acquisition.js";
import { type Belief, chosen } from "./belief.js";
import { ownDeviation, type Posterior } from "./posterior.js";
import { anyUnmeasured, expectedImprovement, spaceFilling } from "./rivals.js";
import type { Scenario } from "./scenarios.js";

/** How the next cell is chosen: ours, and the three that it is held against. */
export type Method = "knowledge-gradient" | "expected-improvement" | "space-filling" | "random";

/** What the next cell depends on. */
export interface NextCellOptions {
	readonly method: Method;
	/** Every so many cells the one of the widest interval: 2 for a map of all cells; never by default. */
	readonly widestEvery?: number;
	/** The least standard deviation that a cell's own deviation is given, on the log scale. */
	readonly leastDeviation: number;
	/** Mean chance, over the scenarios, that another cell is better; 1 before there is one. */
	readonly doubt: number;
}

/**
 * The cell to measure next: one that is not measured, or, by the knowledge gradient, one whose noise is what is in doubt.
 * Undefined where nothing is left to measure.
 */
export function nextCell(
	posterior: Posterior,
	belief: Belief,
	scenarios: readonly Scenario[],
	{ method, widestEvery = Number.POSITIVE_INFINITY, leastDeviation, doubt }: NextCellOptions,
	random: Random,
): number | undefined {
	const n = posterior.measured.length;
	if (method === "random") return anyUnmeasured(belief, random);
	if (n === 0) return method === "space-filling" ? anyUnmeasured(belief, random) : mostChosen(belief, scenarios);
	if (method === "space-filling") return largest(spaceFilling(posterior.family.features, posterior.measured), belief);
	if (method === "expected-improvement") return largest(expectedImprovement(belief, scenarios), belief);
	if (n % widestEvery === widestEvery - 1) return widest(belief);
	// Where little but odd cells is left to doubt, they are looked for as hard as the stop fears them.
	const own = ownDeviation(posterior);
	const odd = oddCellGains(belief, scenarios, doubt < oddCellsLeft ? Math.max(own, leastDeviation) : own);
	const gains = knowledgeGradient(posterior, belief, scenarios, random);
	return largest(
		gains.map((gain, i) => gain + oddWeight * (odd[i] as number)),
		belief,
	);
}

/** Weight of what odd cells are worth beside the knowledge gradient: at 1 they cost EdgeTune's server cells, at 0 gaissa's CPU. */
const oddWeight = 0.3;

/** Mean chance of another choice below which the doubt is of odd cells. */
const oddCellsLeft = 0.05;

/** Before any energy: the cell that most scenarios would choose if power were the same everywhere. */
function mostChosen({ energy_j }: Belief, scenarios: readonly Scenario[]): number {
	const votes = new Map<number, number>();
	for (const scenario of scenarios) {
		const priceless = { ...scenario, penalties_j: new Float64Array(scenario.cells.length) };
		const cell = scenario.cells[chosen(priceless, energy_j)] as number;
		votes.set(cell, (votes.get(cell) ?? 0) + 1);
	}
	return [...votes].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

/** The cell of the largest score; where none is worth anything, the one of the widest interval. */
function largest(scores: ArrayLike<number>, belief: Belief): number | undefined {
	let best: number | undefined;
	let most = 1e-9;
	for (let i = 0; i < belief.measured.length; i++)
		if ((scores[i] as number) > most) {
			most = scores[i] as number;
			best = i;
		}
	return best ?? widest(belief);
}

function widest({ measured, variance }: Belief): number | undefined {
	let best: number | undefined;
	for (let i = 0; i < measured.length; i++)
		if (measured[i] === 0 && (best === undefined || (variance[i] as number) > (variance[best] as number))) best = i;
	return best;
}
