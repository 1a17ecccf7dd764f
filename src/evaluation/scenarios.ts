import type { Weights } from "../pipeline/spec.js";
import { type ChoiceSet, equallyGood, ipaChoice, type RatedChoices, ratedChoices } from "./choiceSets.js";
import { configurationsAt, type IdleRule, idlePower, type StudyConfiguration } from "./grid.js";

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
