import { adaptationDefaults } from "../../adaptation/compareSystems.js";
import type { WindowStudy } from "../../adaptation/compareWindows.js";
import type { Served } from "../../adaptation/serve.js";
import { serveSeeds } from "../../adaptation/serveSeeds.js";
import { footprint } from "../../carbon/footprint.js";
import { servedBy } from "../energyAware/systems.js";
import type { Place } from "./place.js";

/**
 * Rows for a table: IPA with energy against IPA, over each window. Negative savings are losses. The change of late or
 * dropped requests comes with its range over arrivals of other seeds, the same ones for both systems.
 */
export function changedRows(
	studies: readonly WindowStudy[],
	{ hourly_g_per_kwh }: Place,
	seeds: readonly number[] = [1, 2, 3, 4, 5],
): Record<string, string | number>[] {
	return studies.flatMap((study) =>
		study.runs.map((run) => {
			const { window, rows } = run;
			const plain = servedBy(rows, "ipa");
			const aware = servedBy(rows, "ipa-energy");
			const [before, after] = [joules(plain), joules(aware)];
			const grams = (own: Float64Array) => footprint(own, adaptationDefaults.interval_s, hourly_g_per_kwh).total_g;
			const share = ({ violations, requests }: Served) => (100 * violations) / requests;
			const plainAgain = serveSeeds(study, run, "ipa", seeds);
			const changes = serveSeeds(study, run, "ipa-energy", seeds).map(
				(again, i) => share(again) - share(plainAgain[i] as Served),
			);
			return {
				pipeline: study.spec.name,
				window,
				"energy saved (%)": Number((100 * (1 - total(after) / total(before))).toFixed(1)),
				"energy saved (kJ)": Number(((total(before) - total(after)) / 1000).toFixed(2)),
				"carbon saved (g)": Number((grams(before) - grams(after)).toPrecision(3)),
				"accuracy change": Number((aware.meanAccuracy - plain.meanAccuracy).toFixed(3)),
				"cores change (%)": Number((100 * (aware.core_seconds / plain.core_seconds - 1)).toFixed(1)),
				"late or dropped (points)": Number((share(aware) - share(plain)).toFixed(2)),
				[`the same over ${seeds.length} seeds`]: `${Math.min(...changes).toFixed(2)} to ${Math.max(...changes).toFixed(2)}`,
				kind: aware.energy.status === "available" ? aware.energy.kind : "",
			};
		}),
	);
}

function joules({ energy }: Served): Float64Array {
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return energy.joules;
}

function total(values: Float64Array): number {
	return values.reduce((sum, value) => sum + value, 0);
}
