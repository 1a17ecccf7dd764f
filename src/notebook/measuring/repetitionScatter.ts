import { mean } from "simple-statistics";
import { groupBy } from "../../group.js";
import type { JournalRecord } from "../../measurement/records.js";
import type { Figure } from "../figure.js";
import { type ScatterPoint, scatterByGroup } from "../plots/scatterByGroup.js";
import { cellLabel } from "./cellLabel.js";

/** Each repetition's mean latency beside the mean of its cell, over the time of the run; the control beside its own. */
export function repetitionScatter(records: readonly JournalRecord[], source: string): Figure {
	const windows = records.flatMap((record) => {
		if (record.type === "repetition")
			return [{ ...at(record.window.started_at), value: record.window.latency_mean_s, group: cellLabel(record.cell) }];
		return record.type === "control"
			? [{ ...at(record.window.started_at), value: record.window.latency_p50_s, group: "control" }]
			: [];
	});
	const start = Math.min(...windows.map(({ time_ms }) => time_ms));
	const points = [...groupBy(windows, ({ group }) => group)].flatMap(([group, own]): ScatterPoint[] => {
		const centre = mean(own.map(({ value }) => value));
		return own.map(({ time_ms, value }) => ({
			x: (time_ms - start) / 60_000,
			y: 100 * (value / centre - 1),
			colour: group,
			marker: group === "control" ? "control" : "repetition",
		}));
	});
	return scatterByGroup({
		title: "The spread of the repetitions",
		caption:
			"Each point is a window's mean latency beside the mean of its cell. Cells that move together in time were moved by the machine, not by chance; the control, always the same arithmetic, shows it best.",
		kind: "measured",
		source,
		x: "time since the first window (min)",
		y: "difference from the cell's mean (%)",
		colourTitle: "cell",
		markerTitle: "what",
		points,
	});
}

function at(started_at: string): { readonly time_ms: number } {
	return { time_ms: Date.parse(started_at) };
}
