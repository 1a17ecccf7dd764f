import type { Weights } from "../pipeline/spec.js";
import { integerBelow, seeded } from "../random.js";
import { type ChoiceSet, equallyGood, ipaChoice, type RatedChoices, ratedChoices } from "./choiceSets.js";
import { configurationsAt, type IdleRule, idlePower, type StudyConfiguration } from "./grid.js";
import type { StudyCell } from "./population.js";

/** A choice set at one rate under one pair of weights, with what its policies order by. */
export interface Scenario {
	readonly rated: RatedChoices;
	/** Measured, J per request, at each idle rule. */
	readonly energies: readonly Float64Array[];
	/** The part of them that does not depend on power, which a prediction shares. */
	readonly idle: readonly Float64Array[];
	/** Busy energy as predicted in each draw, J per request; no draws where the machine has no other network. */
	readonly predicted: readonly Float64Array[];
}

/** What the policies spend, in one unit: J per request in a scenario, kWh a day on a trace. */
export interface Spent {
	readonly set: ChoiceSet;
	/** By choosing the least measured among the equally good. */
	readonly least: number;
	/** Above the least; `predicted` is the mean over the draws, NaN where there are none. */
	readonly extra: Readonly<Record<"ipa" | "throughput" | "core_seconds" | "predicted", number>>;
}

/** What energies are charged by, and predicted from. */
export interface Charging {
	readonly rules: readonly IdleRule[];
	/** Busy energy of each cell of a choice set by the formula, J per request, one array a draw. */
	readonly predicted: ReadonlyMap<ChoiceSet, readonly Float64Array[]>;
	/** Shared accounting: least share of a cell's energy that is left. */
	readonly least_left: number;
}

/** A choice set at a rate, under each of the weights, with its energies at each idle rule. */
export function scenariosAt(
	set: ChoiceSet,
	rate_rps: number,
	weights: readonly Weights[],
	{ rules, predicted, least_left }: Charging,
): Scenario[] {
	const { cells, population } = set;
	const charged = rules.map((rule) =>
		configurationsAt(cells, rate_rps, rule.accounting, (cell) => idlePower(population, cell, rule), least_left),
	);
	const column = (of: (configuration: StudyConfiguration) => number) =>
		charged.map((own) => {
			const values = new Float64Array(own.length);
			for (let i = 0; i < own.length; i++) values[i] = of(own[i] as StudyConfiguration);
			return values;
		});
	const shared = {
		energies: column(({ energy_j }) => energy_j),
		idle: column(({ idle_j }) => idle_j),
		predicted: predicted.get(set) ?? [],
	};
	return weights.map((own) => ({ rated: ratedChoices(set, rate_rps, own), ...shared }));
}

/** What can be chosen in a scenario, and what is, whoever pays for idle power. */
export interface Picks {
	readonly scenario: Scenario;
	/** IPA's own choice. */
	readonly choice: number;
	/** As good to whoever looks at accuracy and cost. */
	readonly good: readonly number[];
	readonly throughput: number;
	readonly core_seconds: number;
}

/** IPA's choice, what is equally good, and what the metrics take of it; undefined where nothing allowed is feasible. */
export function picksIn(scenario: Scenario, tolerance: number, allowed?: Uint8Array): Picks | undefined {
	const { rated } = scenario;
	const choice = ipaChoice(rated, allowed);
	if (choice === undefined) return undefined;
	const good = equallyGood(rated, choice, tolerance, allowed);
	return {
		scenario,
		choice,
		good,
		throughput: leastOf(good, rated.set.throughput, -1),
		core_seconds: leastOf(good, rated.set.core_seconds),
	};
}

/** What each policy spends at one idle rule, J per request. */
export function spentBy({ scenario, choice, good, throughput, core_seconds }: Picks, rule: number): Spent {
	const energy = scenario.energies[rule] as Float64Array;
	const { predicted: draws } = scenario;
	const least = energy[leastOf(good, energy)] as number;
	const extra = (i: number) => (energy[i] as number) - least;
	let predicted = draws.length === 0 ? Number.NaN : 0;
	// Of one option there is nothing to choose, which is most often so.
	if (good.length > 1)
		for (const busy of draws)
			predicted += extra(leastPredicted(good, busy, scenario.idle[rule] as Float64Array)) / draws.length;
	return {
		set: scenario.rated.set,
		least,
		extra: {
			ipa: extra(choice),
			throughput: extra(throughput),
			core_seconds: extra(core_seconds),
			predicted,
		},
	};
}

/** The member of least value, or with sign -1 of most; the first at ties. */
export function leastOf(members: readonly number[], values: Float64Array, sign = 1): number {
	let best = members[0] as number;
	for (const i of members) if (sign * (values[i] as number) < sign * (values[best] as number)) best = i;
	return best;
}

/** The member of least energy by a prediction of what is busy. */
export function leastPredicted(members: readonly number[], busy: Float64Array, idle: Float64Array): number {
	let best = members[0] as number;
	for (const i of members)
		if ((busy[i] as number) + (idle[i] as number) < (busy[best] as number) + (idle[best] as number)) best = i;
	return best;
}

/** A value with its interval over networks, absent where there are too few of them. */
export interface Estimate {
	readonly value: number;
	readonly low?: number;
	readonly high?: number;
}

/** A scenario, or a window of a trace: what its policies spend, by idle rule (and window), where some may be left out. */
export interface Spending {
	readonly set: ChoiceSet;
	/** Undefined where nothing that is allowed is feasible. */
	readonly spent: (allowed?: Uint8Array) => readonly Spent[] | undefined;
}

export interface Resampling {
	/** 0: no intervals. */
	readonly resamples: number;
	readonly level: number;
	readonly seed: number;
}

