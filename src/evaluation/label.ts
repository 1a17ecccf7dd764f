import { jackknifeRatio } from "../statistics/jackknifeRatio.js";
import { type Accounting, type Grid, type MetricName, metrics } from "./grid.js";
import type { BandTallies, KnobTallies, Tally } from "./misranked.js";
import type { PowerFormula } from "./powerFormula.js";
import type { Thresholds } from "./settings.js";

/**
 * Does an ordering (a metric, a formula) stand in for energy? `yes`: it misranks little, shown; `reversed`: its
 * opposite does; `no`: it misranks too much, shown.
 */
export type Answer = "yes" | "reversed" | "no" | "undetermined";

/** Why nothing is decided. */
export type OpenReason =
	| "unknown"
	| "stands-still"
	| "few-variants"
	| "noise"
	| "interval"
	| "machines-disagree"
	| "idle-power"
	| "metrics-open"
	| "formula-open";

/** A misranked share with what it rests on, and the answer that follows. */
export interface Decision {
	readonly answer: Answer;
	/** Where the answer is `undetermined`. */
	readonly reason?: OpenReason;
	/** Misranked share, 0..1, with its interval; absent where no pair is left. */
	readonly misranked?: { readonly share: number; readonly low: number; readonly high: number };
	/** Networks that have pairs which outlast the noise. */
	readonly variants: number;
	readonly machines: readonly string[];
	/** Share of the pairs, by weight, that outlast the noise, and of these the share in which the ordering ties. */
	readonly outlasting: number;
	readonly tied: number;
	/** Machines that by themselves show the contrary, where the reason is `machines-disagree`. */
	readonly contrary?: readonly string[];
}

/** The answer of a tally: over all machines, with each machine that can speak for itself heard. */
export function decide(tally: Tally, grid: Grid, thresholds: Thresholds): Decision {
	const machines = [...grid.machines.keys()];
	const pooled = decideOver(tally, grid, machines, thresholds);
	if (pooled.answer !== "yes" && pooled.answer !== "reversed") return pooled;
	if (pooled.machines.length < 2) return pooled;
	const contrary = machines.filter((machine) => {
		const { answer, variants } = decideOver(tally, grid, [machine], thresholds);
		return variants >= thresholds.minimum_variants && answer !== "undetermined" && answer !== pooled.answer;
	});
	if (contrary.length === 0) return pooled;
	return {
		...pooled,
		answer: "undetermined",
		reason: "machines-disagree",
		contrary: contrary.map((machine) => grid.machines[machine] as string),
	};
}

function decideOver(tally: Tally, grid: Grid, over: readonly number[], thresholds: Thresholds): Decision {
	const known = sum(tally.known, over);
	const outlastingWeight = sum(tally.outlasting, over);
	const wrong = sum(tally.machineWrong, over);
	const stake = sum(tally.machineStake, over);
	const active = over.filter((machine) => (tally.machineStake[machine] as number) > 0);
	const networks = byNetwork(tally, grid, new Set(active));
	const numbers = {
		variants: networks.length,
		machines: active.map((machine) => grid.machines[machine] as string),
		outlasting: known > 0 ? outlastingWeight / known : 0,
		tied: outlastingWeight > 0 ? sum(tally.tied, over) / outlastingWeight : 0,
	};
	const open = (reason: OpenReason, misranked?: Decision["misranked"]): Decision => ({
		answer: "undetermined",
		reason,
		...(misranked === undefined ? {} : { misranked }),
		...numbers,
	});
	if (known === 0) return open("unknown");
	if (!(stake > 0)) return open("noise");
	const misranked = intervalOver(tally, wrong, stake, networks, active, thresholds);
	if (numbers.tied >= thresholds.stands_still_ties) return open("stands-still", misranked);
	if (numbers.outlasting < thresholds.minimum_outlasting) return open("noise", misranked);
	if (numbers.variants < thresholds.minimum_variants) return open("few-variants", misranked);
	const bound = thresholds.misranked_bound;
	if (misranked.high <= bound) return { answer: "yes", misranked, ...numbers };
	if (misranked.low >= 1 - bound) return { answer: "reversed", misranked, ...numbers };
	if (misranked.low > bound) return { answer: "no", misranked, ...numbers };
	return open("interval", misranked);
}

interface UnitSums {
	readonly numerator: number;
	readonly denominator: number;
}

/** Over networks, the same on every machine; from enough machines on also over machines, and the wider counts. */
function intervalOver(
	tally: Tally,
	numerator: number,
	denominator: number,
	networks: readonly UnitSums[],
	active: readonly number[],
	{ level, prior_variants, minimum_machines }: Thresholds,
): NonNullable<Decision["misranked"]> {
	const whole = { numerator, denominator, level };
	const prior = { units: prior_variants, ratio: 0.5 };
	const { ratio, low, high } = jackknifeRatio({ ...whole, units: networks, prior });
	if (active.length < minimum_machines) return { share: ratio, low, high };
	const machines = active.map((machine) => ({
		numerator: tally.machineWrong[machine] as number,
		denominator: tally.machineStake[machine] as number,
	}));
	const other = jackknifeRatio({ ...whole, units: machines, prior: { units: 0, ratio: 0.5 } });
	const wider = other.high - other.low > high - low ? other : { low, high };
	return { share: ratio, low: wider.low, high: wider.high };
}

