import { percentile } from "../statistics/quantile.js";
import type { FormulaError } from "./evaluate.js";
import { type Accounting, type Charged, chargedAt, type Grid, type IdleRule } from "./grid.js";
import { type AtEnds, bestLabel, decide, type Label, labelsOf, type MetricLabel } from "./label.js";
import { addMisranked, emptyTally, gapsOf, type MetricName, metrics, type Ordering, type Tally } from "./misranked.js";
import { type PowerFormula, powerFormula, predictedLogPower } from "./powerFormula.js";
import type { RateBand, Thresholds } from "./settings.js";

/** What a formula fitted on a few cells of the machine orders, and how far its power is off. */
export interface FormulaFinding {
	/** Calibration cells. */
	readonly cells: number;
	readonly ends: AtEnds;
}

/** The labels of one knob in one band of rates under one accounting. */
export interface KnobLabels {
	readonly knob: string;
	readonly band: string;
	readonly accounting: Accounting;
	/** The best label, which a table shows, and its metric. */
	readonly label: Label;
	readonly metric: MetricName;
	readonly metrics: readonly MetricLabel[];
	readonly formula: FormulaFinding;
	/** The same with fewer and more calibration cells: shown, never decisive. */
	readonly formula_shown: readonly FormulaFinding[];
	/** Cells that the knob's pairs hold. */
	readonly cells: number;
	readonly pairs: number;
}

/** Formulas by calibration size, the deciding one first; they rest on the grid's settings, not on its energies. */
export function formulasOf(grid: Grid, thresholds: Thresholds, shown: readonly number[], seed: number): PowerFormula[] {
	const { formula_cells, formula_draws, formula_ridge } = thresholds;
	return [formula_cells, ...shown].map((cells) =>
		powerFormula(grid, { cells, draws: formula_draws, ridge: formula_ridge, seed }),
	);
}

/** The accountings, and the idle powers at which each is worked out. */
export function idleRules(t: Thresholds): Readonly<Record<Accounting, readonly IdleRule[]>> {
	const rules = (accounting: Accounting, shares: readonly number[]) =>
		shares.map(
			(share): IdleRule => ({
				accounting,
				share,
				measured_most: t.idle_measured_most,
				least_left: t.shared_least_left,
			}),
		);
	return {
		dedicated: rules("dedicated", [t.idle_dedicated_low, t.idle_dedicated_high]),
		shared: rules("shared", [t.idle_shared_low, t.idle_shared_high]),
	};
}

/** The sums of one band under one accounting, at each of its idle powers: what its labels are decided from. */
export interface BandTallies {
	readonly accounting: Accounting;
	readonly band: string;
	/** By idle power, then by knob in the grid's order. */
	readonly ends: readonly (readonly KnobTallies[])[];
}

/** The sums of a grid, in every band, under every accounting given. */
export function gridTallies(
	grid: Grid,
	thresholds: Thresholds,
	bands: readonly RateBand[],
	formulas: readonly PowerFormula[],
	rules: Readonly<Partial<Record<Accounting, readonly IdleRule[]>>> = idleRules(thresholds),
): BandTallies[] {
	const predictions = formulas.map((formula) => predictedBusyEnergies(grid, formula));
	return (Object.keys(rules) as Accounting[]).flatMap((accounting) =>
		bands.map((band): BandTallies => {
			const ends = differentEnds(grid, band, rules[accounting] as readonly IdleRule[]);
			return {
				accounting,
				band: band.name,
				ends: ends.map((rule) => talliesOf(grid, thresholds, band, rule, predictions)),
			};
		}),
	);
}

/** The labels that follow from a grid's sums: every knob that varies, in every band, under every accounting. */
export function gridLabels(
	grid: Grid,
	tallies: readonly BandTallies[],
	thresholds: Thresholds,
	formulas: readonly Pick<PowerFormula, "cells">[],
): KnobLabels[] {
	return tallies.flatMap(({ accounting, band, ends }) =>
		grid.knobs.map(({ name: knob, pairs }, k): KnobLabels => {
			const atEnds = (of: (tallies: KnobTallies) => Tally): AtEnds =>
				ends.map((end) => decide(of(end[k] as KnobTallies), grid, thresholds));
			const findings = formulas.map(
				({ cells }, f): FormulaFinding => ({ cells, ends: atEnds(({ formulas: own }) => own[f] as Tally) }),
			);
			const [formula, ...formula_shown] = findings as [FormulaFinding, ...FormulaFinding[]];
			const labelled = labelsOf(
				Object.fromEntries(metrics.map(({ name }) => [name, atEnds((own) => own.metrics[name])])) as Record<
					MetricName,
					AtEnds
				>,
				formula.ends,
			);
			const best = bestLabel(labelled);
			return {
				knob,
				band,
				accounting,
				label: best.label,
				metric: best.metric,
				metrics: labelled,
				formula,
				formula_shown,
				cells: new Set([...pairs.first, ...pairs.second]).size,
				pairs: pairs.first.length,
			};
		}),
	);
}

