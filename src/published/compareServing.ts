import { join } from "node:path";
import { compareSystems, type LoadWindow } from "../adaptation/compareSystems.js";
import type { Served } from "../adaptation/serve.js";
import type { TieRule } from "../adaptation/systems.js";
import { readCsv } from "../datasets/csv.js";
import {
	type PublishedLatency,
	readPublishedBars,
	readPublishedForecasts,
	readPublishedLatencies,
	readPublishedSmape,
	requiredFigure,
} from "../datasets/publishedTables.js";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { type LstmWeights, lstmPredictor } from "../forecast/lstm.js";
import { type PredictorName, predictorNames, smape } from "../forecast/predictors.js";
import { ipaScriptSamples, predictorErrors, splitSamples } from "../forecast/samples.js";
import { groupBy } from "../group.js";
import { percentile } from "../statistics/quantile.js";
import { plotted } from "./comparePublished.js";
import { type Preset, type PresetFamily, type PresetPipeline, readPreset } from "./presets.js";

/** A system's latencies under steady high load, IPA's Figure 15 beside ours. */
export interface LatencyComparison {
	readonly pipeline: string;
	readonly system: string;
	/** `quantile`: of the seconds' 99th percentiles, s; `share_within_sla`: of the seconds. */
	readonly what: PublishedLatency["what"];
	readonly at: number;
	readonly published: number;
	readonly ours: number;
}

/**
 * Figure 15 beside ours: for each second of the window the 99th percentile of the end-to-end latencies of the requests
 * that came back, their quantiles, and the share of the seconds within the SLA that IPA draws. Its line is smoothed.
 *
 * @param lines the published ones to compare with; all where not given
 * @example
 * const windows = new Map([["steady_high", { name: "steady_high", rps_damped8: Array(60).fill(20) }]]);
 * const { weights } = await adaptation.readLstm(`${datasets.dataRoot}/models/lstm.json`);
 * const line = { pipeline: "video", system: "ipa", what: "share_within_sla", at: 100, value: 1 };
 * (await adaptation.compareLatencies(windows, weights, [line]))[0].ours; // → 1
 */
export async function compareLatencies(
	windows: ReadonlyMap<string, LoadWindow>,
	lstm: LstmWeights,
	lines?: readonly PublishedLatency[],
): Promise<LatencyComparison[]> {
	const published = lines ?? (await readPublishedLatencies());
	const load = windowOf(windows, "steady_high");
	const compared: LatencyComparison[] = [];
	for (const [pipeline, own] of groupBy(published, ({ pipeline: name }) => name)) {
		const preset = await readPreset(pipeline as PresetPipeline);
		const only = [...new Set(own.map(({ system }) => system))];
		const rows = compareSystems(preset, load.rps_damped8, { lstm, window: load.name, only, keepRequests: true });
		for (const { system, outcome } of rows) {
			if (outcome.status !== "served") continue;
			const tails_s = tailsBySecond(outcome.served);
			for (const { what, at, value } of own.filter((line) => line.system === system))
				compared.push({
					pipeline,
					system,
					what,
					at,
					published: value,
					ours:
						what === "quantile"
							? percentile(tails_s, 100 * at)
							: tails_s.filter((tail_s) => tail_s <= at).length / tails_s.length,
				});
		}
	}
	return compared;
}

/** The 99th percentile of each second's latencies, of requests that came back; a second without any has none. */
function tailsBySecond({ byRequest }: Served): number[] {
	if (byRequest === undefined) throw new RangeError("the requests were not kept");
	const { arrival_s, latency_s } = byRequest;
	const back = [...latency_s.keys()].filter((i) => Number.isFinite(latency_s[i]));
	const seconds = groupBy(back, (i) => Math.floor(arrival_s[i] as number));
	return [...seconds.values()].map((own) =>
		percentile(
			own.map((i) => latency_s[i] as number),
			99,
		),
	);
}

