import type { ChoiceSet } from "./choiceSets.js";
import { type Accounting, idlePower } from "./grid.js";
import {
	type Charging,
	leastOf,
	leastPredicted,
	type Picks,
	picksIn,
	type Scenario,
	type Spent,
	scenariosAt,
} from "./spending.js";
import {
	chargedSets,
	type PolicyValue,
	scopedValues,
	type ValueScope,
	type ValueStudy,
	type ValueWanted,
	valueGroups,
	weightsOf,
} from "./value.js";

/** What knowing energy is worth on one window of a trace; amounts in kWh a day. */
export interface TraceValue extends ValueScope {
	readonly window: string;
	readonly tolerance: number;
	readonly accounting: Accounting;
	readonly idle_share: number;
	/** Choice sets under weights in which more than one option is equally good at some load of the window. */
	readonly with_choice: number;
	/** Of choice sets under weights, which are what quantiles are taken over. */
	readonly policies: readonly PolicyValue[];
}

/** The steps of a window that are planned for the same highest second, together. */
interface Load {
	readonly window: number;
	readonly seconds: number;
	readonly requests: number;
}

/**
 * What the policies waste on windows of a trace, kWh a day. IPA's loop without its forecast: for each step the highest
 * load of a second in it is planned for, and the requests that came are served. The trace is scaled for each choice set,
 * so that its mean is a multiple of the set's median throughput: amounts compare between requests of any kind.
 *
 * @param windows requests in each second by name, as `readWindows` reads them
 * @param free knobs that may be chosen beside variant, batch and allocation
 * @param only what is wanted, where not all is
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * const windows = new Map([["a minute", { rps_damped8: Array(60).fill(5) }]]);
 * evaluation.valueOnTrace(study, windows)[0].device; // → "cpu"
 */
export function valueOnTrace(
	{ settings, groups }: ValueStudy,
	windows: ReadonlyMap<string, { readonly rps_damped8: ArrayLike<number> }>,
	free: readonly string[] = [],
	only: Omit<ValueWanted, "tolerance"> = {},
): TraceValue[] {
	const { tolerances, trace_multiple, trace_step_s } = settings.value;
	const names = [...windows.keys()];
	const rates = [...windows.values()].map(({ rps_damped8 }) => rps_damped8);
	const { loads, mean, seconds } = loadsOf(rates, trace_step_s.value);
	const tolerance = Math.max(...tolerances.value);
	return valueGroups(groups).flatMap((group) => {
		const { sets, charging } = chargedSets(group, settings, free, only);
		const spendings = sets.flatMap((set) => {
			const scale = (trace_multiple.value * set.median_rps) / mean;
			const joules = charging.rules.map((_, rule) => joulesOf(set, charging, rule));
			const planned = [...loads].map(([highest, own]) => ({
				own,
				scenarios: scenariosAt(set, scale * highest, weightsOf(settings), charging),
			}));
			return settings.value.weights.value.map((_, w) => ({
				set,
				spent: (allowed?: Uint8Array) =>
					onWindows(
						planned.map(({ own, scenarios }) => ({ own, scenario: scenarios[w] as Scenario })),
						{ set, scale, tolerance, charging, seconds, joules, ...(allowed === undefined ? {} : { allowed }) },
					),
			}));
		});
		const cached = spendings.map(({ set, spent }) => {
			const all = spent();
			return { set, all, spent: (allowed?: Uint8Array) => (allowed === undefined ? all : spent(allowed)) };
		});
		const { rules } = charging;
		return scopedValues(group, sets, cached, rules.length * names.length, settings, free, only, "amounts").flatMap(
			({ scope, isOwn, policies }) =>
				rules.flatMap(({ accounting, share }, rule) =>
					names.map(
						(window, w): TraceValue => ({
							...scope,
							window,
							tolerance,
							accounting,
							idle_share: share,
							with_choice: cached.filter(({ set, all }) => isOwn(set) && all?.[rule * names.length + w]?.chose === true)
								.length,
							policies: policies[rule * names.length + w] as PolicyValue[],
						}),
					),
				),
		);
	});
}

