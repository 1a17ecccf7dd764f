import { axis } from "./house.js";

const FEW = 5;

/** A logarithmic axis with its title, over the values shown. */
export function logAxis(title: string, values: readonly number[]) {
	return axis(title, { ...logTicks(values), minor: { showgrid: false } });
}

/**
 * Logarithmic scale with ticks at 1, 2 and 5 of each decade: plotly.js' own labels every digit within a decade, small
 * and without its power. Only 1s past three decades.
 */
export function logTicks(values: readonly number[]) {
	const positive = values.filter((value) => value > 0);
	if (positive.length === 0) return { type: "log" };
	// A knob's few settings are their own ticks.
	const settings = [...new Set(positive)].sort((a, b) => a - b);
	if (settings.length <= FEW) return { type: "log", tickvals: settings, ticktext: settings.map(String) };
	const low = Math.floor(Math.log10(Math.min(...positive)));
	const high = Math.ceil(Math.log10(Math.max(...positive)));
	const steps = high - low > 3 ? [1] : [1, 2, 5];
	const decades = Array.from({ length: high - low + 2 }, (_, index) => low + index);
	const tickvals = decades.flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)));
	return { type: "log", tickvals, ticktext: tickvals.map(String) };
}