/** What IPA under a predictor costs and loses over the bursty window, beside the bars of Figure 16 where they name one. */
export interface PredictorComparison {
	readonly pipeline: string;
	/** One of ours, or the `baseline` of the figure, which IPA does not name. */
	readonly predictor: string;
	readonly published?: { readonly cost_cores: number; readonly lost_share: number };
	readonly ours?: { readonly cost_cores: number; readonly late_share: number; readonly dropped_share: number };
}

/** Figure 16 beside ours: IPA over the bursty window under each predictor. Lost, late and dropped are shares of the requests. */
async function compareServed(
	windows: ReadonlyMap<string, LoadWindow>,
	lstm: LstmWeights,
): Promise<PredictorComparison[]> {
	const load = windowOf(windows, "bursty");
	const own = (await readPublishedBars()).filter(({ figure }) => figure === "paper-fig16");
	const compared: PredictorComparison[] = [];
	for (const [pipeline, figures] of groupBy(own, ({ pipeline: name }) => name)) {
		const preset = await readPreset(pipeline as PresetPipeline);
		for (const predictor of [...predictorNames, "baseline"]) {
			const bar = (metric: string) =>
				figures.find((figure) => figure.case === predictor && figure.metric === metric)?.value;
			const [cost_cores, lost_pct] = [bar("mean_cost_cores"), bar("sla_violations_pct")];
			const published =
				cost_cores === undefined || lost_pct === undefined ? undefined : { cost_cores, lost_share: lost_pct / 100 };
			const ours = predictor === "baseline" ? undefined : servedUnder(predictor as PredictorName);
			compared.push({ pipeline, predictor, ...(published && { published }), ...(ours && { ours }) });
		}
		function servedUnder(predictor: PredictorName) {
			const [row] = compareSystems(preset, load.rps_damped8, { lstm, predictor, window: load.name, only: ["ipa"] });
			if (row?.outcome.status !== "served") return undefined;
			const { served, steps } = row.outcome;
			return {
				cost_cores: steps.reduce((sum, { plan }) => sum + plan.cost_cores, 0) / steps.length,
				late_share: served.violations / served.requests,
				dropped_share: served.dropped / served.requests,
			};
		}
	}
	return compared;
}

/** Predictors, published beside ours. */
export interface PredictorsCompared {
	/** Figure 16: what IPA under each costs and loses. */
	readonly served: readonly PredictorComparison[];
	/** Figure 7: its LSTM and ours over the seconds of a window. */
	readonly lstm: readonly ForecastComparison[];
}

/**
 * IPA's predictors, published beside ours: served (Figure 16), and second by second (Figure 7). Takes some seconds.
 *
 * @example
 * const { weights } = await adaptation.readLstm(`${datasets.dataRoot}/models/lstm.json`);
 * const windows = new Map([["bursty", { name: "bursty", rps_damped8: Array(60).fill(20) }]]);
 * const { served } = await adaptation.comparePredictors(windows, weights);
 * served.some(({ predictor }) => predictor === "lstm"); // → true
 */
export async function comparePredictors(
	windows: ReadonlyMap<string, LoadWindow>,
	lstm: LstmWeights,
): Promise<PredictorsCompared> {
	return { served: await compareServed(windows, lstm), lstm: await compareForecasts(lstm) };
}

/** Our LSTM beside IPA's over the seconds of a window, Figure 7. */
export interface ForecastComparison {
	readonly window: string;
	readonly seconds: number;
	/** Symmetric mean absolute percentage error against the load of the second, %. */
	readonly smape_pct: { readonly ipa: number; readonly ours: number };
	/** Mean of ours less IPA's, and of its size, requests/s. */
	readonly difference_rps: number;
	readonly absolute_difference_rps: number;
}

/**
 * Figure 7 beside ours: both LSTMs asked, at each second, for what follows the twelve seconds before it (the first value
 * stands for what is before the window). They are trained on maxima of 10 s, so this is not what they forecast in a run.
 */
