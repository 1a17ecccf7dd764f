import { servedBy, serveSeeds, type WindowStudy } from "../adaptation/compareSystems.js";
import type { Served } from "../adaptation/serve.js";
import { systemSpec } from "../adaptation/systems.js";
import { footprint, type StartHours, startHours } from "../carbon/footprint.js";
import { hourlyFrom } from "../carbon/series.js";
import { intensitySeries } from "../datasets/carbon.js";
import type { CarbonIntensity } from "../datasets/carbonFile.js";
import { type Kind, weakestKind } from "../units.js";

/** Where and when a run takes its electricity. */
export interface Place {
	readonly zone: string;
	readonly basis: "direct" | "lifecycle";
	/** First hour, UTC. */
	readonly start: string;
	/** Average intensity of that hour and the ones after it, g/kWh. */
	readonly hourly_g_per_kwh: readonly number[];
}

/** What a system came to over a window, or over a week of it. Energy and grams are absent where the profile has no energies. */
export interface SystemTotals {
	readonly window: string;
	/** 1 for the first; absent where the window is told whole. */
	readonly week?: number;
	readonly system: string;
	readonly requests?: number;
	/** Mean over the requests, as the objective counts it; absent where none came. */
	readonly accuracy?: number;
	readonly core_seconds?: number;
	/** Late or dropped requests, of all. */
	readonly late_or_dropped_share?: number;
	readonly dropped_share?: number;
	readonly energy_j?: number;
	/** Operational, at the place. */
	readonly carbon_g?: number;
	readonly changes?: number;
	readonly infeasible_steps?: number;
	readonly latency_kind?: Kind;
	readonly energy_kind?: Kind;
	/** Why it was not run. */
	readonly unavailable?: string;
}

/**
 * What every system came to over each window; grams where a place is given.
 *
 * @example
 * const { spec } = await pipeline.readPreset("sum-qa");
 * const load = [{ name: "a minute", rps_damped8: Array(60).fill(5) }];
 * const study = adaptation.compareWindows({ spec }, load, { predictor: "max", only: ["ipa"] });
 * const [ipa] = studies.windowTotals(study);
 * [ipa.requests, ipa.energy_j]; // → [300, undefined]
 */
export function windowTotals({ spec, runs }: WindowStudy, place?: Pick<Place, "hourly_g_per_kwh">): SystemTotals[] {
	return runs.flatMap(({ window, rows }) =>
		rows.map(({ system, outcome }): SystemTotals => {
			if (outcome.status !== "served") return { window, system, unavailable: outcome.reason };
			const { served } = outcome;
			const { dropped, requests, changes, infeasibleSteps } = served;
			return {
				window,
				system,
				...totalsOf(served, 0, served.requestsByInterval.length, place),
				...(requests > 0 ? { dropped_share: dropped / requests } : {}),
				changes,
				infeasible_steps: infeasibleSteps,
				latency_kind: latencyKind(spec),
			};
		}),
	);
}

/**
 * What each system came to in each week of each window. A request counts in the week in which it arrived.
 *
 * @param length_s length of a week, s: a whole number of decisions; a last part of one is a row too
 * @throws RangeError where a week would cut a decision
 * @example
 * const { spec } = await pipeline.readPreset("sum-qa");
 * const load = [{ name: "a minute", rps_damped8: Array(60).fill(5) }];
 * const study = adaptation.compareWindows({ spec }, load, { predictor: "max", only: ["ipa"] });
 * studies.weekTotals(study, 20).map(({ requests }) => requests); // → [100, 100, 100]
 */
export function weekTotals({ spec, runs }: WindowStudy, length_s = 7 * 24 * 3600): SystemTotals[] {
	return runs.flatMap(({ window, rows }) =>
		rows.flatMap(({ system, outcome }): SystemTotals[] => {
			if (outcome.status !== "served") return [{ window, system, unavailable: outcome.reason }];
			const { served } = outcome;
			const intervals = length_s / served.interval_s;
			if (!(Number.isInteger(intervals) && intervals > 0))
				throw new RangeError(`a week must be a whole number of decisions of ${served.interval_s} s, not ${length_s} s`);
			return Array.from({ length: Math.ceil(served.requestsByInterval.length / intervals) }, (_, week) => ({
				window,
				week: week + 1,
				system,
				...totalsOf(served, week * intervals, (week + 1) * intervals),
				latency_kind: latencyKind(spec),
			}));
		}),
	);
}

