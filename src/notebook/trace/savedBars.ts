import type { WindowStudy } from "../../adaptation/compareWindows.js";
import type { Figure } from "../figure.js";
import { bars } from "../plots/bars.js";
import { changedRows } from "./changedRows.js";
import type { Place } from "./place.js";

/** The energy that IPA with energy saves against IPA: a bar a pipeline and window. */
export function savedBars(studies: readonly WindowStudy[], place: Place, source: string): Figure {
	return bars({
		title: "Energy saved by IPA with energy, against IPA",
		caption:
			"Modelled energies, coupled with cores and latency by construction: how the objective works, no evidence of what a machine would save. Read beside the table: where cores or accuracy fall, that is what saves.",
		kind: "modelled",
		source,
		y: "energy saved (%)",
		bars: changedRows(studies, place, [1]).map((row) => ({
			label: String(row.pipeline),
			group: String(row.window),
			value: Number(row["energy saved (%)"]),
		})),
	});
}
