/** The one entry point: wiring only. Notebooks import these groups; a function's own file documents it. */
import { InputError } from "./errors.js";
import { showFigure, showMarkdown, showTable } from "./notebook/display.js";
import { frame } from "./notebook/frames.js";
import { scatterByGroup } from "./notebook/plots/scatterByGroup.js";

export { InputError };

/** Showing results in a notebook: danfojs frames, Plotly figures. */
export const notebook = { frame, showFigure, showTable, showMarkdown, scatterByGroup } as const;
