import { type ChoiceSet, choiceSetsOf } from "./choiceSets.js";
import type { StudyGroup } from "./evaluate.js";
import type { DeviceClass } from "./evidence.js";
import { type Accounting, idleRules } from "./grid.js";
import { type PowerFormula, predictedBusyEnergies } from "./powerFormula.js";
import { type EvaluationSettings, thresholdsOf } from "./settings.js";
import {
	type Charging,
	type Estimate,
	type Picks,
	picksIn,
	quantileEstimates,
	type Spending,
	type Spent,
	type SpentReading,
	scenariosAt,
	spentBy,
} from "./spending.js";

/**
 * How one of the equally good is taken. `ipa`: IPA's own choice; `throughput`: the most; `core_seconds`: the least busy
 * ones; `predicted`: least energy by a formula fitted on a few cells of the machine; `fixed_elsewhere`: throughput or
 * core-seconds, whichever wastes less on the other data sets of the class. All are held against the least measured energy.
 */
export const policies = ["ipa", "throughput", "core_seconds", "predicted", "fixed_elsewhere"] as const;

export type Policy = (typeof policies)[number];

export type TieMetric = "throughput" | "core_seconds";

/** What the value is worked out from: the classes of a study without their labels. */
export interface ValueStudy {
	readonly settings: EvaluationSettings;
	readonly groups: readonly ValueGroup[];
}

export type ValueGroup = Pick<StudyGroup, "device" | "trajectory" | "grid" | "formulas">;

/** Energy that a policy spends above the least among the equally good. */
export interface PolicyValue {
	readonly policy: Policy;
	/** Scenarios in which the policy says something. */
	readonly scenarios: number;
	/** By quantile of the scenarios, as the settings name them; empty where the policy says nothing. */
	readonly extra: readonly {
		readonly quantile: number;
		/** Of the least energy. */
		readonly share?: Estimate;
		/** In the unit of what is spent; absent where the scenarios have several units of request. */
		readonly amount?: Estimate;
	}[];
}

/** Which scenarios a value is of. */
export interface ValueScope {
	readonly device: DeviceClass;
	/** Absent for the class as a whole. */
	readonly dataset?: string;
	/** Knobs that were free beside IPA's own. */
	readonly free: readonly string[];
	readonly choice_sets: number;
	readonly networks: number;
	readonly request_units: readonly string[];
}

/** What knowing energy is worth to a device class, or to one data set of it; amounts in J per request. */
export interface KnowingValue extends ValueScope {
	readonly tolerance: number;
	readonly accounting: Accounting;
	/** Idle power as a share of the machine's least power, where it was not measured. */
	readonly idle_share: number;
	readonly scenarios: number;
	/** Scenarios in which more than one option is equally good. */
	readonly with_choice: number;
	readonly policies: readonly PolicyValue[];
	/** By data set, the metric that the others fix. */
	readonly fixed_elsewhere: Readonly<Record<string, TieMetric>>;
}

/** A part of the values. */
export interface ValueWanted {
	readonly tolerance?: number;
	readonly accounting?: Accounting;
	/** False: of the classes alone, not of their data sets too. */
	readonly datasets?: boolean;
}

/**
 * The value of knowing energy, for each device class as a whole and for each of its data sets, at every tolerance,
 * accounting and end of the idle power. Cells that a controller visited are in no class.
 *
 * @param free knobs that may be chosen beside variant, batch and allocation: runtime, power
 * @param only what is wanted, where not all is: each tolerance and accounting takes its time again
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * const [value] = evaluation.knowingValue(study);
 * value.device; // → "cpu"
 */