function latencyKind({ stages }: WindowStudy["spec"]): Kind {
	return weakestKind(stages.flatMap(({ points }) => points.map(({ kind }) => kind)));
}

function totalsOf(served: Served, from: number, until: number, place?: Pick<Place, "hourly_g_per_kwh">) {
	const { energy, interval_s } = served;
	const own = (values: Float64Array) => total(values.subarray(from, until));
	const requests = own(served.requestsByInterval);
	const joules = energy.status === "available" ? energy.joules.subarray(from, until) : undefined;
	return {
		requests,
		...(requests > 0
			? {
					accuracy: own(served.requestsByInterval.map((count, k) => count * (served.accuracy[k] ?? 0))) / requests,
					late_or_dropped_share: own(served.violationsByInterval) / requests,
				}
			: {}),
		core_seconds: own(served.cost_cores) * interval_s,
		...(joules === undefined ? {} : { energy_j: total(joules) }),
		...(joules === undefined || place === undefined
			? {}
			: { carbon_g: footprint(joules, interval_s, place.hourly_g_per_kwh).total_g }),
		...(energy.status === "available" ? { energy_kind: energy.kind } : {}),
	};
}

function total(values: Float64Array): number {
	return values.reduce((sum, value) => sum + value, 0);
}

/** IPA with energy against IPA over one window. Savings below 0 are losses; shares are of what IPA came to. */
export interface Change {
	readonly pipeline: string;
	readonly window: string;
	readonly energy_saved_share: number;
	readonly energy_saved_j: number;
	readonly carbon_saved_g: number;
	readonly accuracy_change: number;
	readonly core_seconds_change_share: number;
	/** Change of the share of requests late or dropped. */
	readonly late_or_dropped_change_share: number;
	/** The same over arrivals of other seeds, the same ones for both systems: least and most. */
	readonly late_or_dropped_change_over_seeds_share: { readonly low: number; readonly high: number };
	readonly energy_kind: Kind;
}

/**
 * What energy changes over each window: IPA with energy against IPA. Serves both again under other seeds of the arrivals.
 *
 * @throws RangeError where one of the two was not run
 * @example
 * const { spec } = await pipeline.readPreset("sum-qa");
 * const load = [{ name: "a minute", rps_damped8: Array(60).fill(5) }];
 * const bare = adaptation.compareWindows({ spec }, load, { predictor: "max" });
 * studies.changes([bare], { hourly_g_per_kwh: [100] }); // throws "weighs no energy"
 */
export function changes(
	studies: readonly WindowStudy[],
	{ hourly_g_per_kwh }: Pick<Place, "hourly_g_per_kwh">,
	seeds: readonly number[] = [1, 2, 3, 4, 5],
): Change[] {
	return studies.flatMap((study) =>
		study.runs.map((run): Change => {
			const { window, rows } = run;
			const [plain, aware] = [servedBy(rows, "ipa"), servedBy(rows, "ipa-energy")];
			const [before, after] = [joulesOf(plain), joulesOf(aware)];
			const grams = ({ joules }: { readonly joules: Float64Array }) =>
				footprint(joules, plain.interval_s, hourly_g_per_kwh).total_g;
			const late = ({ violations, requests }: Served) => violations / requests;
			const plainAgain = serveSeeds(study, run, "ipa", seeds);
			const over = serveSeeds(study, run, "ipa-energy", seeds).map(
				(again, i) => late(again) - late(plainAgain[i] ?? again),
			);
			return {
				pipeline: study.spec.name,
				window,
				energy_saved_share: 1 - after.total_j / before.total_j,
				energy_saved_j: before.total_j - after.total_j,
				carbon_saved_g: grams(before) - grams(after),
				accuracy_change: aware.meanAccuracy - plain.meanAccuracy,
				core_seconds_change_share: aware.core_seconds / plain.core_seconds - 1,
				late_or_dropped_change_share: late(aware) - late(plain),
				late_or_dropped_change_over_seeds_share: { low: Math.min(...over), high: Math.max(...over) },
				energy_kind: after.kind,
			};
		}),
	);
}

