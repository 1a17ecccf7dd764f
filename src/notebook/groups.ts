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
import { showFigure, showMarkdown, showTable } from "./display.js";
import { choiceRows, choicesByLoad } from "./energyAware/choicesByLoad.js";
import { conclusionKindRows } from "./energyAware/conclusionKinds.js";
import { predictorRows } from "./energyAware/predictorRows.js";
import { savedRows } from "./energyAware/savedRows.js";
import { startHourLines, startHourRows } from "./energyAware/startHourLines.js";
import { servedBy, systemLines, systemRows } from "./energyAware/systems.js";
import { tradeOffFigure } from "./energyAware/tradeOffFigure.js";
import { accuracyCostEnergy } from "./evaluate/accuracyCostEnergy.js";
import { bothNormalisations } from "./evaluate/bothNormalisations.js";
import { conclusionMarkdown } from "./evaluate/conclusionMarkdown.js";
import { correlationHeatmap } from "./evaluate/correlationHeatmap.js";
import { energyAgainstMetric } from "./evaluate/energyAgainstMetric.js";
import { frontPlot } from "./evaluate/frontPlot.js";
import { intervalForest } from "./evaluate/intervalForest.js";
import { partialResidualPlot } from "./evaluate/partialResidualPlot.js";
import { regretCurves } from "./evaluate/regretCurves.js";
import {
	conclusionRows,
	datasetRows,
	denominatorRows,
	discordanceRows,
	evidenceRows,
	explainedRows,
	frontRows,
	leftOutRows,
	lookalikeRows,
	regretRows,
	sensitivityRows,
	simpsonRows,
	suspectRows,
} from "./evaluate/tables.js";
import { verdictMatrixPlot } from "./evaluate/verdictMatrixPlot.js";
import { frame } from "./frames.js";
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

/** The Evaluate study's own figures and tables, from its results. */
export const figures = {
	accuracyCostEnergy,
	bothNormalisations,
	correlationHeatmap,
	deploymentFigure,
	energyAgainstMetric,
	frontPlot,
	intervalForest,
	partialResidualPlot,
	regretCurves,
	verdictMatrixPlot,
} as const;

/** Rows of those tables, for a frame. */
export const tables = {
	actedOnRows,
	conclusionRows,
	datasetRows,
	denominatorRows,
	deploymentExplainedRows,
	deploymentPowerRows,
	deploymentRankRows,
	deploymentRunRows,
	discordanceRows,
	evidenceRows,
	explainedRows,
	frontRows,
	leftOutRows,
	lookalikeRows,
	regretRows,
	sensitivityRows,
	simpsonRows,
	suspectRows,
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
	savedBars,
	serviceFigure,
	weekRows,
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
export const notebook = { conclusionMarkdown, frame, showFigure, showMarkdown, showOutcome, showTable } as const;
