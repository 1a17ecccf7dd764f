import type { PublishedComparison } from "../published/comparePublished.js";
import type {
	ForecastComparison,
	LatencyComparison,
	PredictorComparison,
	WeightsComparison,
} from "../published/compareServing.js";
import type { ToleranceCheck } from "../published/tolerances.js";
import type { Figure } from "./house.js";
import { type EvenLine, panels } from "./panels.js";

type Row = Record<string, string | number>;

const metrics = { cost_cores: "cores", accuracy: "accuracy" } as const;

/** The published line and ours, at every decision: a row a system, a column a window, of one figure of IPA's. */
export function publishedFigure(
	runs: readonly PublishedComparison[],
	figure: string,
	metric: keyof typeof metrics,
	source: string,
): Figure {
	const own = runs.filter((run) => run.figure === figure);
	const [windows, systems] = [
		[...new Set(own.map(({ workload }) => workload))],
		[...new Set(own.map(({ system }) => system))],
	];
	const line = (name: string, steps: PublishedComparison["ourSteps"]): EvenLine => ({
		name,
		x0: 0,
		dx: 1,
		y: steps.map((step) => Number(step[metric].toPrecision(5))),
	});
	return panels({
		title: `${own[0]?.pipeline}: ${metrics[metric]} at every decision, ${figure} and ours`,
		caption: `Published lines by decision (10 s, and the time to decide and apply); ours the exact optimum under the same settings for forecasts of our LSTM. ${own[0]?.family === "sum" ? "Accuracy: sum of ranks" : "Accuracy: 100 x product of accuracies"}. Nothing is fitted.`,
		kind: "modelled",
		source,
		x: "decision",
		columns: windows,
		styles: new Map([
			["published", { color: "#56b4e9", width: 3.2 }],
			["ours", { color: "#000000", width: 1.2 }],
		]),
		rows: systems.map((system) => ({
			y: system,
			panels: windows.map((window) =>
				own
					.filter((run) => run.workload === window && run.system === system)
					.flatMap(({ publishedSteps, ourSteps }) => [line("published", publishedSteps), line("ours", ourSteps)]),
			),
		})),
	});
}

/** Rows for a table: the means of every published line beside ours. */
export function publishedRows(runs: readonly PublishedComparison[]): Row[] {
	return runs.map(({ figure, pipeline, workload, system, published, ours, cost_ratio, accuracy_difference }) => ({
		figure,
		pipeline,
		window: workload,
		system,
		"cores, published": Number(published.cost_cores.toFixed(2)),
		"cores, ours": Number(ours.cost_cores.toFixed(2)),
		ratio: Number(cost_ratio.toFixed(3)),
		"accuracy, published": Number(published.accuracy.toFixed(3)),
		"accuracy, ours": Number(ours.accuracy.toFixed(3)),
		difference: Number(accuracy_difference.toFixed(3)),
	}));
}

/** Rows for a table: IPA under other weights, Figure 14 beside ours, over what equal optima leave open. */
export function weightRows(weights: readonly WeightsComparison[]): Row[] {
	return weights.map(({ figure, pipeline, case: name, alpha, beta, published, ours, off }) => ({
		figure,
		pipeline,
		weights: `${name} (${alpha} : ${beta})`,
		"cores, published": Number(published.cost_cores.toFixed(2)),
		"cores, ours": Number(ours.cost_cores.toFixed(2)),
		"over equal optima": `${ours.cheapest_cores.toFixed(2)} to ${ours.dearest_cores.toFixed(2)}`,
		"outside by (%)": Number((100 * off).toFixed(1)),
		"accuracy, published": Number(published.accuracy.toFixed(3)),
		"accuracy, ours": Number(ours.accuracy.toFixed(3)),
	}));
}

/** Rows for a table: IPA under each predictor, Figure 16 beside ours. */
export function predictorBarRows(predictors: readonly PredictorComparison[]): Row[] {
	const percent = (share: number | undefined) => (share === undefined ? "" : Number((100 * share).toFixed(2)));
	return predictors.map(({ pipeline, predictor, published, ours }) => ({
		pipeline,
		predictor,
		"cores, published": published === undefined ? "" : Number(published.cost_cores.toFixed(2)),
		"cores, ours": ours === undefined ? "" : Number(ours.cost_cores.toFixed(2)),
		"lost (%), published": percent(published?.lost),
		"late or dropped (%), ours": percent(ours?.late),
		"dropped (%), ours": percent(ours?.dropped),
	}));
}

/** Rows for a table: latencies under steady high load, Figure 15 beside ours. */
export function latencyQuantileRows(
	latencies: readonly LatencyComparison[],
	quantiles = [0.5, 0.9, 0.95, 0.99],
): Row[] {
	const lines = new Map<string, Row>();
	for (const { pipeline, system, what, at, published, ours } of latencies) {
		if (what === "quantile" && !quantiles.includes(at)) continue;
		const row = lines.get(`${pipeline} ${system}`) ?? { pipeline, system };
		lines.set(`${pipeline} ${system}`, row);
		const name = what === "quantile" ? `${100 * at} % (s)` : "seconds past the SLA (%)";
		const shown = (value: number) => (what === "quantile" ? value.toFixed(2) : (100 * (1 - value)).toFixed(2));
		row[`${name}, published`] = Number(shown(published));
		row[`${name}, ours`] = Number(shown(ours));
	}
	return [...lines.values()];
}

/** Rows for a table: IPA's LSTM and ours over the seconds of Figure 7. */
export function lstmRows(forecasts: readonly ForecastComparison[]): Row[] {
	return forecasts.map(({ window, seconds, smape_pct, difference_rps, absolute_difference_rps }) => ({
		window,
		seconds,
		"SMAPE, IPA's (%)": Number(smape_pct.ipa.toFixed(1)),
		"SMAPE, ours (%)": Number(smape_pct.ours.toFixed(1)),
		"ours less IPA's (1/s)": Number(difference_rps.toFixed(2)),
		"apart by (1/s)": Number(absolute_difference_rps.toFixed(2)),
	}));
}

/** Rows for a table: what a comparison with published figures is held to, and how it does. */
export function toleranceRows(checks: readonly ToleranceCheck[]): Row[] {
	return checks.map(({ what, met, count, of, needed, worst }) => ({
		rule: what,
		met: met ? "met" : "missed",
		"lines within": `${count} of ${of}`,
		needed,
		"farthest off": worst,
	}));
}
