import {
	available,
	type Factor,
	factor,
	type Hardware,
	type Known,
	type Sci,
	type Site,
	sci,
	times,
	type Use,
	unavailable,
} from "../carbon/sci.js";
import {
	type FootprintFactors,
	type GridChoice,
	readFootprintFactors,
	readGridYear,
	readPriceYear,
	yearFactor,
} from "../datasets/gridYear.js";
import { InputError } from "../errors.js";
import type { EvidenceCell } from "../evaluation/evidence.js";
import type { ConfigurationEnergy } from "../pipeline/configuration.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { optimize } from "../search/optimum.js";

/** A footprint, with its name. */
export interface NamedFootprint {
	readonly name: string;
	readonly rate_rps?: number;
	readonly perRequest: Sci;
	/** Grams and money of 1,000 requests, and of a month of 365/12 days at the rate. */
	readonly per1000: Totals;
	readonly perMonth: Totals;
}

export interface Totals {
	readonly energy_kwh: Known;
	readonly sci_g: Known;
	readonly money: Known;
}

/** What a request of a pipeline or a cell takes. */
export interface NamedUse {
	readonly name: string;
	readonly device: EvidenceCell["device"];
	readonly rate_rps: number | undefined;
	readonly use: Use;
}

/**
 * What a request takes in a pipeline's best configuration at its rate.
 *
 * @throws InputError where nothing is feasible
 */
export function pipelineUse(spec: PipelineSpec): NamedUse {
	const found = optimize(spec);
	if (found.status !== "optimal")
		throw new InputError({ file: spec.name, rule: `must have a feasible configuration: ${found.detail}` });
	const { energy, cost_cores, stages } = found.configuration;
	const rate = spec.arrival_rate_rps;
	const source = `${spec.name} at ${rate} requests/s: ${stages.map((s) => `${s.variant} x ${s.replicas}`).join(", ")}`;
	return {
		name: source,
		device: "cpu",
		rate_rps: rate === 0 ? undefined : rate,
		use: {
			functional_unit: "request of the pipeline",
			energy_j:
				energy.status === "available"
					? available(gross(energy, source))
					: unavailable(`${energy.reason} (--model-energy gives a modelled one)`),
			reserved_s:
				rate === 0
					? unavailable("no request arrives")
					: available(factor(cost_cores / rate, "core-s", "modelled", `${source}: ${cost_cores} cores`)),
		},
	};
}

/**
 * Gross energy of a request. All reserved hardware counts, so the floor of a node is charged to the pipeline whole; the low
 * end leaves it to whoever else is on the node.
 */
function gross(energy: Extract<ConfigurationEnergy, { status: "available" }>, source: string): Factor {
	const { energy_j_per_request: low, with_floor, kind } = energy;
	return with_floor === undefined
		? factor(low, "J", kind, source)
		: factor(
				with_floor.energy_j_per_request,
				"J",
				with_floor.kind,
				`${source}, on a node of its own (low end: without its floor)`,
				{ low },
			);
}

/** What a request takes on a cell of evidence; the load is the caller's. */
export function cellUse(cell: EvidenceCell, rate_rps: number | undefined): NamedUse {
	const { energy, allocation, throughput_rps, replicas, request_unit, device, dataset, line } = cell;
	const source = `${dataset}:${line}`;
	const knobs = Object.entries(cell.knobs).map(([name, value]) => `, ${name} ${value}`);
	const unit = device === "gpu" ? "GPU-s" : "core-s";
	return {
		name: `${cell.hardware}: ${cell.variant}, ${allocation} ${device === "gpu" ? "GPU" : "cores"}, batch ${cell.batch}${knobs.join("")}`,
		device,
		rate_rps,
		use: {
			functional_unit: request_unit,
			energy_j:
				energy.status === "available"
					? available(factor(energy.energy_j_per_request, "J", energy.kind, source))
					: energy,
			reserved_s:
				throughput_rps === undefined
					? unavailable("the cell has no throughput, so nobody knows how long it reserves its hardware")
					: available(factor((allocation * replicas) / throughput_rps, unit, cell.kind, source)),
		},
	};
}

