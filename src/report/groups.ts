import { shiftBars, startHours } from "./carbonFigures.js";
import { bothNormalisations } from "./cellMetrics.js";
import { deploymentFigure } from "./deploymentFigure.js";
import { frame } from "./frames.js";
import { labelMaps } from "./labelMaps.js";
import { latencyLines, quietSentence, runFigures } from "./measuringFigures.js";
import { calibrationFigures, footprintFigure } from "./ownFigures.js";
import { replayFigure } from "./replayFigure.js";
import { showFigure, showMarkdown, showTable } from "./show.js";
import { optimaLines, spaceFront, spaceSentence, tradeOff } from "./spaceFigures.js";
import { answerMarkdown, instrumentsMarkdown, knobRows, multiplicityMarkdown, sensitivityRows } from "./studyWords.js";
import { overTime, publishedRuns, saved } from "./traceFigures.js";
import { valueFigure, valueMarkdown } from "./valueFigure.js";
import { videoGpuFigures } from "./videoGpuFigures.js";

/** What notebooks show with, in groups: wiring only. A function's own file documents it. */

/** Figures of results, by what they are of: plain Plotly, which `saveFigure` writes and `notebook.showFigure` shows. */
export const figures = {
	bothNormalisations,
	calibration: calibrationFigures,
	deployment: deploymentFigure,
	footprints: footprintFigure,
	labels: labelMaps,
	latencyLines,
	optimaLines,
	overTime,
	publishedRuns,
	replays: replayFigure,
	run: runFigures,
	saved,
	shiftBars,
	spaceFront,
	startHours,
	tradeOff,
	value: valueFigure,
	videoGpu: videoGpuFigures,
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