function byNetwork(tally: Tally, grid: Grid, machines: ReadonlySet<number>): UnitSums[] {
	const wrong = new Float64Array(grid.networks.length);
	const stake = new Float64Array(grid.networks.length);
	for (let unit = 0; unit < tally.stake.length; unit++) {
		if (!machines.has(grid.unitMachine[unit] as number)) continue;
		const network = grid.unitNetwork[unit] as number;
		wrong[network] = (wrong[network] as number) + (tally.wrong[unit] as number);
		stake[network] = (stake[network] as number) + (tally.stake[unit] as number);
	}
	return [...stake.keys()]
		.filter((network) => (stake[network] as number) > 0)
		.map((network) => ({ numerator: wrong[network] as number, denominator: stake[network] as number }));
}

function sum(values: Float64Array, over: readonly number[]): number {
	return over.reduce((total, index) => total + (values[index] as number), 0);
}

/**
 * `stands-in`: choosing by the metric orders energies nearly as energy itself does. `derivable`: it does not, but
 * another metric does, or a formula fitted on a few cells of the machine. `independent`: shown that nothing IPA knows
 * does. `undetermined`: the evidence cannot tell.
 */
export type Label = "stands-in" | "derivable" | "independent" | "undetermined";

/** Decisions at each idle power of an accounting, in the settings' order. */
export type AtEnds = readonly Decision[];

/** The label of one metric, with what decides it. */
export interface MetricLabel {
	readonly metric: MetricName;
	readonly label: Label;
	/** The metric's opposite stands in: energy runs against the direction that was fixed beforehand. */
	readonly reversed?: true;
	/** Where `derivable`: the metric that stands in, or the formula. */
	readonly by?: MetricName | "formula";
	/** Where `undetermined`. */
	readonly reason?: OpenReason;
	readonly ends: AtEnds;
}

/** One answer over all idle powers, or why there is none. */
function overEnds(ends: AtEnds): { readonly answer: Answer; readonly reason?: OpenReason } {
	const open = ends.find(({ answer }) => answer === "undetermined");
	if (open !== undefined) return { answer: "undetermined", reason: open.reason ?? "unknown" };
	const answers = new Set(ends.map(({ answer }) => answer));
	if (answers.size === 1) return { answer: ends[0]?.answer ?? "undetermined" };
	// Reversed with one idle power and no with the other: at neither does the metric itself stand in.
	if (!answers.has("yes")) return { answer: "no" };
	return { answer: "undetermined", reason: "idle-power" };
}

/** The labels of all metrics over one knob, band and accounting. */
export function labelsOf(found: Readonly<Record<MetricName, AtEnds>>, formula: AtEnds): MetricLabel[] {
	const answers = metrics.map(({ name }) => ({ metric: name, ends: found[name], ...overEnds(found[name]) }));
	const standing = answers.filter(({ answer }) => answer === "yes" || answer === "reversed");
	const byFormula = overEnds(formula);
	const best = [...standing].sort((a, b) => strayOf(a) - strayOf(b))[0];
	// A metric that is not given, or never moves over the knob, cannot order anything: it is no open question.
	const speaking = answers.filter(({ reason }) => reason !== "unknown" && reason !== "stands-still");
	return answers.map(({ metric, ends, answer, reason }): MetricLabel => {
		const one = { metric, ends };
		if (answer === "yes") return { ...one, label: "stands-in" };
		if (answer === "reversed") return { ...one, label: "stands-in", reversed: true };
		if (answer === "undetermined") return { ...one, label: "undetermined", reason: reason ?? "unknown" };
		if (best !== undefined) return { ...one, label: "derivable", by: best.metric };
		if (byFormula.answer === "yes") return { ...one, label: "derivable", by: "formula" };
		if (!speaking.every((other) => other.answer === "no"))
			return { ...one, label: "undetermined", reason: "metrics-open" };
		if (byFormula.answer === "undetermined") return { ...one, label: "undetermined", reason: "formula-open" };
		return { ...one, label: "independent" };
	});
}

/** How far from ordering perfectly (or perfectly reversed) a metric may be, at its worst end. */
function strayOf({ ends, answer }: { readonly ends: AtEnds; readonly answer: Answer }): number {
	return Math.max(
		...ends.map(({ misranked }) =>
			misranked === undefined ? 1 : answer === "yes" ? misranked.high : 1 - misranked.low,
		),
	);
}

const order: readonly Label[] = ["stands-in", "derivable", "independent", "undetermined"];

/**
 * The label that a table shows for a knob: the best one, with its metric. Of metrics that stand in the first of the
 * list; of others the one that strays least, and one that can order something before one that cannot.
 */
export function bestLabel(labels: readonly MetricLabel[]): MetricLabel {
	const rank = ({ label, reversed, reason }: MetricLabel) =>
		2 * order.indexOf(label) + (reversed || reason === "unknown" || reason === "stands-still" ? 1 : 0);
	const stray = ({ label, ends }: MetricLabel) => (label === "stands-in" ? 0 : strayOf({ ends, answer: "yes" }));
	return [...labels].sort((a, b) => rank(a) - rank(b) || stray(a) - stray(b))[0] as MetricLabel;
}

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