export function knowingValue(
	{ settings, groups }: ValueStudy,
	free: readonly string[] = [],
	only: ValueWanted = {},
): KnowingValue[] {
	const tolerances = settings.value.tolerances.value.filter((tolerance) => tolerance === (only.tolerance ?? tolerance));
	const rates = settings.bands.flatMap(({ multiples }) => multiples.filter((multiple) => multiple !== "limit"));
	return valueGroups(groups).flatMap((group) => {
		const { sets, charging } = chargedSets(group, settings, free, only);
		const scenarios = sets.flatMap((set) =>
			rates.flatMap((multiple) => scenariosAt(set, multiple * set.median_rps, weightsOf(settings), charging)),
		);
		return tolerances.flatMap((tolerance) => {
			const picks = scenarios.flatMap((scenario) => picksIn(scenario, tolerance) ?? []);
			const spendings = picks.map((own): Spending => {
				const { scenario } = own;
				const spent = (chosen: Picks | undefined) =>
					chosen === undefined ? undefined : charging.rules.map((_, rule) => spentBy(chosen, rule));
				const all = spent(own);
				return {
					set: scenario.rated.set,
					spent: (allowed) => (allowed === undefined ? all : spent(picksIn(scenario, tolerance, allowed))),
				};
			});
			return scopedValues(group, sets, spendings, charging.rules.length, settings, free, only).flatMap(
				({ scope, isOwn, policies: values, fixed }) => {
					const own = picks.filter(({ scenario }) => isOwn(scenario.rated.set));
					return charging.rules.map(
						({ accounting, share }, rule): KnowingValue => ({
							...scope,
							tolerance,
							accounting,
							idle_share: share,
							scenarios: own.length,
							with_choice: own.filter(({ good }) => good.length > 1).length,
							policies: values[rule] as PolicyValue[],
							fixed_elsewhere: Object.fromEntries(fixed[rule] as ReadonlyMap<string, TieMetric>),
						}),
					);
				},
			);
		});
	});
}

/** The device classes of a study, without the cells that a controller visited. */
export function valueGroups(groups: readonly ValueGroup[]): ValueGroup[] {
	return groups.filter(({ trajectory }) => trajectory === undefined);
}

/** The choice sets of a class, and what their energies are charged by. */
export function chargedSets(
	{ grid, formulas }: ValueGroup,
	settings: EvaluationSettings,
	free: readonly string[],
	only: ValueWanted,
): { readonly sets: readonly ChoiceSet[]; readonly charging: Charging } {
	const thresholds = thresholdsOf(settings);
	const sets = choiceSetsOf(grid, free);
	const busy = predictedBusyEnergies(grid, formulas[0] as PowerFormula);
	const predicted = (set: ChoiceSet) =>
		busy
			.map((energies) => Float64Array.from(set.members, (i) => energies[i] as number))
			.filter((own) => own.every((value) => !Number.isNaN(value)));
	return {
		sets,
		charging: {
			rules: Object.values(idleRules(thresholds))
				.flat()
				.filter(({ accounting }) => accounting === (only.accounting ?? accounting)),
			predicted: new Map(sets.map((set) => [set, predicted(set)])),
			least_left: thresholds.shared_least_left,
		},
	};
}

/** IPA's weights, which have no price of energy. */
export function weightsOf({ value: { weights, gamma } }: Pick<EvaluationSettings, "value">) {
	return weights.value.map(([alpha, beta]) => ({ alpha, beta, gamma: gamma.value, delta: 0 }));
}

/** Policies over one scope, by rule. */
export interface ScopedValues {
	readonly scope: ValueScope;
	readonly isOwn: (set: ChoiceSet) => boolean;
	readonly policies: readonly (readonly PolicyValue[])[];
	readonly fixed: readonly ReadonlyMap<string, TieMetric>[];
}

/**
 * What the policies waste over the class, and over each of its data sets where it has several, at each rule.
 *
 * @param of amounts alone, which compare between requests of any kind, or shares with the amounts of one kind of request
 */
