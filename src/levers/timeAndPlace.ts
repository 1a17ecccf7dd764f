import { join } from "node:path";
import { type IntensitySeries, intensitySeries, readCarbonIntensity } from "../datasets/carbon.js";
import { numberField, readCsv, textField } from "../datasets/csv.js";
import { packageRoot } from "../datasets/root.js";
import { groupBy } from "../group.js";
import { type PlacedRequest, placement, type Site } from "../shifting/place.js";
import { type FlexibleJob, persistence, savings } from "../shifting/savings.js";

/** A distribution in five numbers. */
export interface Spread {
	readonly mean: number;
	readonly p5: number;
	readonly median: number;
	readonly p95: number;
	readonly count: number;
}

/** Mean and quantiles (nearest rank) of values. Throws RangeError where there are none. */
export function spreadOf(values: ArrayLike<number>): Spread {
	if (values.length === 0) throw new RangeError("a distribution needs at least one value");
	const sorted = Float64Array.from(values).sort();
	const at = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
	const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
	return { mean, p5: at(0.05), median: at(0.5), p95: at(0.95), count: sorted.length };
}

/** Continents of the shipped zones, as the network's measurements name them: SA is South America and Africa. */
const continents: Readonly<Record<string, "EU" | "US" | "SA" | "AP">> = {
	"AU-NSW": "AP",
	"AU-VIC": "AP",
	"BR-SP": "SA",
	"CA-ON": "US",
	"CL-SIC": "SA",
	"DE-LU": "EU",
	GB: "EU",
	"IN-WE": "AP",
	"JP-TK": "AP",
	KR: "AP",
	SG: "AP",
	"US-CAL-CISO": "US",
	"US-MIDA-PJM": "US",
	"US-NY-NYIS": "US",
	"US-TEX-ERCO": "US",
	ZA: "SA",
};

/** A year of all sixteen zones. */
export async function readGridYears(year: number, basis: "direct" | "lifecycle"): Promise<IntensitySeries[]> {
	const folder = join(packageRoot, "data", "raw", `carbon-intensity-${basis}-2021-2024`);
	const all = await readCarbonIntensity(folder, { from_ms: Date.UTC(year, 0), to_ms: Date.UTC(year + 1, 0) });
	return [...groupBy(all, ({ zone }) => zone)].map(([zone, own]) => intensitySeries(own, zone, basis));
}

/** What waiting saves in a zone, over all start dates of the year: shares of beginning at once. */
export interface ZoneShift {
	readonly zone: string;
	readonly mean_g_per_kwh: number;
	/** Planned by yesterday's values: what a service without a forecast can do. */
	readonly saved_by_yesterday_share: Spread;
	/** By one who knows the future: a bound, no result. */
	readonly saved_by_oracle_share: Spread;
	/** Of the start dates: those on which the forecast does worse than beginning at once. */
	readonly lost_share: number;
	/** Of the savings, which plan with forecasts or hindsight; the intensities are published. */
	readonly kind: "modelled";
}

/**
 * The same job in every zone, a start at each hour of the year.
 *
 * @example
 * const days = { zone: "GB", values: Float64Array.from({ length: 72 }, (_, hour) => (hour % 24 < 12 ? 200 : 400)) };
 * const [shift] = beyondEnergy.shiftByZone([days], { length: 2, slack: 22, interruptible: false });
 * shift.saved_by_oracle_share.mean > 0; // → true
 */
export function shiftByZone(grids: readonly IntensitySeries[], job: FlexibleJob): ZoneShift[] {
	return grids.map(({ zone, values }) => {
		const { forecast, oracle } = savings(values, persistence(values, 24), job);
		return {
			zone,
			mean_g_per_kwh: spreadOf(values).mean,
			saved_by_yesterday_share: spreadOf(forecast),
			saved_by_oracle_share: spreadOf(oracle),
			lost_share: forecast.filter((share) => share < -1e-12).length / forecast.length,
			kind: "modelled" as const,
		};
	});
}