async function compareForecasts(lstm: LstmWeights): Promise<ForecastComparison[]> {
	const published = await readPublishedForecasts();
	const predict = lstmPredictor(lstm);
	return [...groupBy(published, ({ window }) => window)].map(([window, own]) => {
		const load = own.map(({ real_rps }) => real_rps);
		const ours = load.map((_, second) =>
			predict(Array.from({ length: lstm.inputs }, (__, i) => load[Math.max(0, second - lstm.inputs + i)] as number)),
		);
		const ipa = own.map(({ lstm_rps }) => lstm_rps);
		const mean = (of: (second: number) => number) => load.reduce((sum, _, s) => sum + of(s), 0) / load.length;
		const apart = (s: number) => (ours[s] as number) - (ipa[s] as number);
		return {
			window,
			seconds: load.length,
			smape_pct: { ipa: smape(load, ipa), ours: smape(load, ours) },
			difference_rps: mean(apart),
			absolute_difference_rps: mean((s) => Math.abs(apart(s))),
		};
	});
}

function windowOf(windows: ReadonlyMap<string, LoadWindow>, name: string): LoadWindow {
	const found = windows.get(name);
	if (found === undefined)
		throw new InputError({ file: "windows", rule: `must hold the window ${name}`, value: [...windows.keys()] });
	return found;
}

/** A bar of Figure 14, IPA under other weights, beside ours. */
export interface WeightsComparison {
	readonly figure: string;
	readonly pipeline: PresetPipeline;
	readonly family: PresetFamily;
	/** `accuracy-prioritise`, `balance` or `resource-prioritise`. */
	readonly case: string;
	readonly alpha: number;
	readonly beta: number;
	readonly published: { readonly cost_cores: number; readonly accuracy: number };
	readonly ours: {
		/** By the preset's own choice among equal optima. */
		readonly cost_cores: number;
		readonly accuracy: number;
		/** Means where the cheapest or the most accurate of equal optima is taken throughout. */
		readonly cheapest_cores: number;
		readonly dearest_cores: number;
	};
	/** How far the published cost lies outside what the equal optima give, as a share of it; 0 within. */
	readonly outside_share: number;
}

/**
 * Figure 14 beside ours: IPA over the bursty window under three pairs of weights a pipeline, as its simulator ran it,
 * without a margin on the forecasts and without a start. In the revision's Video runs accuracy was in ranks of which the
 * lowest is 0.05 (configurations printed in paper-revision-fig14 at e1f08dd), unlike in its Figure 8.
 *
 * @example
 * const windows = new Map([["bursty", { name: "bursty", rps_damped8: Array(60).fill(20) }]]);
 * const { weights } = await adaptation.readLstm(`${datasets.dataRoot}/models/lstm.json`);
 * const [bar] = await adaptation.compareWeights(windows, weights);
 * bar.ours.cheapest_cores <= bar.ours.dearest_cores; // → true
 */