export function scopedValues(
	{ device }: Pick<ValueGroup, "device">,
	sets: readonly ChoiceSet[],
	spendings: readonly Spending[],
	rules: number,
	settings: EvaluationSettings,
	free: readonly string[],
	{ datasets: each = true }: ValueWanted,
	of: "shares" | "amounts" = "shares",
): ScopedValues[] {
	const datasets = [...new Set(sets.map(datasetOf))];
	const fixed = Array.from({ length: rules }, (_, rule) => fixedElsewhere(spendings, rule, datasets));
	return [undefined, ...(each && datasets.length > 1 ? datasets : [])].map((dataset): ScopedValues => {
		const isOwn = (set: ChoiceSet) => dataset === undefined || datasetOf(set) === dataset;
		const own = sets.filter(isOwn);
		const scope = {
			device,
			...(dataset === undefined ? {} : { dataset }),
			free,
			choice_sets: own.length,
			networks: new Set(own.flatMap(({ cells }) => cells.map(({ network }) => network))).size,
			request_units: [...new Set(own.map(({ population }) => population.request_unit))],
		};
		return {
			scope,
			isOwn,
			policies: policyValues(
				scope,
				spendings.filter(({ set }) => isOwn(set)),
				fixed,
				settings,
				of,
			),
			fixed,
		};
	});
}

function policyValues(
	{ networks, request_units }: ValueScope,
	spendings: readonly Spending[],
	fixed: readonly ReadonlyMap<string, TieMetric>[],
	{ seed, value: { quantiles, resamples }, ...settings }: EvaluationSettings,
	of: "shares" | "amounts",
): PolicyValue[][] {
	const { minimum_variants, level } = thresholdsOf(settings);
	const kinds = (["share", "amount"] as const).filter((kind) =>
		kind === "share" ? of === "shares" : of === "amounts" || request_units.length === 1,
	);
	const readings = fixed.map((metrics) =>
		kinds.flatMap((kind) =>
			policies.map((policy): SpentReading => {
				if (kind === "amount") return (one) => extraOf(one, policy, metrics);
				return (one) => extraOf(one, policy, metrics) / one.least;
			}),
		),
	);
	const estimates = quantileEstimates(spendings, readings, quantiles.value, {
		level,
		seed,
		resamples: networks < minimum_variants ? 0 : resamples.value,
	});
	return fixed.map((metrics, rule) => {
		const spent = spendings.flatMap((one) => one.spent()?.[rule] ?? []);
		return policies.map((policy, p) => {
			const rows = kinds.map((kind, k) => [kind, estimates[rule]?.[k * policies.length + p] ?? []] as const);
			const known = rows.some(([, row]) => row.length > 0);
			return {
				policy,
				scenarios: spent.filter((one) => !Number.isNaN(extraOf(one, policy, metrics))).length,
				extra: (known ? quantiles.value : []).map((quantile, q) => ({
					quantile,
					...Object.fromEntries(rows.map(([kind, row]) => [kind, row[q] as Estimate])),
				})),
			};
		});
	});
}

function extraOf({ set, extra }: Spent, policy: Policy, fixed: ReadonlyMap<string, TieMetric>): number {
	const name = policy === "fixed_elsewhere" ? fixed.get(datasetOf(set)) : policy;
	return name === undefined ? Number.NaN : extra[name];
}

/** Of throughput and core-seconds, the one that wastes less on the other data sets, each of which counts the same. */
function fixedElsewhere(
	spendings: readonly Spending[],
	rule: number,
	datasets: readonly string[],
): ReadonlyMap<string, TieMetric> {
	if (datasets.length < 2) return new Map();
	const differences = datasets.map((dataset) => {
		const own = spendings.filter(({ set }) => datasetOf(set) === dataset).flatMap(({ spent }) => spent()?.[rule] ?? []);
		const wasted = own.map(({ extra, least }) => (extra.core_seconds - extra.throughput) / least);
		return wasted.reduce((sum, value) => sum + value, 0) / Math.max(1, own.length);
	});
	const total = differences.reduce((sum, value) => sum + value, 0);
	return new Map(
		datasets.map((dataset, d) => [dataset, total - (differences[d] as number) < 0 ? "core_seconds" : "throughput"]),
	);
}

function datasetOf({ population }: ChoiceSet): string {
	return population.dataset;
}
