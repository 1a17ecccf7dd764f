import type { Random } from "../random.js";
import { anyUnmeasured, expectedImprovement, knowledgeGradient, spaceFilling } from "./acquisition.js";
import { type Belief, beliefOf, chosen, type Scenario } from "./belief.js";
import type { CalibrationCell, PowerMeasurement } from "./cells.js";
import { chancesOfAnother, type Doubt } from "./doubt.js";
import { type Intervals, intervals } from "./energies.js";
import { features, kernelFamily } from "./kernel.js";
import { believing, observe, observeAgain, type Posterior, priorPosterior } from "./posterior.js";

/** How the next cell is chosen: ours, and the three that it is held against. */
export type Method = "knowledge-gradient" | "expected-improvement" | "space-filling" | "random";

/** What the next cell depends on. */
export interface NextCellOptions {
	readonly method: Method;
	/** Every so many cells the one of the widest interval: 2 for a map of all cells; never by default. */
	readonly widestEvery?: number;
	readonly margin: number;
	/** The part of the doubt that is each cell's. */
	readonly blame: Float64Array;
}

/**
 * The cell to measure next: one that is not measured, or, by the knowledge gradient, one whose noise is what is in doubt.
 * Undefined where nothing is left to measure.
 */
function nextCell(
	posterior: Posterior,
	belief: Belief,
	scenarios: readonly Scenario[],
	{ method, widestEvery = Number.POSITIVE_INFINITY, margin, blame }: NextCellOptions,
	random: Random,
): number | undefined {
	const n = posterior.measured.length;
	if (method === "random") return anyUnmeasured(belief, random);
	if (n === 0) return method === "space-filling" ? anyUnmeasured(belief, random) : mostChosen(belief, scenarios);
	if (method === "space-filling") return largest(spaceFilling(posterior.family.features, posterior.measured), belief);
	if (method === "expected-improvement") return largest(expectedImprovement(belief, scenarios), belief);
	if (n % widestEvery === widestEvery - 1) return widest(belief);
	const gains = knowledgeGradient(posterior, belief, scenarios, margin, random);
	return largest(
		gains.map((gain, i) => gain + (belief.measured[i] === 1 ? 0 : (blame[i] as number))),
		belief,
	);
}

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

/** What a calibration is asked for. */
export interface CalibrationSettings {
	readonly method: Method;
	/** `choice`: cells that decide the scenarios. `map`: every second cell the one of the widest interval. */
	readonly purpose: "choice" | "map";
	/** Another cell is better where it costs less by more than this share of the choice's energy. */
	readonly margin: number;
	/** Mean chance, over the scenarios, that another cell is better, below which the calibration stops. */
	readonly stopBelow: number;
	/** Level of the prediction intervals. */
	readonly level: number;
	/** The least standard deviation that a cell's own deviation is given where it is feared, on the log scale. */
	readonly leastDeviation: number;
	/** Points of the hyperparameters' posterior. */
	readonly particles: number;
}

/** The defaults; the reasons stand in docs/calibration.md. */
export const calibrationDefaults: CalibrationSettings = {
	method: "knowledge-gradient",
	purpose: "choice",
	margin: 0.01,
	stopBelow: 0.02,
	level: 0.9,
	leastDeviation: 0.04,
	particles: 64,
};

/** A calibration under way: what is known, and how sure the choices are. */
export interface Calibration extends Doubt {
	readonly cells: readonly CalibrationCell[];
	readonly scenarios: readonly Scenario[];
	readonly settings: CalibrationSettings;
	readonly posterior: Posterior;
	readonly belief: Belief;
	readonly intervals: Intervals;
	/** Mean of the scenarios' chances; 1 before the first measurement. */
	readonly doubt: number;
	/** Measurements in a row after which the doubt was below `stopBelow`; from 2 on the choice is sure. */
	readonly quiet: number;
}

/**
 * A calibration with nothing measured.
 *
 * @example
 * const { cells } = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const few = cells.slice(0, 4).map((cell, i) => ({ ...cell, id: `cell ${i}` }));
 * const least = { cells: Int32Array.of(0, 1, 2, 3), penalties_j: new Float64Array(4) };
 * calibration.startCalibration(few, [least], () => 0.5).doubt; // → 1
 */
