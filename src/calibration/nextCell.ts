import type { Random } from "../random.js";
import { expectedImprovement, anyUnmeasured, spaceFilling } from "./rivals.js";
import { type Belief, chosen } from "./belief.js";
import { knowledgeGradient, oddCellGains } from "./acquisition.js";
import type { Posterior } from "./posterior.js";
import type { Scenario } from "./scenarios.js";

/** How the next cell is chosen: ours, and what it is held against. */
export type Method = "knowledge-gradient" | "expected-improvement" | "space-filling" | "random";

/** The cell to measure next, one that is not measured. */
export function nextCell(
	method: Method,
	posterior: Posterior,
	belief: Belief,
	scenarios: readonly Scenario[],
	{ widestEvery, leastDeviation }: { readonly widestEvery: number; readonly leastDeviation: number },
	doubt: number,
	random: Random,
): number {
	const n = posterior.measured.length;
	if (method === "random") return anyUnmeasured(belief, random);
	if (n === 0) return method === "space-filling" ? anyUnmeasured(belief, random) : mostChosen(belief, scenarios);
	if (method === "space-filling") return largest(spaceFilling(posterior.family.features, posterior.measured), belief);
	if (method === "expected-improvement") return largest(expectedImprovement(belief, scenarios), belief);
	if (n % widestEvery === widestEvery - 1) return largest(belief.variance, belief);
	// Where little but odd cells is left to doubt, they are looked for as hard as the stop fears them.
	const own = Math.sqrt(posterior.particles.reduce((sum, { weight, kernel }) => sum + weight * kernel.deviation, 0));
	const odd = oddCellGains(belief, scenarios, doubt < oddCellsLeft ? Math.max(own, leastDeviation) : own);
	const gains = knowledgeGradient(posterior, belief, scenarios, random);
	return largest(
		gains.map((gain, i) => gain + (odd[i] as number)),
		belief,
	);
}

/** Mean chance of another choice below which the doubt is of odd cells. */
const oddCellsLeft = 0.05;

/** Before any energy: the cell that most scenarios would choose if power were the same everywhere. */
function mostChosen({ energy_j }: Belief, scenarios: readonly Scenario[]): number {
	const votes = new Map<number, number>();
	for (const scenario of scenarios) {
		const cell = scenario.cells[chosen({ ...scenario, penalties_j: new Float64Array(scenario.cells.length) }, energy_j)] as number;
		votes.set(cell, (votes.get(cell) ?? 0) + 1);
	}
	return [...votes].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

/** The unmeasured cell of the largest score; where none is above 0, the one of the widest interval. */
function largest(scores: ArrayLike<number>, { measured, variance }: Belief): number {
	let best = -1;
	let most = 1e-9;
	for (let i = 0; i < measured.length; i++)
		if (measured[i] === 0 && (scores[i] as number) > most) {
			most = scores[i] as number;
			best = i;
		}
	if (best >= 0) return best;
	let widest = -1;
	for (let i = 0; i < measured.length; i++)
		if (measured[i] === 0 && (widest < 0 || (variance[i] as number) > (variance[widest] as number))) widest = i;
	return widest;
}
