import type { Figure } from "../figure.js";
import { bars } from "../plots/bars.js";
import type { changedRows } from "./changedRows.js";

/** The energy that IPA with energy saves against IPA: a bar a pipeline and window, from the rows of `changedRows`. */
export function savedBars(rows: ReturnType<typeof changedRows>, source: string): Figure {
	return bars({
		title: "Energy saved by IPA with energy, against IPA",
		caption:
			"Modelled energies, coupled with cores and latency by construction: how the objective works, no evidence of what a machine would save. Read beside the table: where cores or accuracy fall, that is what saves.",
		kind: "modelled",
		source,
		y: "energy saved (%)",
		bars: rows.map((row) => ({
			label: String(row.pipeline),
			group: String(row.window),
			value: Number(row["energy saved (%)"]),
		})),
	});
}
