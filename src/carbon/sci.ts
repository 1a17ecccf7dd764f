import { type Kind, weakestKind } from "../units.js";

/** A number that a footprint is made of: its unit, how it came about, where from, and the range that it may lie in. */
export interface Factor {
	readonly value: number;
	/** A range of sources or hours, not a confidence interval; equal to the value where none is known. */
	readonly low: number;
	readonly high: number;
	readonly unit: string;
	readonly kind: Kind;
	readonly sources: readonly string[];
}

/**
 * A factor of its own.
 *
 * @example
 * factor(1.58, "1", "modelled", "Uptime Institute 2023", { low: 1.1, high: 1.59 });
 */
export function factor(
	value: number,
	unit: string,
	kind: Kind,
	source: string,
	{ low = value, high = value }: { readonly low?: number; readonly high?: number } = {},
): Factor {
	return { value, low, high, unit, kind, sources: [source] };
}

/** Product of factors that are not negative: ends with ends, the weakest kind, all sources. */
export function product(unit: string, factors: readonly Factor[], times = 1): Factor {
	const of = (key: "value" | "low" | "high") => factors.reduce((all, each) => all * each[key], times);
	return together(unit, factors, of);
}

/** Sum of factors of one unit. */
export function sum(unit: string, factors: readonly Factor[]): Factor {
	return together(unit, factors, (key) => factors.reduce((all, each) => all + each[key], 0));
}

/** One over a factor: its high end is the low one's. */
export function inverse(unit: string, given: Factor): Factor {
	return { ...given, value: 1 / given.value, low: 1 / given.high, high: 1 / given.low, unit };
}

function together(unit: string, factors: readonly Factor[], of: (key: "value" | "low" | "high") => number): Factor {
	return {
		value: of("value"),
		low: of("low"),
		high: of("high"),
		unit,
		kind: weakestKind(factors.map(({ kind }) => kind)),
		sources: [...new Set(factors.flatMap(({ sources }) => sources))],
	};
}

/** A part of a footprint, or why there is none: what is not known is never 0. */
export type Known =
	| { readonly status: "available"; readonly factor: Factor }
	| { readonly status: "unavailable"; readonly reason: string };

/** What one functional unit takes, and of what. */
export interface Use {
	/** What R counts: an image, a question, a request of a pipeline. */
	readonly functional_unit: string;
	/** Gross energy of a unit, all reserved hardware and its idling included, J. */
	readonly energy_j: Known;
	/** What is reserved, in seconds of it a unit (core-seconds, GPU-seconds). */
	readonly reserved_s: Known;
}

/** Embodied carbon of one piece of what is reserved (a core, a GPU) and how long it is used. */
export interface Hardware {
	readonly piece: string;
	readonly embodied_g: Factor;
	readonly lifetime_years: Factor;
}

/** Where the electricity comes from. */
export interface Site {
	readonly pue: Factor;
	readonly intensity_g_per_kwh: Known;
	/** Wholesale, without grid fees and taxes. */
	readonly price_per_kwh: Known;
}

/** Software Carbon Intensity of a functional unit by ISO/IEC 21031:2024: SCI = (E x I + M) per R, each shown. */
export interface Sci {
	readonly functional_unit: string;
	/** E: energy of a unit, kWh, with the facility's overhead. */
	readonly energy_kwh: Known;
	/** Without the overhead, J. */
	readonly energy_j: Known;
	readonly pue: Factor;
	/** I. */
	readonly intensity_g_per_kwh: Known;
	/** E x I, g. */
	readonly operational_g: Known;
	/** M = TE x (TiR/EL) x (RR/ToR), g: the share of the hardware's making. */
	readonly embodied_g: Known;
	/** (E x I + M) per R, g. */
	readonly sci_g: Known;
	/** Embodied share of the SCI. */
	readonly embodied_share: Known;
	readonly money: Known;
	readonly water_l: Known;
}

/** Seconds of a year of 365 days. */
const year_s = 365 * 24 * 3600;

/**
 * The Software Carbon Intensity of a functional unit. It is a rate: no offsets, certificates or contracts enter it.
 *
 * @param hardware what is reserved, or why nobody knows what making it emits
 * @example
 * // The standard's own example: 1,000 kg over 4 years, one hour of all of it: 28.5 g.
 */
export function sci({ functional_unit, energy_j, reserved_s }: Use, hardware: Hardware | string, site: Site): Sci {
	const energy_kwh = both([energy_j], ([j]) => product("kWh", [j!, site.pue], 1 / 3.6e6));
	const operational_g = both([energy_kwh, site.intensity_g_per_kwh], (factors) => product("gCO2e", factors));
	const embodied_g =
		typeof hardware === "string"
			? unavailable(hardware)
			: both([reserved_s], ([s]) =>
					product("gCO2e", [hardware.embodied_g, s!, inverse("1/year", hardware.lifetime_years)], 1 / year_s),
				);
	const sci_g = both([operational_g, embodied_g], (factors) => sum("gCO2e", factors));
	return {
		functional_unit,
		energy_kwh,
		energy_j,
		pue: site.pue,
		intensity_g_per_kwh: site.intensity_g_per_kwh,
		operational_g,
		embodied_g,
		sci_g,
		embodied_share: both([operational_g, embodied_g, sci_g], ([o, m, all]) => ({
			...all!,
			unit: "1",
			value: share(m!.value, o!.value),
			// Least where making is least and running most.
			low: share(m!.low, o!.high),
			high: share(m!.high, o!.low),
		})),
		money: both([energy_kwh, site.price_per_kwh], (factors) => product("USD", factors)),
		water_l: unavailable("no primary source gives litres a kWh for a site that is named here"),
	};
}

const share = (part: number, rest: number): number => (part + rest === 0 ? 0 : part / (part + rest));

export function available(factor: Factor): Known {
	return { status: "available", factor };
}

export function unavailable(reason: string): Known {
	return { status: "unavailable", reason };
}

/** Every quantity so many times: per 1,000 units, per month at a load. */
export function times(known: Known, count: number): Known {
	return both([known], ([only]) => product(only!.unit, [only!], count));
}

function both(parts: readonly Known[], of: (factors: readonly Factor[]) => Factor): Known {
	const missing = parts.find((part) => part.status === "unavailable");
	if (missing !== undefined) return missing;
	return available(of(parts.flatMap((part) => (part.status === "available" ? [part.factor] : []))));
}
