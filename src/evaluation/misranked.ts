import {
	type Accounting,
	type Charged,
	chargedAt,
	type ErrorRule,
	type Grid,
	type IdleRule,
	idleRules,
	type MetricName,
	metrics,
	relativeErrors,
} from "./grid.js";
import type { Pairs } from "./population.js";
import { type PowerFormula, predictedBusyEnergies } from "./powerFormula.js";
import type { RateBand, Thresholds } from "./settings.js";

/** Values by which cells are ordered, larger meaning more energy, NaN where unknown; two tie within a difference. */
export interface Ordering {
	readonly values: Float64Array;
	readonly relative_tie: number;
	readonly absolute_tie: number;
}

/**
 * Sums over pairs, by machine and by unit (a network on a machine): what misranked shares and their intervals are made
 * of. A pair of two units (two variants) stands in the sums of both units and once in its machine's.
 */
export interface Tally {
	/** Weight x |difference in log energy| x wrong. */
	readonly wrong: Float64Array;
	/** Weight x |difference in log energy|. */
	readonly stake: Float64Array;
	readonly machineWrong: Float64Array;
	readonly machineStake: Float64Array;
	/** Weights of the machine's pairs of which the ordering is known, of those that outlast the noise, of ties in these. */
	readonly known: Float64Array;
	readonly outlasting: Float64Array;
	readonly tied: Float64Array;
}

/** A tally of nothing yet. */
export function emptyTally({ unitMachine, machines }: Pick<Grid, "unitMachine" | "machines">): Tally {
	const units = () => new Float64Array(unitMachine.length);
	const perMachine = () => new Float64Array(machines.length);
	return {
		wrong: units(),
		stake: units(),
		machineWrong: perMachine(),
		machineStake: perMachine(),
		known: perMachine(),
		outlasting: perMachine(),
		tied: perMachine(),
	};
}

/** Difference in log energy of each pair, 0 where noise explains it: |d| <= z x hypot(errors). z 0 keeps every pair. */
export function gapsOf(
	{ first, second }: Pairs,
	{ log_energy, relative_error }: Pick<Charged, "log_energy" | "relative_error">,
	z: number,
): Float64Array {
	const gaps = new Float64Array(first.length);
	for (let p = 0; p < gaps.length; p++) {
		const i = first[p] as number;
		const j = second[p] as number;
		const gap = (log_energy[i] as number) - (log_energy[j] as number);
		const noise = z * Math.hypot(relative_error[i] as number, relative_error[j] as number);
		gaps[p] = Math.abs(gap) > noise ? gap : 0;
	}
	return gaps;
}

/**
 * Adds the pairs of one rate to a tally: a pair is wrong where the ordering puts the lesser energy above, half wrong at
 * a tie; pairs of which a value is unknown are left out. Several orderings (draws of a calibration), all of the same
 * cells, count with their mean.
 */
export function addMisranked(
	tally: Tally,
	{ unitOf, unitMachine }: Pick<Grid, "unitOf" | "unitMachine">,
	{ first, second, weight }: Pairs,
	gaps: Float64Array,
	orderings: readonly Ordering[],
): void {
	const { wrong, stake, machineWrong, machineStake, known, outlasting, tied } = tally;
	const values = (orderings[0] as Ordering).values;
	const counted = new Int32Array(gaps.length);
	let count = 0;
	for (let p = 0; p < gaps.length; p++) {
		const difference = (values[first[p] as number] as number) - (values[second[p] as number] as number);
		if (Number.isNaN(difference)) continue;
		const machine = unitMachine[unitOf[first[p] as number] as number] as number;
		known[machine] = (known[machine] as number) + (weight[p] as number);
		if (gaps[p] !== 0) counted[count++] = p;
	}
	const pairs = counted.subarray(0, count);
	const { missed, ties } = missedBy(orderings, first, second, gaps, pairs);
	for (let c = 0; c < count; c++) {
		const p = pairs[c] as number;
		const unit = unitOf[first[p] as number] as number;
		const other = unitOf[second[p] as number] as number;
		const machine = unitMachine[unit] as number;
		const share = weight[p] as number;
		const at = share * Math.abs(gaps[p] as number);
		const lost = at * (missed[c] as number);
		outlasting[machine] = (outlasting[machine] as number) + share;
		tied[machine] = (tied[machine] as number) + share * (ties[c] as number);
		machineWrong[machine] = (machineWrong[machine] as number) + lost;
		machineStake[machine] = (machineStake[machine] as number) + at;
		wrong[unit] = (wrong[unit] as number) + lost;
		stake[unit] = (stake[unit] as number) + at;
		if (other === unit) continue;
		wrong[other] = (wrong[other] as number) + lost;
		stake[other] = (stake[other] as number) + at;
	}
}