/** Round trip and throughput between continents, by one provider's sites. */
export async function readNetwork(provider: "aws" | "azure" = "aws"): Promise<Network> {
	const { rows } = await readCsv(join(packageRoot, "data/raw/network-between-sites/network-between-sites.csv"));
	return new Map(
		rows
			.filter((row) => textField(row, "provider") === provider)
			.map((row) => [
				`${textField(row, "from")} ${textField(row, "to")}`,
				{
					rtt_s: numberField(row, "rtt_ms", "not negative") / 1000,
					throughput_bits_per_s: numberField(row, "throughput_mbps", "positive") * 1e6,
				},
			]),
	);
}

export type Network = ReadonlyMap<string, { readonly rtt_s: number; readonly throughput_bits_per_s: number }>;

/** Same continent: 1,000 Mbit/s, by the network data's authors' assumption, which also has no delay. */
const near = { rtt_s: 0, throughput_bits_per_s: 1e9 };

/** What serving elsewhere saves from a home, hour by hour over a year. */
export interface HomePlacement {
	readonly home: string;
	/** Sites within the SLA, home included. */
	readonly allowed: readonly string[];
	/** Of the grams at home, over the year. */
	readonly saved_share: number;
	/** Of each hour. */
	readonly saved_by_hour_share: Spread;
	/** Site that serves most hours, and its part of them. */
	readonly most_hours_at: string;
	readonly most_hours_share: number;
	/** Latency that is added to a request, mean over the year, s. */
	readonly added_latency_s: number;
	readonly kind: "modelled";
}

/** Requests of a home placed anew each hour among zones. */
export function placeFrom(
	home: string,
	grids: readonly IntensitySeries[],
	network: Network,
	request: PlacedRequest,
): HomePlacement {
	const ordered = [...grids].sort((a, b) => Number(b.zone === home) - Number(a.zone === home));
	const sites = ordered.map(({ zone, values }): Site => {
		const [from, to] = [continents[home], continents[zone]];
		const link =
			zone === home
				? { rtt_s: 0, throughput_bits_per_s: Number.POSITIVE_INFINITY }
				: (network.get(`${from} ${to}`) ?? near);
		return { name: zone, intensity_g_per_kwh: values, ...link };
	});
	const { site, grams, atHome_g, latency_s } = placement(sites, request);
	const hours = new Array<number>(sites.length).fill(0);
	let added = 0;
	for (const k of site) {
		hours[k]!++;
		added += (latency_s[k]! - latency_s[0]!) / site.length;
	}
	const most = hours.indexOf(Math.max(...hours));
	const total = (all: Float64Array) => all.reduce((sum, value) => sum + value, 0);
	return {
		home,
		allowed: sites.filter((_, k) => latency_s[k]! <= request.sla_s).map(({ name }) => name),
		saved_share: 1 - total(grams) / total(atHome_g),
		saved_by_hour_share: spreadOf(grams.map((g, k) => (atHome_g[k] === 0 ? 0 : 1 - g / atHome_g[k]!))),
		most_hours_at: sites[most]!.name,
		most_hours_share: hours[most]! / site.length,
		added_latency_s: added,
		kind: "modelled",
	};
}

/** A kind of request, by a name, placed from a home. */
export interface NamedPlacement extends HomePlacement {
	readonly request: string;
}

/**
 * Kinds of requests from several homes, each placed anew every hour: a row a request and home.
 *
 * @example
 * const clean = { zone: "GB", values: [100] };
 * const dirty = { zone: "DE-LU", values: [400] };
 * const light = { energy_j: 1, bytes: 1000, service_s: 0.5, sla_s: 6, network_kwh_per_gb: 0.001 };
 * const [placed] = beyondEnergy.placements({ light }, ["DE-LU"], [clean, dirty], new Map());
 * placed.most_hours_at; // → "GB"
 */
export function placements(
	requests: Readonly<Record<string, PlacedRequest>>,
	homes: readonly string[],
	grids: readonly IntensitySeries[],
	network: Network,
): NamedPlacement[] {
	return Object.entries(requests).flatMap(([name, request]) =>
		homes.map((home) => ({ request: name, ...placeFrom(home, grids, network, request) })),
	);
}
