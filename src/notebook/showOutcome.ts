import type { Perhaps } from "../measurement/records.js";
import { showFigure, showMarkdown, showTable } from "./display.js";
import type { Figure } from "./figure.js";
import { type FrameValue, frame } from "./frames.js";

/** Rows of a table, or a figure. */
export type Shown = Figure | readonly Readonly<Record<string, FrameValue>>[];

/** Shows a figure or a table where there is one, and otherwise why there is none. */
export function showOutcome(outcome: Perhaps<Shown>, maxRows?: number): void {
	if (outcome.status === "unavailable") showMarkdown(`**Unavailable**: ${outcome.reason}.`);
	else if (isFigure(outcome.value)) showFigure(outcome.value);
	else showTable(frame(outcome.value), maxRows);
}

function isFigure(shown: Shown): shown is Figure {
	return !Array.isArray(shown);
}