function joulesOf({ energy }: Served) {
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return energy;
}

/** How often a system's weights choose the lightest or the heaviest variants of all stages, of the decisions. */
export interface ExtremeShares {
	readonly all_lightest_share: number;
	readonly all_heaviest_share: number;
}

/** The same of IPA without and with energy, over every step of every window; absent where a system was not run. */
export interface ChoiceShares {
	readonly pipeline: string;
	readonly alpha: number;
	readonly beta: number;
	readonly ipa?: ExtremeShares;
	readonly ipa_energy?: ExtremeShares;
}

/**
 * The share of the decisions in which every stage runs its lightest or its heaviest variant.
 *
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const load = [{ name: "a minute", rps_damped8: Array(60).fill(40) }];
 * const study = adaptation.compareWindows({ spec }, load, { predictor: "max", only: ["ipa"] });
 * studies.choiceShares([study])[0].ipa_energy; // → undefined
 */
export function choiceShares(studies: readonly WindowStudy[]): ChoiceShares[] {
	return studies.map(({ spec, runs }) => {
		const extreme = (variants: "lightest" | "heaviest") =>
			JSON.stringify(systemSpec(spec, variants, { variants }).stages.map(({ initial_variant }) => initial_variant));
		const [lightest, heaviest] = [extreme("lightest"), extreme("heaviest")];
		const of = (system: string): ExtremeShares | undefined => {
			const chosen = runs.flatMap(({ rows }) => {
				const outcome = rows.find((row) => row.system === system)?.outcome;
				return outcome?.status === "served"
					? outcome.steps.slice(1).map(({ plan }) => JSON.stringify(plan.stages.map(({ variant }) => variant)))
					: [];
			});
			if (chosen.length === 0) return undefined;
			const share = (variants: string) => chosen.filter((own) => own === variants).length / chosen.length;
			return { all_lightest_share: share(lightest), all_heaviest_share: share(heaviest) };
		};
		const [ipa, ipa_energy] = [of("ipa"), of("ipa-energy")];
		const { alpha, beta } = spec.weights;
		return { pipeline: spec.name, alpha, beta, ...(ipa && { ipa }), ...(ipa_energy && { ipa_energy }) };
	});
}

/** Emissions of the same run by the hour at which it begins, at a place. */
export interface ZoneStartHours extends StartHours {
	readonly zone: string;
	readonly worst_over_best: number;
	readonly kind: Kind;
}

/** Which places and hours, of which intensities. */
export interface StartHourOptions {
	readonly zones: readonly string[];
	readonly basis: CarbonIntensity["basis"];
}

/**
 * Emissions of a system's run over the first window at each place and each hour of the intensities at which it could begin, g.
 *
 * @throws RangeError where the system was not run or has no energy, InputError where a zone has no intensities
 * @example
 * studies.startHoursByZone({ runs: [] }, "ipa", [], { zones: ["GB"], basis: "lifecycle" }); // throws "ipa: was not run"
 */
export function startHoursByZone(
	{ runs }: Pick<WindowStudy, "runs">,
	system: string,
	intensities: readonly CarbonIntensity[],
	{ zones, basis }: StartHourOptions,
): ZoneStartHours[] {
	const served = servedBy(runs[0]?.rows ?? [], system);
	const { joules, kind } = joulesOf(served);
	return zones.map((zone) => {
		const series = intensitySeries(intensities, zone, basis);
		const hourly = hourlyFrom(series, series.start_ms, { name: `carbon intensity of ${zone}` });
		const hours = startHours(joules, served.interval_s, hourly);
		return {
			zone,
			...hours,
			worst_over_best: hours.worst.total_g / hours.best.total_g,
			kind: weakestKind([kind, "modelled"]),
		};
	});
}