/** Steps by their highest second and window; mean load, 1/s; length of each window, s. A last partial step is left out. */
function loadsOf(windows: readonly ArrayLike<number>[], step_s: number) {
	const loads = new Map<number, Load[]>();
	const seconds = windows.map(({ length }) => Math.floor(length / step_s) * step_s);
	let total = 0;
	windows.forEach((perSecond, window) => {
		const own = new Map<number, { seconds: number; requests: number }>();
		for (let start = 0; start < (seconds[window] as number); start += step_s) {
			let highest = 0;
			let requests = 0;
			for (let second = start; second < start + step_s; second++) {
				highest = Math.max(highest, perSecond[second] as number);
				requests += perSecond[second] as number;
			}
			total += requests;
			const same = own.get(highest) ?? { seconds: 0, requests: 0 };
			own.set(highest, { seconds: same.seconds + step_s, requests: same.requests + requests });
		}
		// Without requests there is nothing to plan for.
		own.delete(0);
		for (const [highest, load] of own) loads.set(highest, [...(loads.get(highest) ?? []), { window, ...load }]);
	});
	return { loads, seconds, mean: total / seconds.reduce((sum, value) => sum + value, 0) };
}

/** `chose`: more than one option was equally good at some load. */
type SpentOnWindow = Spent & { readonly chose: boolean };

/** Of each idle rule and window, what the policies spend; undefined where some load has no feasible configuration. */
function onWindows(
	planned: readonly { readonly own: readonly Load[]; readonly scenario: Scenario }[],
	at: {
		readonly set: ChoiceSet;
		readonly scale: number;
		readonly tolerance: number;
		readonly charging: Charging;
		readonly seconds: readonly number[];
		readonly joules: readonly Joules[];
		readonly allowed?: Uint8Array;
	},
): SpentOnWindow[] | undefined {
	const { set, scale, tolerance, charging, seconds } = at;
	const chosen: { readonly own: readonly Load[]; readonly picks: Picks }[] = [];
	for (const { own, scenario } of planned) {
		const picks = picksIn(scenario, tolerance, at.allowed);
		if (picks === undefined) return undefined;
		chosen.push({ own, picks });
	}
	return charging.rules.flatMap((_, rule) => {
		const spendsOf = at.joules[rule] as Joules;
		const sums = seconds.map(() => ({ least: 0, ipa: 0, throughput: 0, core_seconds: 0, predicted: 0, chose: false }));
		for (const { own, picks } of chosen) {
			const { scenario, choice, good } = picks;
			const least = leastOf(good, scenario.energies[rule] as Float64Array);
			// Of one option there is nothing to choose, which is most often so.
			const alone = good.length === 1;
			const { predicted } = scenario;
			const idle = scenario.idle[rule] as Float64Array;
			const draws = alone ? [] : predicted.map((busy) => leastPredicted(good, busy, idle));
			for (const load of own) {
				const sum = sums[load.window] as (typeof sums)[number];
				const spends = (option: number) =>
					spendsOf(option, scenario.rated.replicas[option] as number, scale * load.requests, load.seconds);
				const base = spends(least);
				sum.least += base;
				if (predicted.length === 0) sum.predicted = Number.NaN;
				if (alone) continue;
				sum.chose = true;
				sum.ipa += spends(choice) - base;
				sum.throughput += spends(picks.throughput) - base;
				sum.core_seconds += spends(picks.core_seconds) - base;
				sum.predicted += draws.reduce((total, option) => total + spends(option) - base, 0) / draws.length;
			}
		}
		return sums.map(({ least, chose, ...extra }, window): SpentOnWindow => {
			const daily = (value: number) => (value * 86_400) / (seconds[window] as number) / 3.6e6;
			return {
				set,
				chose,
				least: daily(least),
				extra: {
					ipa: daily(extra.ipa),
					throughput: daily(extra.throughput),
					core_seconds: daily(extra.core_seconds),
					predicted: daily(extra.predicted),
				},
			};
		});
	});
}

/** Energy of an option over some seconds, J: dynamic by the requests served, idle by replicas and time where charged. */
type Joules = (option: number, replicas: number, requests: number, seconds: number) => number;

function joulesOf({ cells, population }: ChoiceSet, { rules, least_left }: Charging, r: number): Joules {
	const rule = rules[r] as Charging["rules"][number];
	const parts = cells.map((cell) => {
		const idle_w = idlePower(population, cell, rule);
		const { energy_j_per_request, throughput_rps } = cell;
		const dynamic_j = energy_j_per_request - idle_w / throughput_rps;
		return rule.accounting === "dedicated"
			? { dynamic_j, idle_w }
			: { dynamic_j: Math.max(dynamic_j, least_left * energy_j_per_request), idle_w: 0 };
	});
	return (option, replicas, requests, seconds) => {
		const { dynamic_j, idle_w } = parts[option] as (typeof parts)[number];
		return requests * dynamic_j + replicas * idle_w * seconds;
	};
}
