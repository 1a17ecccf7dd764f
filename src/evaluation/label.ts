import type { Answer, Decision, OpenReason } from "./decide.js";
import { type MetricName, metrics } from "./misranked.js";

/**
 * `stands-in`: choosing by the metric orders energies nearly as energy itself does. `derivable`: it does not, but
 * another metric does, or a formula fitted on a few cells of the machine. `independent`: shown that nothing IPA knows
 * does. `undetermined`: the evidence cannot tell.
 */
export type Label = "stands-in" | "derivable" | "independent" | "undetermined";

/** Decisions at each idle power of an accounting, in the settings' order. */
export type AtEnds = readonly Decision[];

/** The label of one metric, with what decides it. */
export interface MetricLabel {
	readonly metric: MetricName;
	readonly label: Label;
	/** The metric's opposite stands in: energy runs against the direction that was fixed beforehand. */
	readonly reversed?: true;
	/** Where `derivable`: the metric that stands in, or the formula. */
	readonly by?: MetricName | "formula";
	/** Where `undetermined`. */
	readonly reason?: OpenReason;
	readonly ends: AtEnds;
}

/** One answer over all idle powers, or why there is none. */
export function overEnds(ends: AtEnds): { readonly answer: Answer; readonly reason?: OpenReason } {
	const open = ends.find(({ answer }) => answer === "undetermined");
	if (open !== undefined) return { answer: "undetermined", reason: open.reason ?? "unknown" };
	const answers = new Set(ends.map(({ answer }) => answer));
	if (answers.size === 1) return { answer: ends[0]?.answer ?? "undetermined" };
	// Reversed with one idle power and no with the other: at neither does the metric itself stand in.
	if (!answers.has("yes")) return { answer: "no" };
	return { answer: "undetermined", reason: "idle-power" };
}

/** The labels of all metrics over one knob, band and accounting. */
export function labelsOf(found: Readonly<Record<MetricName, AtEnds>>, formula: AtEnds): MetricLabel[] {
	const answers = metrics.map(({ name }) => ({ metric: name, ends: found[name], ...overEnds(found[name]) }));
	const standing = answers.filter(({ answer }) => answer === "yes" || answer === "reversed");
	const byFormula = overEnds(formula);
	const best = [...standing].sort((a, b) => strayOf(a) - strayOf(b))[0];
	// A metric that is not given, or never moves over the knob, cannot order anything: it is no open question.
	const speaking = answers.filter(({ reason }) => reason !== "unknown" && reason !== "stands-still");
	return answers.map(({ metric, ends, answer, reason }): MetricLabel => {
		const one = { metric, ends };
		if (answer === "yes") return { ...one, label: "stands-in" };
		if (answer === "reversed") return { ...one, label: "stands-in", reversed: true };
		if (answer === "undetermined") return { ...one, label: "undetermined", reason: reason ?? "unknown" };
		if (best !== undefined) return { ...one, label: "derivable", by: best.metric };
		if (byFormula.answer === "yes") return { ...one, label: "derivable", by: "formula" };
		if (!speaking.every((other) => other.answer === "no"))
			return { ...one, label: "undetermined", reason: "metrics-open" };
		if (byFormula.answer === "undetermined") return { ...one, label: "undetermined", reason: "formula-open" };
		return { ...one, label: "independent" };
	});
}

/** How far from ordering perfectly (or perfectly reversed) a metric may be, at its worst end. */
function strayOf({ ends, answer }: { readonly ends: AtEnds; readonly answer: Answer }): number {
	return Math.max(
		...ends.map(({ misranked }) =>
			misranked === undefined ? 1 : answer === "yes" ? misranked.high : 1 - misranked.low,
		),
	);
}

const order: readonly Label[] = ["stands-in", "derivable", "independent", "undetermined"];

/**
 * The label that a table shows for a knob: the best one, with its metric. Of metrics that stand in the first of the
 * list; of others the one that strays least, and one that can order something before one that cannot.
 */
export function bestLabel(labels: readonly MetricLabel[]): MetricLabel {
	const rank = ({ label, reversed, reason }: MetricLabel) =>
		2 * order.indexOf(label) + (reversed || reason === "unknown" || reason === "stands-still" ? 1 : 0);
	const stray = ({ label, ends }: MetricLabel) => (label === "stands-in" ? 0 : strayOf({ ends, answer: "yes" }));
	return [...labels].sort((a, b) => rank(a) - rank(b) || stray(a) - stray(b))[0] as MetricLabel;
}