/** Tallies of one knob: of each metric, and of each formula over its draws. */
export interface KnobTallies {
	readonly metrics: Readonly<Record<MetricName, Tally>>;
	readonly formulas: readonly Tally[];
}

function talliesOf(
	grid: Grid,
	thresholds: Thresholds,
	{ multiples }: RateBand,
	rule: IdleRule,
	predictions: readonly (readonly Float64Array[])[],
): KnobTallies[] {
	const tallies = grid.knobs.map(
		(): KnobTallies => ({
			metrics: Object.fromEntries(metrics.map(({ name }) => [name, emptyTally(grid)])) as Record<MetricName, Tally>,
			formulas: predictions.map(() => emptyTally(grid)),
		}),
	);
	for (const multiple of multiples) {
		const charged = chargedAt(grid, multiple, rule, thresholds);
		const byFormula = predictions.map((draws) =>
			draws.map(
				(busy_j): Ordering => ({
					values: busy_j.map((value, i) => value + (charged.idle_j[i] as number)),
					relative_tie: thresholds.tie_relative,
					absolute_tie: 0,
				}),
			),
		);
		grid.knobs.forEach(({ pairs }, k) => {
			const own = tallies[k] as KnobTallies;
			const gaps = gapsOf(pairs, charged, thresholds.noise_z);
			for (const { name } of metrics)
				addMisranked(own.metrics[name], grid, pairs, gaps, [orderingOf(charged, name, thresholds)]);
			byFormula.forEach((draws, f) => {
				addMisranked(own.formulas[f] as Tally, grid, pairs, gaps, draws);
			});
		});
	}
	return tallies;
}

function orderingOf({ metrics }: Charged, name: MetricName, thresholds: Thresholds): Ordering {
	return {
		values: metrics[name],
		relative_tie: name === "accuracy" ? 0 : thresholds.tie_relative,
		absolute_tie: name === "accuracy" ? thresholds.tie_accuracy_points : 0,
	};
}

/** |log P error| of each formula over the cells of each knob's pairs; undefined where a formula has no calibration. */
export function formulaErrors(
	grid: Grid,
	formulas: readonly PowerFormula[],
): Map<string, readonly (FormulaError | undefined)[]> {
	const log_power = logPower(grid);
	const errors = formulas.map((formula) =>
		Array.from({ length: formula.draws }, (_, draw) =>
			predictedLogPower(formula, log_power, draw).map((value, i) => Math.abs(value - (log_power[i] as number))),
		),
	);
	return new Map(
		grid.knobs.map(({ name, pairs }) => {
			const cells = [...new Set([...pairs.first, ...pairs.second])];
			return [
				name,
				errors.map((draws) => {
					const own = draws
						.flatMap((draw) => cells.map((i) => draw[i] as number))
						.filter((error) => !Number.isNaN(error));
					return own.length === 0 ? undefined : { p50: percentile(own, 50), p90: percentile(own, 90) };
				}),
			];
		}),
	);
}

function logPower({ cells }: Grid): Float64Array {
	return Float64Array.from(cells, ({ energy_j_per_request, throughput_rps }) =>
		Math.log(energy_j_per_request * throughput_rps),
	);
}

/** Busy energy of each cell by the formula, J, one array a draw. */
export function predictedBusyEnergies(grid: Grid, formula: PowerFormula): Float64Array[] {
	const log_power = logPower(grid);
	return Array.from({ length: formula.draws }, (_, draw) =>
		predictedLogPower(formula, log_power, draw).map(
			(value, i) => Math.exp(value) / (grid.cells[i]?.throughput_rps as number),
		),
	);
}

/** One idle power where it makes no difference: replicas are never idle, or it was measured for every cell. */
function differentEnds({ cells }: Grid, { multiples }: RateBand, rules: readonly IdleRule[]): readonly IdleRule[] {
	const dedicated = rules[0]?.accounting === "dedicated";
	const same =
		(dedicated && multiples.every((multiple) => multiple === "limit")) ||
		cells.every(({ idle_power_w }) => idle_power_w !== undefined);
	return same ? rules.slice(0, 1) : rules;
}
