import { bars } from "./bars.js";
import { shiftBars, startHours } from "./carbonFigures.js";
import { bothNormalisations } from "./cellMetrics.js";
import { deploymentFigure } from "./deploymentFigure.js";
import { frame } from "./frames.js";
import { answerMap, metricMap, metricsMap } from "./labelMaps.js";
import { lines } from "./lines.js";
import { latencyLines, longerRun, quietSentence, repetitions } from "./measuringFigures.js";
import { replayFigure } from "./replayFigure.js";
import { scatterByGroup } from "./scatter.js";
import { showFigure, showMarkdown, showTable } from "./show.js";
import { optimaLines, spaceFront, spaceSentence, tradeOff } from "./spaceFigures.js";
import { answerMarkdown, instrumentsMarkdown, knobRows, multiplicityMarkdown, sensitivityRows } from "./studyWords.js";
import { energyOverTime, publishedRuns, saved, service } from "./traceFigures.js";
import { valueFigure, valueMarkdown } from "./valueFigure.js";
import { gpuAgreement, gpuEnergy, gpuPrecision, gpuTenants } from "./videoGpuFigures.js";

/** What notebooks show with, in groups: wiring only. A function's own file documents it. */

/** Figures of results, by what they are of; `bars`, `lines` and `scatterByGroup` draw plain data of one's own. */
export const figures = {
	answerMap,
	bars,
	bothNormalisations,
	deployment: deploymentFigure,
	energyOverTime,
	gpuAgreement,
	gpuEnergy,
	gpuPrecision,
	gpuTenants,
	latencyLines,
	lines,
	longerRun,
	metricMap,
	metricsMap,
	optimaLines,
	publishedRuns,
	repetitions,
	replays: replayFigure,
	saved,
	scatterByGroup,
	service,
	shiftBars,
	spaceFront,
	startHours,
	tradeOff,
	value: valueFigure,
} as const;

/** Results in sentences, and tables of which a column is one: the last step, from which no number can be had. */
export const words = {
	answer: answerMarkdown,
	instruments: instrumentsMarkdown,
	knobs: knobRows,
	multiplicity: multiplicityMarkdown,
	quiet: quietSentence,
	sensitivity: sensitivityRows,
	space: spaceSentence,
	value: valueMarkdown,
} as const;

/** Showing results in a notebook: raw rows as a frame or a table, a figure, text. */
export const notebook = { frame, showFigure, showMarkdown, showTable } as const;
