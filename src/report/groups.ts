import { servedBy } from "../adaptation/compareSystems.js";
import { bars, forest } from "./bars.js";
import { intervalRows, neededRows, replayFigure, stopRows } from "./calibrationViews.js";
import { bothNormalisations } from "./cellMetrics.js";
import {
	actedOnRows,
	deploymentExplainedRows,
	deploymentFigure,
	deploymentPowerRows,
	deploymentRankRows,
	deploymentRunRows,
} from "./deploymentViews.js";
import {
	startHourLines,
	startHourRows,
	systemLines,
	systemRows,
	tradeOffFigure,
	tradeOffOutcome,
} from "./energyAwareFigures.js";
import { choiceRows, choicesByLoad, conclusionKindRows, predictorRows, savedRows } from "./energyAwareTables.js";
import { frame } from "./frames.js";
import { answerMap, metricMap, metricsMap } from "./labelMaps.js";
import {
	annealingRows,
	breakRows,
	coresRows,
	footprintRows,
	leverRows,
	placeRows,
	publishedRows as publishedLeverRows,
	scalingRows,
	sharingRows,
	shiftBars,
	shiftRows,
} from "./leverViews.js";
import { frontLines, lines } from "./lines.js";
import { heatmap, matrix } from "./matrix.js";
import { latencyLines, longerRunLines, longerRunRows, repetitionScatter } from "./measuringFigures.js";
import {
	agreementRows,
	cellRows,
	doctorRows,
	environmentRows,
	idleRows,
	planTimeRows,
	quietSentence,
} from "./measuringTables.js";
import {
	calibrationOutcome,
	deploymentOutcome,
	footprintCellRows,
	footprintFigure,
	replayOutcome,
	systemEnergyOutcome,
} from "./ownRuns.js";
import { panels } from "./panels.js";
import {
	latencyQuantileRows,
	lstmRows,
	predictorBarRows,
	publishedFigure,
	publishedRows as publishedRunRows,
	toleranceRows,
	weightRows,
} from "./publishedRunTables.js";
import { scatter3d, scatterByGroup } from "./scatter.js";
import {
	configurationRows,
	costByVariant,
	optimaByLoad,
	optimaLines,
	optimaRows,
	spaceFront,
	spaceRows,
	spaceSentence,
} from "./searchTables.js";
import { showFigure, showFolded, showMarkdown, showOutcome, showTable } from "./show.js";
import {
	answerMarkdown,
	evidenceRows,
	instrumentRows,
	instrumentsMarkdown,
	knobRows,
	multiplicityMarkdown,
	sensitivityRows,
	thresholdRows,
} from "./studyTables.js";
import { energyFigure, savedBars, serviceFigure } from "./traceFigures.js";
import { changedRows, choiceShareRows, weekRows, windowRows } from "./traceTables.js";
import { traceValueRows, valueFigure, valueMarkdown, valueRows } from "./valueTables.js";
import {
	agreementFigure,
	energyFigure as gpuEnergyFigure,
	precisionFigure,
	tenantFigure,
	tenantRows,
} from "./videoGpuFigures.js";
import { aboutRows, qualityRows, twoStageRows, videoGpuChoices, videoGpuSaved } from "./videoGpuTables.js";

/** What notebooks show with, in groups: wiring only. A function's own file documents it. */

/** Plain Plotly figures, from plain data. */
export const plots = { bars, forest, frontLines, heatmap, lines, matrix, panels, scatter3d, scatterByGroup } as const;

/** The study's own figures, from its result. */
export const figures = {
	answerMap,
	bothNormalisations,
	deploymentFigure,
	deploymentOutcome,
	metricMap,
	metricsMap,
	valueFigure,
} as const;

/** Rows of its tables, for a frame. */
export const tables = {
	actedOnRows,
	deploymentExplainedRows,
	deploymentPowerRows,
	deploymentRankRows,
	deploymentRunRows,
	evidenceRows,
	instrumentRows,
	knobRows,
	sensitivityRows,
	thresholdRows,
	traceValueRows,
	valueRows,
} as const;

/** Figures and tables of a configuration space and its optimum. */
export const space = {
	configurationRows,
	costByVariant,
	optimaByLoad,
	optimaLines,
	optimaRows,
	spaceFront,
	spaceRows,
	spaceSentence,
} as const;

/** Figures and tables of what changes when energy counts. */
export const energyAware = {
	choiceRows,
	choicesByLoad,
	conclusionKindRows,
	predictorRows,
	savedRows,
	servedBy,
	startHourLines,
	startHourRows,
	systemEnergyOutcome,
	systemLines,
	systemRows,
	tradeOffFigure,
	tradeOffOutcome,
} as const;

/** Figures and tables of what can be done where energy is not the lever. */
export const levers = {
	annealingRows,
	breakRows,
	coresRows,
	footprintCellRows,
	footprintFigure,
	footprintRows,
	leverRows,
	placeRows,
	publishedRows: publishedLeverRows,
	scalingRows,
	sharingRows,
	shiftBars,
	shiftRows,
} as const;

/** Figures and tables of a run: what the machine can measure, how its repetitions spread, what a longer run would buy. */
export const measuring = {
	agreementRows,
	cellRows,
	doctorRows,
	environmentRows,
	idleRows,
	latencyLines,
	longerRunLines,
	longerRunRows,
	planTimeRows,
	quietSentence,
	repetitionScatter,
} as const;

/** Figures and tables of every system over the windows of a trace. */
export const trace = {
	changedRows,
	choiceShareRows,
	energyFigure,
	latencyQuantileRows,
	lstmRows,
	predictorBarRows,
	publishedFigure,
	publishedRows: publishedRunRows,
	savedBars,
	serviceFigure,
	toleranceRows,
	weekRows,
	weightRows,
	windowRows,
} as const;

/** Figures and tables of the Video pipeline on a GPU: each with a reason in its place where it was not measured. */
export const videoGpu = {
	aboutRows,
	agreementFigure,
	energyFigure: gpuEnergyFigure,
	precisionFigure,
	qualityRows,
	tenantFigure,
	tenantRows,
	twoStageRows,
	videoGpuChoices,
	videoGpuSaved,
} as const;

/** Figures and tables of a calibration, and of replayed ones. */
export const calibrating = {
	calibrationOutcome,
	intervalRows,
	neededRows,
	replayFigure,
	replayOutcome,
	stopRows,
} as const;

/** Showing results in a notebook. */
export const notebook = {
	answerMarkdown,
	frame,
	instrumentsMarkdown,
	multiplicityMarkdown,
	showFigure,
	showFolded,
	showMarkdown,
	showOutcome,
	showTable,
	valueMarkdown,
} as const;
