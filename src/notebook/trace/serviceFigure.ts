import { adaptationDefaults } from "../../adaptation/compareSystems.js";
import type { WindowStudy } from "../../adaptation/compareWindows.js";
import type { Figure } from "../figure.js";
import { type LineStyle, panels } from "../plots/panels.js";
import { caveat } from "./caveat.js";
import { systemStyles } from "./systemStyles.js";
import { line, windowPanels } from "./windowPanels.js";

/** A pipeline under every window, as the paper's Figures 8 to 12: load, accuracy, cost, and late or dropped requests. */
export function serviceFigure(study: WindowStudy, source: string): Figure {
	const { interval_s } = adaptationDefaults;
	return panels({
		title: `${study.spec.name}: what each system serves`,
		caption: `Means over 30 s, a decision every ${interval_s} s; cores of starting replicas included; accuracy as the objective counts it. ${caveat(study.spec)}`,
		kind: "modelled",
		source,
		x: "minutes",
		columns: study.runs.map(({ window }) => window),
		styles: new Map<string, LineStyle>([
			["arrivals", { color: "#009e73", width: 1.6 }],
			["load decided for", { color: "#cc79a7", dash: "dot" }],
			...Object.entries(systemStyles),
		]),
		rows: [
			{ y: "requests/s", panels: loads(study) },
			{ y: "accuracy", panels: windowPanels(study, ({ accuracy }) => accuracy) },
			{ y: "cores", panels: windowPanels(study, ({ cost_cores }) => cost_cores) },
			{ y: "late (1/s)", panels: windowPanels(study, ({ violationsByInterval: v }) => v.map((n) => n / interval_s)) },
			{ y: "late, sum", panels: windowPanels(study, ({ violationsByInterval }) => violationsByInterval, true) },
		],
	});
}

/** What arrived, and what was decided for: the same for every system. */
function loads({ runs }: WindowStudy) {
	const { interval_s } = adaptationDefaults;
	return runs.map(({ rows }) => {
		const first = rows.find(({ outcome }) => outcome.status === "served")?.outcome;
		if (first?.status !== "served") return [];
		return [
			line(
				"arrivals",
				first.served.requestsByInterval.map((count) => count / interval_s),
			),
			line(
				"load decided for",
				Float64Array.from(first.steps, ({ predicted_rps = 0 }) => predicted_rps),
			),
		];
	});
}
