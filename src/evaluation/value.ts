import { type ChoiceSet, choiceSetsOf } from "./choiceSets.js";
import type { Accounting } from "./configurations.js";
import type { DeviceClass } from "./evidence.js";
import type { Grid } from "./grid.js";
import { idleRules, predictedBusyEnergies } from "./labels.js";
import type { PowerFormula } from "./powerFormula.js";
import { type Picks, picksIn, type Spent, scenariosOf, spentBy } from "./scenarios.js";
import type { StudyThresholds } from "./studySettings.js";
import type { ValueSettings } from "./valueSettings.js";
import { type Estimate, quantileEstimates, type Resampling, type SpentReading } from "./valueSummary.js";

/**
 * How one of the equally good is taken. `ipa`: IPA's own choice; `throughput`: the most; `core_seconds`: the least busy
 * ones; `predicted`: least energy by a formula fitted on a few cells of the machine; `fixed_elsewhere`: throughput or
 * core-seconds, whichever wastes less on the other data sets of the class. All are held against the least measured energy.
 */
export const policies = ["ipa", "throughput", "core_seconds", "predicted", "fixed_elsewhere"] as const;

export type Policy = (typeof policies)[number];

/** Energy that a policy spends above the least among the equally good. */
export interface PolicyValue {
	readonly policy: Policy;
	/** Scenarios in which the policy says something. */
	readonly scenarios: number;
	/** By quantile of the scenarios, as the settings name them; empty where the policy says nothing. */
	readonly extra: readonly {
		readonly quantile: number;
		/** Share of the least energy. */
		readonly share: Estimate;
		/** Absent where the scenarios have several units of request. */
		readonly j_per_request?: Estimate;
	}[];
}

/** What knowing energy is worth to a device class, or to one data set of it. */
export interface KnowingValue {
	readonly device: DeviceClass;
	/** Absent for the class as a whole. */
	readonly dataset?: string;
	/** Knobs that were free beside IPA's own. */
	readonly free: readonly string[];
	readonly tolerance: number;
	readonly accounting: Accounting;
	/** Idle power as a share of the machine's least power, where it was not measured. */
	readonly idle_share: number;
	readonly choice_sets: number;
	readonly networks: number;
	readonly request_units: readonly string[];
	readonly scenarios: number;
	/** Scenarios in which more than one option is equally good. */
	readonly with_choice: number;
	readonly policies: readonly PolicyValue[];
	/** By data set, the metric that the others fix. */
	readonly fixed_elsewhere: Readonly<Record<string, TieMetric>>;
}

export type TieMetric = "throughput" | "core_seconds";

/** What the value is worked out from: a device class of the study with the formula that decides. */
export interface ValueGroup {
	readonly device: DeviceClass;
	readonly grid: Grid;
	readonly formula: PowerFormula;
}

/**
 * The value of knowing energy, for a class as a whole and for each of its data sets, at every tolerance, accounting and
 * end of the idle power.
 *
 * @param free knobs that may be chosen beside variant, batch and allocation: runtime, power
 * @example knowingValue({ device, grid, formula }, thresholds, settings, 1, [])
 */
export function knowingValue(
	group: ValueGroup,
	thresholds: StudyThresholds,
	settings: ValueSettings,
	seed: number,
	free: readonly string[] = [],
): KnowingValue[] {
	const rules = Object.values(idleRules(thresholds)).flat();
	const sets = choiceSetsOf(group.grid, free);
	const predicted = predictedBusyEnergies(group.grid, group.formula);
	const scenarios = sets.flatMap((set) => scenariosOf(set, rules, predicted, thresholds, settings));
	const datasets = [...new Set(sets.map(datasetOf))];
	return settings.tolerances.flatMap((tolerance): KnowingValue[] => {
		const picks = scenarios.flatMap((scenario) => picksIn(scenario, tolerance) ?? []);
		const fixed = rules.map((_, rule) => fixedElsewhere(picks, rule, datasets));
		return [undefined, ...(datasets.length > 1 ? datasets : [])].flatMap((dataset) => {
			const isOwn = (set: ChoiceSet) => dataset === undefined || datasetOf(set) === dataset;
			const own = picks.filter(({ scenario }) => isOwn(scenario.rated.set));
			const ownSets = sets.filter(isOwn);
			const values = policyValues(own, fixed, { tolerance, seed, level: thresholds.level }, thresholds, settings);
			return rules.map(
				({ accounting, share }, rule): KnowingValue => ({
					device: group.device,
					...(dataset === undefined ? {} : { dataset }),
					free,
					tolerance,
					accounting,
					idle_share: share,
					choice_sets: ownSets.length,
					networks: networksOf(ownSets),
					request_units: [...new Set(ownSets.map(({ population }) => population.request_unit))],
					scenarios: own.length,
					with_choice: own.filter(({ good }) => good.length > 1).length,
					policies: values[rule] as PolicyValue[],
					fixed_elsewhere: Object.fromEntries(fixed[rule] as ReadonlyMap<string, TieMetric>),
				}),
			);
		});
	});
}

