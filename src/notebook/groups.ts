/** What notebooks show with, in groups: wiring only. A function's own file documents it. */

import { replayFigure } from "./calibrate/replayFigure.js";
import { intervalRows, neededRows, stopRows } from "./calibrate/replayRows.js";
import { deploymentFigure } from "./deployment/deploymentFigure.js";
import {
	actedOnRows,
	deploymentExplainedRows,
	deploymentPowerRows,
	deploymentRankRows,
	deploymentRunRows,
} from "./deployment/deploymentRows.js";
import { showFigure, showFolded, showMarkdown, showTable } from "./display.js";
import { choiceRows, choicesByLoad } from "./energyAware/choicesByLoad.js";
import { conclusionKindRows } from "./energyAware/conclusionKinds.js";
import { predictorRows } from "./energyAware/predictorRows.js";
import { savedRows } from "./energyAware/savedRows.js";
import { startHourLines, startHourRows } from "./energyAware/startHourLines.js";
import { servedBy, systemLines, systemRows } from "./energyAware/systems.js";
import { tradeOffFigure } from "./energyAware/tradeOffFigure.js";
import { answerMarkdown, instrumentsMarkdown, multiplicityMarkdown } from "./evaluate/answer.js";
import { bothNormalisations } from "./evaluate/bothNormalisations.js";
import { answerMap, metricMap, metricsMap } from "./evaluate/labelMaps.js";
import { evidenceRows, instrumentRows, knobRows, sensitivityRows, thresholdRows } from "./evaluate/studyTables.js";
import { traceValueRows, valueFigure, valueMarkdown, valueRows } from "./evaluate/valueTables.js";
import { frame } from "./frames.js";
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
	shiftRows,
} from "./levers/rows.js";
import { shiftBars } from "./levers/shiftBars.js";
import { cellRows } from "./measuring/cellRows.js";
import { doctorRows } from "./measuring/doctorRows.js";
import { environmentRows } from "./measuring/environmentRows.js";
import { latencyLines } from "./measuring/latencyLines.js";
import { longerRunLines, longerRunRows } from "./measuring/longerRun.js";
import { agreementRows, idleRows, quietSentence } from "./measuring/nodeRows.js";
import { planTimeRows } from "./measuring/planTimeRows.js";
import { repetitionScatter } from "./measuring/repetitionScatter.js";
import { bars } from "./plots/bars.js";
import { forest } from "./plots/forest.js";
import { frontLines } from "./plots/frontLines.js";
import { heatmap } from "./plots/heatmap.js";
import { lines } from "./plots/lines.js";
import { matrix } from "./plots/matrix.js";
import { panels } from "./plots/panels.js";
import { scatter3d } from "./plots/scatter3d.js";
import { scatterByGroup } from "./plots/scatterByGroup.js";
import { configurationRows } from "./searchSpace/configurationRows.js";
import { costByVariant } from "./searchSpace/costByVariant.js";
import { optimaByLoad, optimaLines, optimaRows } from "./searchSpace/optimaByLoad.js";
import { spaceFront, spaceRows, spaceSentence } from "./searchSpace/spaceFront.js";
import { showOutcome } from "./showOutcome.js";
import { changedRows } from "./trace/changedRows.js";
import { choiceShareRows } from "./trace/choiceShareRows.js";
import { energyFigure } from "./trace/energyFigure.js";
import {
	latencyQuantileRows,
	lstmRows,
	predictorBarRows,
	publishedFigure,
	publishedRows,
	toleranceRows,
	weightRows,
} from "./trace/published.js";
import { savedBars } from "./trace/savedBars.js";
import { serviceFigure } from "./trace/serviceFigure.js";
import { weekRows } from "./trace/weekRows.js";
import { windowRows } from "./trace/windowRows.js";
import { agreementFigure } from "./videoGpu/agreementFigure.js";
import { energyFigure as gpuEnergyFigure } from "./videoGpu/energyFigure.js";
import { precisionFigure } from "./videoGpu/precisionFigure.js";
import { aboutRows, qualityRows } from "./videoGpu/sweepRows.js";
import { tenantFigure, tenantRows } from "./videoGpu/tenants.js";
import { twoStageRows } from "./videoGpu/twoStageRows.js";
import { videoGpuChoices, videoGpuSaved } from "./videoGpu/videoGpuChoices.js";

/** Plain Plotly figures, from plain data. */
export const plots = { bars, forest, frontLines, heatmap, lines, matrix, panels, scatter3d, scatterByGroup } as const;

/** The study's own figures, from its result. */
export const figures = {
	answerMap,
	bothNormalisations,
	deploymentFigure,
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
	systemLines,
	systemRows,
	tradeOffFigure,
} as const;

/** Figures and tables of what can be done where energy is not the lever. */
export const levers = {
	annealingRows,
	breakRows,
	coresRows,
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
	publishedRows,
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

/** Figures and tables of replayed calibrations. */
export const calibrating = { intervalRows, neededRows, replayFigure, stopRows } as const;

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
