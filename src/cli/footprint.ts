import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { factor } from "../carbon/factor.js";
import {
	available,
	type Hardware,
	type Known,
	type Sci,
	type Site,
	sci,
	times,
	type Use,
	unavailable,
} from "../carbon/sci.js";
import { readCellsCsv, readEvidence } from "../datasets/evidence.js";
import { type FootprintFactors, readFootprintFactors } from "../datasets/footprintFactors.js";
import { readGridYear, readPriceYear, yearFactor } from "../datasets/grid.js";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import type { Evidence, EvidenceCell } from "../evaluation/evidence.js";
import { readPipeline } from "../ipa/readPipeline.js";
import { readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { withModelledEnergy } from "../pipeline/modelledEnergy.js";
import { optimize } from "../search/optimum.js";
import { numberOption } from "./input/numberOption.js";
import { footprintText } from "./output/footprintText.js";

export const footprintUsage = `sustainable-ipa footprint PIPELINE|DATASET|RUN [--zone ZONE [--year Y] [--basis direct|lifecycle] | --intensity G] [--intensities PATH]
                          [--rate RPS] [--model-energy] [--pue P] [--hardware NAME] [--factors FILE] [--json]
  Energy, carbon (Software Carbon Intensity, ISO/IEC 21031: E, I, M and R each shown) and money of a request, of 1,000 and
  of a month at a load, each number with its range, kind and sources. What is not known is unavailable, never 0.
  PIPELINE        a pipeline's JSON, a name of IPA's pipelines or its YAML: the best configuration at --rate
  DATASET         a folder with provenance.yaml, a name of data/raw, or a table of your own (FILE.csv): every cell
  RUN             the --out folder of measure
  --zone          grid of the year (default 2024; basis lifecycle by default): data/raw/carbon-intensity-*; its wholesale
                  price where there is one
  --intensity     grams a kWh, in place of a zone
  --intensities   a file of Electricity Maps, NESO or WattTime, or a folder with provenance.yaml, in place of the shipped
  --rate          requests/s: of the pipeline, and of the month
  --model-energy  give a pipeline a modelled energy (data/energy-coefficients.yaml): no evidence, labelled so
  --pue, --hardware, --factors   in place of those of data/footprint.yaml (hardware: cpu-core, a100)`;

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

/** Prints the footprint of a pipeline's best configuration, or of every cell of a dataset. */
export async function footprintCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			zone: { type: "string" },
			year: { type: "string", default: "2024" },
			basis: { type: "string", default: "lifecycle" },
			intensity: { type: "string" },
			intensities: { type: "string" },
			rate: { type: "string" },
			"model-energy": { type: "boolean" },
			pue: { type: "string" },
			hardware: { type: "string" },
			factors: { type: "string" },
			json: { type: "boolean" },
		},
	});
	const [what, ...more] = positionals;
	if (what === undefined || more.length > 0)
		fail("PIPELINE|DATASET|RUN", "must be named, one of them", positionals.length);
	const factors = await readFootprintFactors(values.factors);
	const site = await siteOf(values, factors);
	const rate_rps = numberOption("--rate", values.rate, "positive");
	const evidence = await evidenceOf(what);
	const named =
		evidence === undefined
			? [await pipelineUse(what, rate_rps, values["model-energy"] === true)]
			: evidence.cells.map((cell) => cellUse(cell, rate_rps));
	const footprints = named.map(({ name, device, rate_rps: load, use }): NamedFootprint => {
		const hardware = hardwareOf(factors, values.hardware, device);
		const perRequest = sci(use, hardware ?? `data/footprint.yaml has no hardware for a ${device}`, site);
		const per = (count: number): Totals => ({
			energy_kwh: times(perRequest.energy_kwh, count),
			sci_g: times(perRequest.sci_g, count),
			money: times(perRequest.money, count),
		});
		const none = unavailable("no load: name --rate");
		return {
			name,
			...(load === undefined ? {} : { rate_rps: load }),
			perRequest,
			per1000: per(1000),
			perMonth: load === undefined ? { energy_kwh: none, sci_g: none, money: none } : per((load * 365 * 86_400) / 12),
		};
	});
	process.stdout.write(
		values.json === true ? `${JSON.stringify(footprints, null, 2)}\n` : footprintText(what, footprints),
	);
	return 0;
}

