import { type ChoiceSet, equallyGood, ipaChoice, type RatedChoices, ratedChoices } from "./choiceSets.js";
import { configurationsAt } from "./configurations.js";
import { type IdleRule, idlePower } from "./grid.js";
import type { StudyThresholds } from "./studySettings.js";
import type { ValueSettings } from "./valueSettings.js";

/** A choice set at one rate under one pair of weights, with what its policies order by. */
export interface Scenario {
	readonly rated: RatedChoices;
	/** Measured, J per request, at each idle rule. */
	readonly energies: readonly Float64Array[];
	/** Predicted, J per request, at each idle rule, in each draw; no draws where the machine has no other network. */
	readonly predicted: readonly (readonly Float64Array[])[];
}

/** Energy of the policies in one scenario at one idle rule, J per request. */
export interface Spent {
	readonly scenario: Scenario;
	/** Least measured among the equally good. */
	readonly least_j: number;
	/** Equally good options. */
	readonly options: number;
	/** Above the least; `predicted` is the mean over the draws, NaN where there are none. */
	readonly extra_j: Readonly<Record<"ipa" | "throughput" | "core_seconds" | "predicted", number>>;
}

/**
 * A choice set at every rate and weight of the settings, with its energies at each idle rule.
 *
 * @param predicted busy energy of each cell of the grid by the formula, J per request, one array a draw
 */
export function scenariosOf(
	set: ChoiceSet,
	rules: readonly IdleRule[],
	predicted: readonly Float64Array[],
	{ shared_least_left }: StudyThresholds,
	{ rate_multiples, weights, gamma }: ValueSettings,
): Scenario[] {
	const { cells, population, members } = set;
	const draws = predicted.filter((busy_j) => !Number.isNaN(busy_j[members[0] as number] as number));
	return rate_multiples.flatMap((multiple) => {
		const rate_rps = multiple * set.median_rps;
		const charged = rules.map((rule) =>
			configurationsAt(
				cells,
				rate_rps,
				rule.accounting,
				(cell) => idlePower(population, cell, rule),
				shared_least_left,
			),
		);
		const energies = charged.map((own) => Float64Array.from(own, ({ energy_j }) => energy_j));
		const predictions = charged.map((own) =>
			draws.map((busy_j) =>
				Float64Array.from(own, ({ idle_j }, i) => (busy_j[members[i] as number] as number) + idle_j),
			),
		);
		return weights.map(({ alpha, beta }) => ({
			rated: ratedChoices(set, rate_rps, { alpha, beta, gamma, delta: 0 }),
			energies,
			predicted: predictions,
		}));
	});
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

/** What each policy spends at one idle rule. */
export function spentBy({ scenario, choice, good, throughput, core_seconds }: Picks, rule: number): Spent {
	const energy = scenario.energies[rule] as Float64Array;
	const draws = scenario.predicted[rule] as readonly Float64Array[];
	const least_j = energy[leastOf(good, energy)] as number;
	const extra = (i: number) => (energy[i] as number) - least_j;
	let predicted = 0;
	for (const values of draws) predicted += extra(leastOf(good, values));
	return {
		scenario,
		least_j,
		options: good.length,
		extra_j: {
			ipa: extra(choice),
			throughput: extra(throughput),
			core_seconds: extra(core_seconds),
			predicted: predicted / draws.length,
		},
	};
}

/** The member of least value, or with sign -1 of most; the first at ties. */
export function leastOf(members: readonly number[], values: Float64Array, sign = 1): number {
	let best = members[0] as number;
	for (const i of members) if (sign * (values[i] as number) < sign * (values[best] as number)) best = i;
	return best;
}