/** Of each idle rule, what the policies waste. */
function policyValues(
	picks: readonly Picks[],
	fixed: readonly ReadonlyMap<string, TieMetric>[],
	resampling: Omit<Resampling, "resamples">,
	{ minimum_variants }: StudyThresholds,
	{ quantiles, resamples }: ValueSettings,
): PolicyValue[][] {
	const sets = [...new Set(picks.map(({ scenario }) => scenario.rated.set))];
	const oneUnit = new Set(sets.map(({ population }) => population.request_unit)).size === 1;
	// The metric that other data sets fix can differ with the idle rule: each rule has its own reading.
	const readings = (rule: number) => {
		const joules = policies.map(
			(policy): SpentReading =>
				(one) =>
					extraOf(one, policy, fixed[rule] as ReadonlyMap<string, TieMetric>),
		);
		return [
			...joules.map(
				(read): SpentReading =>
					(one) =>
						read(one) / one.least_j,
			),
			...(oneUnit ? joules : []),
		];
	};
	const estimates = quantileEstimates(
		picks,
		fixed.map((_, rule) => readings(rule)),
		quantiles,
		{
			...resampling,
			resamples: networksOf(sets) < minimum_variants ? 0 : resamples,
		},
	);
	return fixed.map((metrics, rule) => {
		const spent = picks.map((one) => spentBy(one, rule));
		return policies.map((policy, p) => ({
			policy,
			scenarios: spent.filter((one) => !Number.isNaN(extraOf(one, policy, metrics))).length,
			extra: ((estimates[rule] ?? [])[p] as Estimate[]).map((share, q) => {
				const j_per_request = estimates[rule]?.[policies.length + p]?.[q];
				return { quantile: quantiles[q] as number, share, ...(j_per_request === undefined ? {} : { j_per_request }) };
			}),
		}));
	});
}

function extraOf({ scenario, extra_j }: Spent, policy: Policy, fixed: ReadonlyMap<string, TieMetric>): number {
	const name = policy === "fixed_elsewhere" ? fixed.get(datasetOf(scenario.rated.set)) : policy;
	return name === undefined ? Number.NaN : extra_j[name];
}

/** Of throughput and core-seconds, the one that wastes less on the other data sets, each of which counts the same. */
function fixedElsewhere(
	picks: readonly Picks[],
	rule: number,
	datasets: readonly string[],
): ReadonlyMap<string, TieMetric> {
	const differences = datasets.map((dataset) => {
		const own = picks.filter(({ scenario }) => datasetOf(scenario.rated.set) === dataset);
		const wasted = own.map((one) => {
			const { extra_j, least_j } = spentBy(one, rule);
			return (extra_j.core_seconds - extra_j.throughput) / least_j;
		});
		return wasted.reduce((sum, value) => sum + value, 0) / Math.max(1, own.length);
	});
	const total = differences.reduce((sum, value) => sum + value, 0);
	return new Map(
		datasets.length < 2
			? []
			: datasets.map((dataset, d) => [dataset, total - (differences[d] as number) < 0 ? "core_seconds" : "throughput"]),
	);
}

function datasetOf({ population }: ChoiceSet): string {
	return population.dataset;
}

function networksOf(sets: readonly ChoiceSet[]): number {
	return new Set(sets.flatMap(({ cells }) => cells.map(({ network }) => network))).size;
}