interface NamedUse {
	readonly name: string;
	readonly device: EvidenceCell["device"];
	readonly rate_rps: number | undefined;
	readonly use: Use;
}

async function pipelineUse(what: string, rate_rps: number | undefined, model: boolean): Promise<NamedUse> {
	const given = await readPipeline(what, rate_rps === undefined ? {} : { arrival_rate_rps: rate_rps });
	const spec = model ? withModelledEnergy(given, await readEnergyCoefficients()) : given;
	const found = optimize(spec);
	if (found.status !== "optimal") return fail("PIPELINE", `must have a feasible configuration: ${found.detail}`, what);
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
					? available(factor(energy.energy_j_per_request, "J", energy.kind, source))
					: unavailable(`${energy.reason} (--model-energy gives a modelled one)`),
			reserved_s:
				rate === 0
					? unavailable("no request arrives")
					: available(factor(cost_cores / rate, "core-s", "modelled", `${source}: ${cost_cores} cores`)),
		},
	};
}

function cellUse(cell: EvidenceCell, rate_rps: number | undefined): NamedUse {
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

/** Evidence of a dataset or a run; undefined where the name is a pipeline's. */
async function evidenceOf(what: string): Promise<Evidence | undefined> {
	const folders = [what, join(what, "dataset"), join(packageRoot, "data/raw", what)];
	for (const folder of folders)
		if ((await stat(join(folder, "provenance.yaml")).catch(() => undefined))?.isFile() === true)
			return readEvidence(folder);
	return /\.csv(\.gz)?$/i.test(what) ? readCellsCsv(what) : undefined;
}

async function siteOf(
	values: {
		readonly zone?: string | undefined;
		readonly year: string;
		readonly basis: string;
		readonly intensity?: string | undefined;
		readonly intensities?: string | undefined;
		readonly pue?: string | undefined;
	},
	factors: FootprintFactors,
): Promise<Site> {
	const { zone, basis, intensities } = values;
	const given_pue = numberOption("--pue", values.pue, "positive");
	if (given_pue !== undefined && given_pue < 1) fail("--pue", "must be 1 or more", given_pue);
	const pue = given_pue === undefined ? factors.pue : factor(given_pue, "1", "modelled", "--pue");
	const grams = numberOption("--intensity", values.intensity, "not negative");
	if (grams !== undefined && zone !== undefined) fail("--intensity", "must not be given with --zone", grams);
	if (basis !== "direct" && basis !== "lifecycle") return fail("--basis", "must be direct or lifecycle", basis);
	const year = numberOption("--year", values.year, "whole");
	const noPrice = unavailable("no zone with a shipped wholesale price: data/raw/electricity-price-2021-2024");
	if (grams !== undefined)
		return {
			pue,
			intensity_g_per_kwh: available(factor(grams, "g/kWh", "modelled", "--intensity")),
			price_per_kwh: noPrice,
		};
	if (zone === undefined)
		return { pue, intensity_g_per_kwh: unavailable("no place: name --zone or --intensity"), price_per_kwh: noPrice };
	const grid = await readGridYear({ zone, basis, year, ...(intensities === undefined ? {} : { intensities }) });
	const price = await readPriceYear(zone, year);
	return {
		pue,
		intensity_g_per_kwh: available(yearFactor(grid.series, "g/kWh", grid.source)),
		price_per_kwh: price === undefined ? noPrice : available(yearFactor(price, "USD/kWh", price.source)),
	};
}

/** What cells of a device reserve; undefined where nobody says what making it emits. */
function hardwareOf(
	{ hardware }: FootprintFactors,
	name: string | undefined,
	device: EvidenceCell["device"],
): Hardware | undefined {
	if (name === undefined) return [...hardware.values()].find((each) => each.device === device);
	const found = hardware.get(name);
	if (found === undefined) return fail("--hardware", `must be one of ${[...hardware.keys()].join(", ")}`, name);
	if (found.device !== device) fail("--hardware", `must be for a ${device}, which the cells have`, name);
	return found;
}

function fail(field: string, rule: string, value: unknown): never {
	throw new InputError({ file: "command line", field, rule, value });
}
