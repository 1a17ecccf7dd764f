import type { Random } from "../random.js";
import { type Belief, beliefOf } from "./belief.js";
import type { CalibrationCell, PowerMeasurement } from "./cells.js";
import { chancesOfAnother } from "./doubt.js";
import { features } from "./features.js";
import { type Intervals, intervals } from "./intervals.js";
import { kernelFamily } from "./kernel.js";
import { type Method, nextCell } from "./nextCell.js";
import { believing, observe, observeAgain, type Posterior, priorPosterior } from "./posterior.js";
import type { Scenario } from "./scenarios.js";

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
export interface Calibration {
	readonly cells: readonly CalibrationCell[];
	readonly scenarios: readonly Scenario[];
	readonly settings: CalibrationSettings;
	readonly posterior: Posterior;
	readonly belief: Belief;
	readonly intervals: Intervals;
	/** For each scenario, the chance that another cell is better than the choice by more than the margin. */
	readonly chances: Float64Array;
	/** Their mean; 1 before the first measurement. */
	readonly doubt: number;
	/** Measurements in a row after which the doubt was below `stopBelow`; from 2 on the choice is sure. */
	readonly quiet: number;
}

/** A calibration with nothing measured. */
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
		doubt: 1,
		quiet: 0,
	};
}

/** The calibration with one more measurement, or with all repetitions of a cell that was measured before. Takes `calibration` over. */
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
	const chances = chancesOfAnother(posterior, belief, cells, scenarios, settings, held.widened, random);
	const doubt = chances.reduce((sum, chance) => sum + chance, 0) / chances.length;
	const quiet = doubt < settings.stopBelow ? calibration.quiet + 1 : 0;
	return { ...calibration, posterior, belief, intervals: held, chances, doubt, quiet };
}

/** Is the choice sure: was the doubt below the user's level twice running? */
export function isSure({ quiet }: Calibration): boolean {
	return quiet >= 2;
}

/**
 * The cells to measure next, as many as there are nodes to measure on: each as if those before had come out as expected.
 * Fewer where fewer are left.
 */
export function nextCells(calibration: Calibration, random: Random, count = 1): readonly number[] {
	const { cells, scenarios, settings, doubt } = calibration;
	const { method, purpose, leastDeviation } = settings;
	const options = { method, leastDeviation, doubt, ...(purpose === "map" ? { widestEvery: 2 } : {}) };
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
