import { sum } from "simple-statistics";
import {
	adaptationDefaults,
	type SystemRow,
	servedBy,
	serveSeeds,
	type WindowStudy,
} from "../adaptation/compareSystems.js";
import type { Served } from "../adaptation/serve.js";
import { systemSpec } from "../adaptation/systems.js";
import { footprint } from "../carbon/footprint.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { weakestKind } from "../units.js";

/** Where and when a run takes its electricity. */
export interface Place {
	readonly zone: string;
	readonly basis: "direct" | "lifecycle";
	/** First hour, UTC. */
	readonly start: string;
	/** Average intensity of that hour and the ones after it, g/kWh. */
	readonly hourly_g_per_kwh: readonly number[];
}

/** Rows for a table: how often the weights choose the lightest or the heaviest variants, over every step of every window. */
export function choiceShareRows(studies: readonly WindowStudy[]): Record<string, string | number>[] {
	return studies.map((study) => {
		const { spec } = study;
		const extreme = (variants: "lightest" | "heaviest") =>
			JSON.stringify(systemSpec(spec, variants, { variants }).stages.map(({ initial_variant }) => initial_variant));
		const [lightest, heaviest] = [extreme("lightest"), extreme("heaviest")];
		return {
			pipeline: spec.name,
			alpha: spec.weights.alpha,
			beta: spec.weights.beta,
			"ipa: all lightest (%)": share(study, "ipa", lightest),
			"ipa: all heaviest (%)": share(study, "ipa", heaviest),
			"with energy: all lightest (%)": share(study, "ipa-energy", lightest),
			"with energy: all heaviest (%)": share(study, "ipa-energy", heaviest),
		};
	});
}

function share({ runs }: WindowStudy, name: string, variants: string): number {
	const steps = runs.flatMap(({ rows }) => {
		const outcome = rows.find(({ system }) => system === name)?.outcome;
		return outcome?.status === "served" ? outcome.steps.slice(1) : [];
	});
	const same = steps.filter(({ plan }) => JSON.stringify(plan.stages.map(({ variant }) => variant)) === variants);
	return Number(((100 * same.length) / steps.length).toFixed(1));
}

const week_s = 7 * 24 * 3600;

/**
 * Rows for a table: what each system came to in each week of one run. Accuracy is the mean over the requests, as
 * `serve` has it; a request counts in the week in which it arrived.
 *
 * @param spec the pipeline that the systems served, for the kind of its latencies
 * @param length_s length of a week, s: a whole number of decisions; a last part of one is a row too
 */
export function weekRows(
	{ stages }: PipelineSpec,
	rows: readonly SystemRow[],
	length_s = week_s,
): Record<string, string | number>[] {
	const latencies = weakestKind(stages.flatMap(({ points }) => points.map(({ kind }) => kind)));
	const intervals = length_s / adaptationDefaults.interval_s;
	if (!(Number.isInteger(intervals) && intervals > 0))
		throw new RangeError(
			`a week must be a whole number of decisions of ${adaptationDefaults.interval_s} s, not ${length_s} s`,
		);
	return rows.flatMap(({ system, outcome }): Record<string, string | number>[] => {
		if (outcome.status !== "served") return [{ system, note: `${outcome.status}: ${outcome.reason}` }];
		const { served, steps } = outcome;
		return Array.from({ length: Math.ceil(steps.length / intervals) }, (_, week) => ({
			week: week + 1,
			system,
			...weekOf(served, week * intervals, (week + 1) * intervals),
			"kind: latency, energy": `${latencies}, ${served.energy.status === "available" ? served.energy.kind : "none"}`,
		}));
	});
}

function weekOf(served: Served, from: number, until: number): Record<string, string | number> {
	const { energy, cost_cores, accuracy } = served;
	const requests = served.requestsByInterval.subarray(from, until);
	const sent = sum([...requests]);
	const late = sum([...served.violationsByInterval.subarray(from, until)]);
	const weighted = sum(Array.from(requests, (count, k) => count * (accuracy[from + k] as number)));
	return {
		requests: sent,
		accuracy: sent === 0 ? "no requests" : Number((weighted / sent).toFixed(3)),
		"core-hours": Number(
			((sum([...cost_cores.subarray(from, until)]) * adaptationDefaults.interval_s) / 3600).toFixed(1),
		),
		"late or dropped (%)": sent === 0 ? "no requests" : Number(((100 * late) / sent).toFixed(2)),
		"energy (MJ)":
			energy.status === "available"
				? Number((sum([...energy.joules.subarray(from, until)]) / 1e6).toFixed(2))
				: "unavailable",
	};
}