/** What is read of a scenario: NaN where it says nothing. */
export type SpentReading = (spent: Spent) => number;

/**
 * Quantiles of what is read, over scenarios, with percentile intervals over networks. A quantile is the smallest value
 * that so many of the scenarios do not exceed.
 *
 * In a resample a set of one network counts as often as the network was drawn; where variants can be chosen, IPA chooses
 * again among those that were drawn. Rates, SLAs and ranks stay those of all.
 *
 * @param readings by idle rule: each gives its own row of estimates
 * @param quantiles rising, 0..1
 * @returns by rule, reading and quantile; a row is empty where nothing is known
 */
export function quantileEstimates(
	spendings: readonly Spending[],
	readings: readonly (readonly SpentReading[])[],
	quantiles: readonly number[],
	{ resamples, level, seed }: Resampling,
): Estimate[][][] {
	const fixed = spendings.filter(({ set }) => !set.variants).flatMap(({ spent }) => [spent() ?? []]);
	const free = spendings.filter(({ set }) => set.variants);
	const networks = [...new Set(spendings.flatMap(({ set }) => set.cells.map(({ network }) => network)))];
	const index = new Map(networks.map((network, i) => [network, i]));
	const rising = readings.map((own, rule) => {
		const spent = fixed.flatMap((one) => one[rule] ?? []);
		return own.map((read) => risingOf(spent, read, index));
	});
	const valuesOf = (weights: Float64Array, others: readonly (readonly Spent[])[]) =>
		readings.map((own, rule) =>
			own.map((read, r) =>
				mergedQuantiles(rising[rule]?.[r] as Rising, weights, knownValues(others, rule, read), quantiles),
			),
		);

	const estimates = valuesOf(
		new Float64Array(networks.length).fill(1),
		free.flatMap(({ spent }) => {
			const all = spent();
			return all === undefined ? [] : [all];
		}),
	);
	const random = seeded(seed);
	const resampled = Array.from({ length: resamples }, () => {
		const weights = new Float64Array(networks.length);
		for (const _ of networks) {
			const drawn = integerBelow(random, networks.length);
			weights[drawn] = (weights[drawn] as number) + 1;
		}
		return valuesOf(weights, chosenAgain(free, weights, index));
	});
	const tail = (1 - level) / 2;
	return estimates.map((rows, rule) =>
		rows.map((row, r) =>
			row.map((value, q): Estimate => {
				const again = Float64Array.from(resampled.flatMap((one) => one[rule]?.[r]?.[q] ?? [])).sort();
				const last = again.length - 1;
				return last < 0
					? { value }
					: {
							value,
							low: again[Math.floor(tail * last)] as number,
							high: again[Math.ceil((1 - tail) * last)] as number,
						};
			}),
		),
	);
}

function chosenAgain(
	free: readonly Spending[],
	weights: Float64Array,
	index: ReadonlyMap<string, number>,
): (readonly Spent[])[] {
	const masks = new Map<ChoiceSet, Uint8Array>();
	return free.flatMap(({ set, spent }) => {
		const mask =
			masks.get(set) ??
			Uint8Array.from(set.cells, ({ network }) => ((weights[index.get(network) as number] as number) > 0 ? 1 : 0));
		masks.set(set, mask);
		const chosen = spent(mask);
		return chosen === undefined ? [] : [chosen];
	});
}

/** Values in rising order with the network that each belongs to; equal ones of a network stand once, with their number. */
interface Rising {
	readonly values: Float64Array;
	readonly network: Int32Array;
	readonly count: Int32Array;
}

function risingOf(spent: readonly Spent[], read: SpentReading, index: ReadonlyMap<string, number>): Rising {
	const counted = new Map<number, Map<number, number>>();
	for (const one of spent) {
		const value = read(one);
		if (Number.isNaN(value)) continue;
		const network = index.get((one.set.cells[0] as StudyCell).network) as number;
		const own = counted.get(value) ?? new Map<number, number>();
		counted.set(value, own.set(network, (own.get(network) ?? 0) + 1));
	}
	const known = [...counted]
		.sort(([a], [b]) => a - b)
		.flatMap(([value, own]) => [...own].map(([network, count]) => ({ value, network, count })));
	return {
		values: Float64Array.from(known, ({ value }) => value),
		network: Int32Array.from(known, ({ network }) => network),
		count: Int32Array.from(known, ({ count }) => count),
	};
}

function knownValues(spent: readonly (readonly Spent[])[], rule: number, read: SpentReading): Float64Array {
	const values = new Float64Array(spent.length);
	let known = 0;
	for (const one of spent) {
		const value = read(one[rule] as Spent);
		if (!Number.isNaN(value)) values[known++] = value;
	}
	return values.subarray(0, known).sort();
}

/** Of each share p, rising, the smallest value that at least p of all weight does not exceed; others weigh 1 each. */
function mergedQuantiles(
	{ values, network, count }: Rising,
	weights: Float64Array,
	others: Float64Array,
	shares: readonly number[],
): number[] {
	const weightAt = (i: number) => (weights[network[i] as number] as number) * (count[i] as number);
	let total = others.length;
	for (let i = 0; i < network.length; i++) total += weightAt(i);
	const found: number[] = [];
	if (total === 0) return found;
	let bar = (shares[0] as number) * total * (1 - 1e-12);
	for (let i = 0, j = 0, below = 0; i < values.length || j < others.length; ) {
		const own = j === others.length || (i < values.length && (values[i] as number) <= (others[j] as number));
		const value = (own ? values[i] : others[j]) as number;
		below += own ? weightAt(i) : 1;
		if (own) i++;
		else j++;
		while (below >= bar && below > 0) {
			found.push(value);
			if (found.length === shares.length) return found;
			bar = (shares[found.length] as number) * total * (1 - 1e-12);
		}
	}
	return found;
}
