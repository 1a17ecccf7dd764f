/** IPA's published runs beside ours, in a group: wiring only. A function's own file documents it. */
import { compareSystems, decideSystems } from "../adaptation/compareSystems.js";
import { compareWindows } from "../adaptation/compareWindows.js";
import { forecastLoads } from "../adaptation/forecastLoads.js";
import { standardSystems } from "../adaptation/systems.js";
import { comparePublished } from "./comparePublished.js";
import { compareForecasts, compareLatencies, comparePredictors } from "./compareServing.js";
import { compareWeights } from "./compareWeights.js";
import { readPublishedBars, readPublishedForecasts, readPublishedLatencies } from "./publishedFigureData.js";
import { readPublishedRuns } from "./publishedRuns.js";
import { toleranceChecks } from "./publishedTolerances.js";
import { readSystems } from "./systemsFile.js";

export const published = {
	compareForecasts,
	compareLatencies,
	comparePredictors,
	comparePublished,
	compareSystems,
	compareWeights,
	compareWindows,
	decideSystems,
	forecastLoads,
	readPublishedBars,
	readPublishedForecasts,
	readPublishedLatencies,
	readPublishedRuns,
	readSystems,
	standardSystems,
	toleranceChecks,
} as const;

export type { Comparison, ComparisonOptions, SystemRow } from "../adaptation/compareSystems.js";
export type { Served } from "../adaptation/serve.js";
export type { System, SystemSettings } from "../adaptation/systems.js";
export type { PublishedComparison } from "./comparePublished.js";
export type { ForecastComparison, LatencyComparison, PredictorComparison } from "./compareServing.js";
export type { WeightsComparison } from "./compareWeights.js";
export type { Preset } from "./presets.js";
export { readPreset } from "./presets.js";
export type { PublishedSeries } from "./publishedRuns.js";
export type { ToleranceCheck } from "./publishedTolerances.js";