/**
 * Rows for a table: IPA with energy against IPA, over each window. Negative savings are losses. The change of late or
 * dropped requests comes with its range over arrivals of other seeds, the same ones for both systems.
 */
export function changedRows(
	studies: readonly WindowStudy[],
	{ hourly_g_per_kwh }: Place,
	seeds: readonly number[] = [1, 2, 3, 4, 5],
): Record<string, string | number>[] {
	return studies.flatMap((study) =>
		study.runs.map((run) => {
			const { window, rows } = run;
			const plain = servedBy(rows, "ipa");
			const aware = servedBy(rows, "ipa-energy");
			const [before, after] = [joules(plain), joules(aware)];
			const grams = (own: Float64Array) => footprint(own, adaptationDefaults.interval_s, hourly_g_per_kwh).total_g;
			const share = ({ violations, requests }: Served) => (100 * violations) / requests;
			const plainAgain = serveSeeds(study, run, "ipa", seeds);
			const changes = serveSeeds(study, run, "ipa-energy", seeds).map(
				(again, i) => share(again) - share(plainAgain[i] as Served),
			);
			return {
				pipeline: study.spec.name,
				window,
				"energy saved (%)": Number((100 * (1 - total(after) / total(before))).toFixed(1)),
				"energy saved (kJ)": Number(((total(before) - total(after)) / 1000).toFixed(2)),
				"carbon saved (g)": Number((grams(before) - grams(after)).toPrecision(3)),
				"accuracy change": Number((aware.meanAccuracy - plain.meanAccuracy).toFixed(3)),
				"cores change (%)": Number((100 * (aware.core_seconds / plain.core_seconds - 1)).toFixed(1)),
				"late or dropped (points)": Number((share(aware) - share(plain)).toFixed(2)),
				[`the same over ${seeds.length} seeds`]: `${Math.min(...changes).toFixed(2)} to ${Math.max(...changes).toFixed(2)}`,
				kind: aware.energy.status === "available" ? aware.energy.kind : "",
			};
		}),
	);
}

function joules({ energy }: Served): Float64Array {
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return energy.joules;
}

function total(values: Float64Array): number {
	return values.reduce((sum, value) => sum + value, 0);
}

/** Rows for a table: what each system came to over each window. */
export function windowRows(
	{ spec, runs }: WindowStudy,
	{ hourly_g_per_kwh }: Place,
): Record<string, string | number>[] {
	const latencies = weakestKind(spec.stages.flatMap(({ points }) => points.map(({ kind }) => kind)));
	return runs.flatMap(({ window, rows }) =>
		rows.map(({ system, outcome }) => {
			if (outcome.status !== "served") return { window, system, note: `${outcome.status}: ${outcome.reason}` };
			const { served } = outcome;
			const { energy } = served;
			const known = energy.status === "available";
			const grams = known
				? footprint(energy.joules, adaptationDefaults.interval_s, hourly_g_per_kwh).total_g
				: undefined;
			return {
				window,
				system,
				accuracy: Number(served.meanAccuracy.toFixed(3)),
				"core-hours": Number((served.core_seconds / 3600).toFixed(2)),
				"late or dropped (%)": Number(((100 * served.violations) / served.requests).toFixed(2)),
				"dropped (%)": Number(((100 * served.dropped) / served.requests).toFixed(2)),
				"energy (kJ)": known ? Number((energy.total_j / 1000).toFixed(2)) : "unavailable",
				"carbon (g)": grams === undefined ? "unavailable" : Number(grams.toPrecision(3)),
				changes: served.changes,
				"infeasible steps": served.infeasibleSteps,
				"kind: latency, energy": `${latencies}, ${known ? energy.kind : "none"}`,
			};
		}),
	);
}
