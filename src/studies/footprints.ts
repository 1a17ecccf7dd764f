import type { Factor, Known } from "../carbon/sci.js";
import type { NamedFootprint } from "../levers/sciUse.js";

/** A part of a footprint: its value with the range of its sources, or why nobody knows. */
export interface FootprintPart {
	readonly part: string;
	readonly value?: number;
	readonly unit?: string;
	/** Of sources and of the hours of the year: no confidence interval. */
	readonly range?: { readonly low: number; readonly high: number };
	readonly kind?: Factor["kind"];
	readonly rests_on: string;
}

function footprintParts({ perRequest: own, per1000, perMonth }: NamedFootprint): FootprintPart[] {
	const named: readonly (readonly [string, Known])[] = [
		["energy of a request", own.energy_j],
		["E: with the facility's overhead", own.energy_kwh],
		["I: intensity of the grid", own.intensity_g_per_kwh],
		["E x I: operational", own.operational_g],
		["M: embodied", own.embodied_g],
		["SCI: (E x I + M) per request", own.sci_g],
		["embodied share of the SCI", own.embodied_share],
		["electricity, wholesale", own.money],
		["water", own.water_l],
		["SCI of 1,000 requests", per1000.sci_g],
		["SCI of a month at this load", perMonth.sci_g],
		["electricity of that month, wholesale", perMonth.money],
	];
	return named.map(([part, known]): FootprintPart => {
		if (known.status === "unavailable") return { part, rests_on: `unavailable: ${known.reason}` };
		const { value, low, high, unit, kind, sources } = known.factor;
		return {
			part,
			value,
			unit,
			...(low === high ? {} : { range: { low, high } }),
			kind,
			rests_on: sources.join("; "),
		};
	});
}

/** A footprint in a row: what is not known has its reason in place of a number. */
export interface FootprintRow {
	readonly name: string;
	readonly of_1000_requests: { readonly energy_kwh?: number; readonly sci_g?: number };
	/** Of the SCI, what making the hardware emits. */
	readonly embodied_share?: number;
	readonly kind?: Factor["kind"];
	readonly because?: string;
}

/** Footprints as rows. */
export interface FootprintTables {
	/** 1,000 requests of each. */
	readonly each: readonly FootprintRow[];
	/** The first one's parts. */
	readonly parts: readonly FootprintPart[];
}

/**
 * Footprints as rows: each in one, and the first in its parts.
 *
 * @example
 * const intensities = `${datasets.dataRoot}/raw/carbon-intensity-2020`;
 * const place = { zone: "germany", basis: "lifecycle", year: 2020, intensities };
 * const video = await pipeline.readPipeline("video");
 * const { parts } = studies.footprints([await beyondEnergy.pipelineFootprint(video, place)]);
 * parts[0].rests_on.startsWith("unavailable"); // → true
 */
export function footprints(given: readonly NamedFootprint[]): FootprintTables {
	const numberOf = (known: Known) => (known.status === "available" ? known.factor.value : undefined);
	return {
		each: given.map(({ name, perRequest, per1000 }): FootprintRow => {
			const [energy_kwh, sci_g] = [numberOf(per1000.energy_kwh), numberOf(per1000.sci_g)];
			const embodied_share = numberOf(perRequest.embodied_share);
			return {
				name,
				of_1000_requests: {
					...(energy_kwh === undefined ? {} : { energy_kwh }),
					...(sci_g === undefined ? {} : { sci_g }),
				},
				...(embodied_share === undefined ? {} : { embodied_share }),
				...(per1000.sci_g.status === "available"
					? { kind: per1000.sci_g.factor.kind }
					: { because: per1000.sci_g.reason }),
			};
		}),
		parts: given.slice(0, 1).flatMap(footprintParts),
	};
}