export async function compareWeights(
	windows: ReadonlyMap<string, LoadWindow>,
	lstm: LstmWeights,
): Promise<WeightsComparison[]> {
	const bars = (await readPublishedBars()).filter(
		({ figure, metric }) => figure.endsWith("fig14") && metric === "mean_cost_cores",
	);
	const paper = await readCsv(join(packageRoot, "data/raw/ipa-paper/ipa-paper-tables.csv"));
	const compared: WeightsComparison[] = [];
	const accuracies = (await readPublishedBars()).filter(({ metric }) => metric === "mean_accuracy");
	for (const bar of bars) {
		const pipeline = bar.pipeline as PresetPipeline;
		const family = bar.family as PresetFamily;
		const weight = (name: string) =>
			requiredFigure(paper, "objective preference (Fig. 14)", `${pipeline} (${family}) ${bar.case}`, name);
		const [alpha, beta] = [weight("alpha"), weight("beta")];
		const preset = await readPreset(pipeline, family);
		const spec = {
			...preset.spec,
			...(family === "product" ? { normalize_accuracy: true, lowest_accuracy: 0.05 } : {}),
			weights: { ...preset.spec.weights, alpha, beta },
		};
		const means = (rule?: TieRule) => {
			const own: Preset = {
				...preset,
				spec,
				systems: [{ name: "ipa" }],
				predictor_margin_pct: 0,
				...(rule === undefined ? {} : { ofEqualOptima: rule }),
			};
			const decided = plotted(own, windows, { lstm, workload: "bursty", system: "ipa" }).slice(1);
			const mean = (of: (step: (typeof decided)[number]) => number) =>
				decided.reduce((sum, step) => sum + of(step), 0) / decided.length;
			return { cost_cores: mean(({ cost_cores }) => cost_cores), accuracy: mean(({ accuracy }) => accuracy) };
		};
		const cheapest_cores = means("cheapest").cost_cores;
		const dearest_cores = means("most-accurate").cost_cores;
		const accuracy = accuracies.find(
			(own) => own.figure === bar.figure && own.pipeline === bar.pipeline && own.case === bar.case,
		);
		const nearest = Math.min(dearest_cores, Math.max(cheapest_cores, bar.value));
		compared.push({
			figure: bar.figure,
			pipeline,
			family,
			case: bar.case,
			alpha,
			beta,
			published: { cost_cores: bar.value, accuracy: accuracy?.value ?? Number.NaN },
			ours: { ...means(), cheapest_cores, dearest_cores },
			outside_share: Math.abs(nearest / bar.value - 1),
		});
	}
	return compared;
}

/** A predictor's errors over IPA's test week, and beside what the paper states of it. */
export interface PredictorErrorComparison {
	readonly predictor: string;
	/** Symmetric mean absolute percentage error over the week, over IPA's evaluation script's 20 minutes, as IPA states it. */
	readonly smape_pct: { readonly week: number; readonly script: number; readonly stated?: number };
	readonly mae_rps: number;
	/** Of the forecasts: those below the load. */
	readonly too_low_share: number;
	readonly forecasts: number;
	/** Of what IPA states. */
	readonly source?: string;
}

/**
 * Each of IPA's predictors on its test week, on the 20 minutes of its own evaluation script, and as its paper states it.
 *
 * @param trace requests in each second of the whole trace, undamped
 * @example
 * const { weights } = await adaptation.readLstm(`${datasets.dataRoot}/models/lstm.json`);
 * const trace = await datasets.readTrace(`${datasets.dataRoot}/raw/twitter/twitter-per-second.txt.gz`);
 * // Seconds without requests are gaps of the recording: of the week this leaves 20 minutes.
 * const short = trace.map((count, second) => (second < 1_296_000 || second >= 1_297_200 ? 0 : count));
 * (await adaptation.comparePredictorErrors(short, weights))[0].forecasts; // → 107
 */
export async function comparePredictorErrors(
	trace: Int32Array,
	lstm: LstmWeights,
): Promise<PredictorErrorComparison[]> {
	const published = await readPublishedSmape();
	const script = new Map(predictorErrors(ipaScriptSamples(trace), lstm).map((errors) => [errors.predictor, errors]));
	return predictorErrors(splitSamples(trace).test, lstm).map(({ predictor, samples, smape_pct, mae_rps, under }) => {
		const stated = published.find((figure) => figure.predictor === predictor);
		return {
			predictor,
			smape_pct: {
				week: smape_pct,
				script: script.get(predictor)?.smape_pct ?? Number.NaN,
				...(stated === undefined ? {} : { stated: stated.smape_pct }),
			},
			mae_rps,
			too_low_share: under,
			forecasts: samples,
			...(stated === undefined ? {} : { source: stated.source }),
		};
	});
}