/**
 * The footprint of one use: of a request, of 1,000, and of a month of 365/12 days at the load.
 *
 * @param hardware what is reserved, or why nobody knows what making it emits
 */
export function footprintOf(
	{ name, rate_rps, use }: NamedUse,
	hardware: Hardware | string,
	site: Site,
): NamedFootprint {
	const perRequest = sci(use, hardware, site);
	const per = (count: number): Totals => ({
		energy_kwh: times(perRequest.energy_kwh, count),
		sci_g: times(perRequest.sci_g, count),
		money: times(perRequest.money, count),
	});
	const none = unavailable("no load: name --rate");
	return {
		name,
		...(rate_rps === undefined ? {} : { rate_rps }),
		perRequest,
		per1000: per(1000),
		perMonth:
			rate_rps === undefined ? { energy_kwh: none, sci_g: none, money: none } : per((rate_rps * 365 * 86_400) / 12),
	};
}

const noPrice = unavailable("no zone with a shipped wholesale price: data/raw/electricity-price-2021-2024");

/** A site on a zone's grid: the year's mean intensity with the range of its hours, and its price where one is shipped. */
export async function siteOnGrid(pue: Factor, choice: GridChoice): Promise<Site> {
	const grid = await readGridYear(choice);
	const price = await readPriceYear(choice.zone, choice.year);
	return {
		pue,
		intensity_g_per_kwh: available(yearFactor(grid.series, "g/kWh", grid.source)),
		price_per_kwh: price === undefined ? noPrice : available(yearFactor(price, "USD/kWh", price.source)),
	};
}

/** A site of which one number is known, or nothing. */
export function siteWithout(pue: Factor, intensity_g_per_kwh: number | undefined): Site {
	return {
		pue,
		intensity_g_per_kwh:
			intensity_g_per_kwh === undefined
				? unavailable("no place: name --zone or --intensity")
				: available(factor(intensity_g_per_kwh, "g/kWh", "modelled", "--intensity")),
		price_per_kwh: noPrice,
	};
}

/** What cells of a device reserve; or why: nobody says what making it emits. */
export function hardwareFor(
	{ hardware }: FootprintFactors,
	device: EvidenceCell["device"],
	name?: string,
): Hardware | string {
	if (name === undefined)
		return (
			[...hardware.values()].find((each) => each.device === device) ??
			`data/footprint.yaml has no hardware for a ${device}`
		);
	const found = hardware.get(name);
	const fail = (rule: string): never => {
		throw new InputError({ file: "command line", field: "--hardware", rule, value: name });
	};
	if (found === undefined) return fail(`must be one of ${[...hardware.keys()].join(", ")}`);
	return found.device === device ? found : fail(`must be for a ${device}, which the cells have`);
}

/**
 * The footprint of a pipeline's best configuration at its rate, on a zone's grid of a year and the shipped CPUs' factors.
 *
 * @throws InputError where nothing is feasible, or the zone has no such year
 * @example
 * const intensities = `${datasets.dataRoot}/raw/carbon-intensity-2020`;
 * const place = { zone: "germany", basis: "lifecycle", year: 2020, intensities };
 * const { perRequest } = await beyondEnergy.pipelineFootprint(await pipeline.readPipeline("video"), place);
 * [perRequest.embodied_g.status, perRequest.sci_g.status]; // → ["available", "unavailable"]
 */
export async function pipelineFootprint(spec: PipelineSpec, place: GridChoice): Promise<NamedFootprint> {
	const factors = await readFootprintFactors();
	const site = await siteOnGrid(factors.pue, place);
	return footprintOf(pipelineUse(spec), hardwareFor(factors, "cpu"), site);
}