/** Of each pair, the share of the orderings that put it the wrong way (a tie: half) and in which it ties. */
function missedBy(
	orderings: readonly Ordering[],
	first: Int32Array,
	second: Int32Array,
	gaps: Float64Array,
	pairs: Int32Array,
): { readonly missed: Float64Array; readonly ties: Float64Array } {
	const missed = new Float64Array(pairs.length);
	const ties = new Float64Array(pairs.length);
	const part = 1 / orderings.length;
	for (const { values, relative_tie, absolute_tie } of orderings) {
		for (let c = 0; c < pairs.length; c++) {
			const p = pairs[c] as number;
			const a = values[first[p] as number] as number;
			const b = values[second[p] as number] as number;
			const difference = a - b;
			if (Math.abs(difference) <= absolute_tie + relative_tie * Math.max(Math.abs(a), Math.abs(b))) {
				ties[c] = (ties[c] as number) + part;
				missed[c] = (missed[c] as number) + part / 2;
			} else if (difference > 0 !== (gaps[p] as number) > 0) missed[c] = (missed[c] as number) + part;
		}
	}
	return { missed, ties };
}

/** The sums of one band under one accounting, at each of its idle powers: what its labels are decided from. */
export interface BandTallies {
	readonly accounting: Accounting;
	readonly band: string;
	/** By idle power, then by knob in the grid's order. */
	readonly ends: readonly (readonly KnobTallies[])[];
}

/** What the cells of a grid cost, and would by a formula in each draw: of the settings alone, however pairs are summed. */
export interface GridCosts {
	readonly charged: (multiple: number | "limit", rule: IdleRule, errors: ErrorRule) => Charged;
	readonly predicted: (formula: PowerFormula, multiple: number | "limit", rule: IdleRule) => readonly Float64Array[];
}

/** The costs, worked out when they are first asked for and, with `kept`, once: for sums that are taken again and again. */
export function gridCosts(grid: Grid, kept = false): GridCosts {
	const memo = new Map<unknown, Map<string, unknown>>();
	const once = <T>(of: unknown, key: string, made: () => T, keep = kept): T => {
		const own = memo.get(of) ?? new Map<string, unknown>();
		memo.set(of, own);
		if (own.has(key)) return own.get(key) as T;
		const value = made();
		if (keep) own.set(key, value);
		return value;
	};
	const charged: GridCosts["charged"] = (multiple, rule, errors) => {
		const known = once(grid, JSON.stringify([multiple, rule]), () => chargedAt(grid, multiple, rule, errors));
		return kept ? { ...known, relative_error: relativeErrors(grid, known.energy_j, errors) } : known;
	};
	return {
		charged,
		predicted: (formula, multiple, rule) => {
			// Busy energies are the same at every rate.
			const draws = once(formula, "busy", () => predictedBusyEnergies(grid, formula), true);
			return once(formula, JSON.stringify([multiple, rule]), () => {
				const { idle_j } = charged(multiple, rule, { error_least: 0, error_unknown: 0 });
				return draws.map((busy_j) => busy_j.map((value, i) => value + (idle_j[i] as number)));
			});
		},
	};
}

/**
 * The sums of a grid, in every band, under every accounting given.
 *
 * @param costs of the same cells, where they are known already
 */
export function gridTallies(
	grid: Grid,
	thresholds: Thresholds,
	bands: readonly RateBand[],
	formulas: readonly PowerFormula[],
	rules: Readonly<Partial<Record<Accounting, readonly IdleRule[]>>> = idleRules(thresholds),
	costs: GridCosts = gridCosts(grid),
): BandTallies[] {
	return (Object.keys(rules) as Accounting[]).flatMap((accounting) =>
		bands.map((band): BandTallies => {
			const ends = differentEnds(grid, band, rules[accounting] as readonly IdleRule[]);
			return {
				accounting,
				band: band.name,
				ends: ends.map((rule) => talliesOf(grid, thresholds, band, rule, formulas, costs)),
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
	formulas: readonly PowerFormula[],
	costs: GridCosts,
): KnobTallies[] {
	const tallies = grid.knobs.map(
		(): KnobTallies => ({
			metrics: Object.fromEntries(metrics.map(({ name }) => [name, emptyTally(grid)])) as Record<MetricName, Tally>,
			formulas: formulas.map(() => emptyTally(grid)),
		}),
	);
	for (const multiple of multiples) {
		const charged = costs.charged(multiple, rule, thresholds);
		const byFormula = formulas.map((formula) =>
			costs
				.predicted(formula, multiple, rule)
				.map((values): Ordering => ({ values, relative_tie: thresholds.tie_relative, absolute_tie: 0 })),
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

/** One idle power where it makes no difference: replicas are never idle, or it was measured for every cell. */
function differentEnds({ cells }: Grid, { multiples }: RateBand, rules: readonly IdleRule[]): readonly IdleRule[] {
	const dedicated = rules[0]?.accounting === "dedicated";
	const same =
		(dedicated && multiples.every((multiple) => multiple === "limit")) ||
		cells.every(({ idle_power_w }) => idle_power_w !== undefined);
	return same ? rules.slice(0, 1) : rules;
}