export function startCalibration(
	cells: readonly CalibrationCell[],
	scenarios: readonly Scenario[],
	random: Random,
	settings: CalibrationSettings = calibrationDefaults,
): Calibration {
	const posterior = priorPosterior(kernelFamily(features(cells)), random, settings.particles);
	const belief = beliefOf(posterior, cells);
	return {
		cells,
		scenarios,
		settings,
		posterior,
		belief,
		intervals: { half: new Float64Array(cells.length).fill(Number.POSITIVE_INFINITY), widened: 1 },
		chances: new Float64Array(scenarios.length).fill(1),
		blame: new Float64Array(cells.length),
		doubt: 1,
		quiet: 0,
	};
}

/**
 * The calibration with one more measurement, or with all repetitions of a cell that was measured before. Takes
 * `calibration` over.
 *
 * @example
 * const { cells } = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const few = cells.slice(0, 4).map((cell, i) => ({ ...cell, id: `cell ${i}` }));
 * const least = { cells: Int32Array.of(0, 1, 2, 3), penalties_j: new Float64Array(4) };
 * const started = calibration.startCalibration(few, [least], () => 0.5);
 * const { belief } = calibration.withMeasurement(started, { cell: 2, power_w: 30, relative_se: 0 }, () => 0.5);
 * [...belief.measured]; // → [0, 0, 1, 0]
 */
export function withMeasurement(
	calibration: Calibration,
	{ cell, power_w, relative_se }: PowerMeasurement,
	random: Random,
): Calibration {
	const { cells, scenarios, settings } = calibration;
	const again = calibration.belief.measured[cell] === 1;
	const posterior = (again ? observeAgain : observe)(calibration.posterior, cell, power_w, relative_se, random);
	const belief = beliefOf(posterior, cells);
	const held = intervals(posterior, belief, settings.level, settings.leastDeviation);
	const { chances, blame } = chancesOfAnother(posterior, belief, cells, scenarios, settings, held.widened, random);
	const doubt = chances.reduce((sum, chance) => sum + chance, 0) / chances.length;
	const quiet = doubt < settings.stopBelow ? calibration.quiet + 1 : 0;
	return { ...calibration, posterior, belief, intervals: held, chances, blame, doubt, quiet };
}

/**
 * Is the choice sure: was the doubt below the user's level twice running?
 *
 * @example
 * const { cells } = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const few = cells.slice(0, 4).map((cell, i) => ({ ...cell, id: `cell ${i}` }));
 * calibration.isSure(calibration.startCalibration(few, [], () => 0.5)); // → false
 */
export function isSure({ quiet }: Calibration): boolean {
	return quiet >= 2;
}

/**
 * The cells to measure next, as many as there are nodes to measure on: each as if those before had come out as expected.
 * Fewer where fewer are left.
 *
 * @example
 * const { cells } = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const few = cells.slice(0, 4).map((cell, i) => ({ ...cell, id: `cell ${i}` }));
 * const least = { cells: Int32Array.of(0, 1, 2, 3), penalties_j: new Float64Array(4) };
 * const started = calibration.startCalibration(few, [least], () => 0.5);
 * calibration.nextCells(started, () => 0.5, 2).length; // → 2
 */
export function nextCells(calibration: Calibration, random: Random, count = 1): readonly number[] {
	const { cells, scenarios, settings, blame } = calibration;
	const { method, purpose, margin } = settings;
	const options = { method, margin, blame, ...(purpose === "map" ? { widestEvery: 2 } : {}) };
	const next: number[] = [];
	let { posterior, belief } = calibration;
	while (next.length < count) {
		const cell = nextCell(posterior, belief, scenarios, options, random);
		if (cell === undefined || next.includes(cell)) break;
		next.push(cell);
		if (next.length === count || belief.measured[cell] === 1) break;
		posterior = believing(posterior, cell);
		belief = beliefOf(posterior, cells);
	}
	return next;
}
