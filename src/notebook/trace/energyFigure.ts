import { adaptationDefaults } from "../../adaptation/compareSystems.js";
import type { WindowStudy } from "../../adaptation/compareWindows.js";
import type { Served } from "../../adaptation/serve.js";
import { footprint } from "../../carbon/footprint.js";
import type { Figure } from "../figure.js";
import { panels } from "../plots/panels.js";
import { caveat } from "./caveat.js";
import type { Place } from "./place.js";
import { systemStyles } from "./systemStyles.js";
import { windowPanels } from "./windowPanels.js";

/** A pipeline under every window: power, energy, and the emissions of the run at a place and hour. */
export function energyFigure(study: WindowStudy, place: Place, source: string): Figure {
	const { interval_s } = adaptationDefaults;
	const joules = ({ energy }: Served) => (energy.status === "available" ? energy.joules : undefined);
	const grams = (served: Served) => {
		const known = joules(served);
		return known === undefined ? undefined : footprint(known, interval_s, place.hourly_g_per_kwh).grams;
	};
	return panels({
		title: `${study.spec.name}: energy and carbon, modelled`,
		caption: `Means over 30 s and running totals. Carbon: every window begun at ${place.start}, ${place.zone}, average ${place.basis} intensity ${place.hourly_g_per_kwh[0]?.toFixed(0)} g/kWh, so within the hour it is the energy on another scale. ${caveat(study.spec)}`,
		kind: "modelled",
		source,
		x: "minutes",
		columns: study.runs.map(({ window }) => window),
		styles: new Map(Object.entries(systemStyles)),
		rows: [
			{ y: "power (W)", panels: windowPanels(study, (served) => joules(served)?.map((j) => j / interval_s)) },
			{ y: "energy (kJ)", panels: windowPanels(study, (served) => joules(served)?.map((j) => j / 1000), true) },
			{ y: "g CO2e/h", panels: windowPanels(study, (served) => grams(served)?.map((g) => (3600 * g) / interval_s)) },
			{ y: "g CO2e", panels: windowPanels(study, grams, true) },
		],
	});
}
