import type { Comparison } from "../adaptation/compareSystems.js";
import { standardSystems } from "../adaptation/systems.js";
import { readPipeline } from "../ipa/readPipeline.js";
import { readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { withModelledEnergy } from "../pipeline/energy.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { presetFamilies, presetPipelines, readPreset } from "../published/presets.js";
import { verticalOnly } from "../scaling/vertical.js";
import { withTenants } from "../sharing/processorSharing.js";
import { type Call, type Options, refuse, type Values } from "./command.js";

const pipeline = "The pipeline";

/** The options that name a pipeline whose load something else gives. */
export const pipelineSource = {
	profile: {
		value: "NAME|FILE",
		about: `one of IPA's pipelines (${presetPipelines.join(", ")}), a pipeline's JSON, or an experiment's YAML in a checkout of IPA (docs/ipa-files.md)`,
		fallback: "video",
		group: pipeline,
	},
	"as-published": {
		about: "one of IPA's pipelines as its published runs had it (docs/published.md), as without --derived",
		group: pipeline,
	},
	family: {
		value: "FAMILY",
		about: "the published settings: product is that of the revision's figures, in which accuracy is a product",
		choices: presetFamilies,
		group: pipeline,
	},
	derived: {
		about: "one of IPA's pipelines over the whole grid of data/derived/profiles, up to 32 cores and batches of 64",
		group: pipeline,
	},
	"ipa-home": { value: "DIR", about: "the checkout, where an experiment's YAML stands in none", group: pipeline },
} as const satisfies Options;

/** The options that name a pipeline and its load. */
export const pipelineAtRate = {
	...pipelineSource,
	rate: {
		value: "RPS",
		about: "arrival rate, instead of the pipeline's own",
		unit: "requests/s",
		range: "not negative",
		group: pipeline,
	},
} as const satisfies Options;

/** The option that gives a pipeline without energies modelled ones. */
export const modelEnergyOption = {
	"model-energy": {
		about:
			"give every point a modelled energy (data/derived/deployed-power.yaml, from the Video pipeline in deployment): computed from cores and throughput, labelled so and no evidence; IPA's own profiles have no energy",
		group: pipeline,
	},
} as const satisfies Options;

const objective = "The objective";

/** The option that gives the weight of accuracy. */
export const alphaOption = {
	alpha: { value: "A", about: "weight of accuracy in the objective", range: "not negative", group: objective },
} as const satisfies Options;
const levers = "Levers that are not IPA's own (docs/levers.md)";

/** The options that give the weight of energy, or the prices that it follows from, and turn the levers on. */
export const energyWeightOptions = {
	delta: {
		value: "D",
		about: "weight of energy in the objective",
		unit: "per J a request",
		range: "not negative",
		group: objective,
	},
	"eur-per-kwh": {
		value: "E",
		about: "price of energy: with --eur-per-core-hour it gives delta",
		unit: "EUR/kWh",
		range: "not negative",
		group: objective,
	},
	"eur-per-core-hour": {
		value: "C",
		about: "price of a core",
		unit: "EUR/core-hour",
		range: "positive",
		group: objective,
	},
	vertical: { about: "one replica a stage, whose cores are the knob, in place of replicas", group: levers },
	tenants: {
		value: "N,M",
		about: "also slices of an allocation that N or M tenants share",
		range: "positive integer",
		list: true,
		group: levers,
	},
	"switch-overhead": {
		value: "SHARE",
		about: "with --tenants: time that switching between them adds",
		otherwise: "0.11",
		range: "not negative",
		group: levers,
	},
	"carbon-weight": {
		value: "W",
		about: "carbon as the term in place of energy: the objective's weight of it",
		unit: "per gCO2e a 1,000 requests",
		range: "not negative",
		group: levers,
	},
	intensity: {
		value: "G",
		about: "with --carbon-weight: carbon intensity of the grid",
		unit: "gCO2e/kWh",
		range: "not negative",
		group: levers,
	},
	pue: {
		value: "P",
		about: "with --carbon-weight: power usage effectiveness, 1 or more",
		otherwise: "1",
		range: "positive",
		group: levers,
	},
} as const satisfies Options;

type Note = Call<Options>["note"];
type PipelineValues = Partial<Values<typeof pipelineAtRate>>;
/** What the command line may give of the objective. */
export type EnergyWeightValues = Partial<Values<typeof energyWeightOptions>>;

/**
 * The pipeline that the command line names, at the rate that it gives. What is left out of an experiment of IPA's is noted.
 *
 * @throws InputError naming the file or the option
 */
export async function pipelineOption(values: PipelineValues, note: Note): Promise<PipelineSpec> {
	return (await comparisonOption(values, note)).spec;
}

/** The same with the systems that are compared on it, and when requests are late: those of the published runs, or the standard ones. */
export async function comparisonOption(values: PipelineValues, note: Note): Promise<Comparison> {
	const { profile = "video", derived = false, family, "as-published": published = false, rate } = values;
	const named = presetPipelines.find((name) => name === profile);
	if (derived && published) refuse("--derived", "must not stand with --as-published");
	for (const [option, given] of Object.entries({ derived, "as-published": published, family }))
		if (named === undefined && given !== false && given !== undefined)
			refuse(`--${option}`, "must stand with one of IPA's pipelines by name", profile);
	if (derived && family !== undefined)
		refuse("--family", "must stand with the published settings, not --derived", family);
	if (named === undefined || derived) return { spec: await widerPipeline(values, note), systems: standardSystems };
	const preset = await readPreset(named, family);
	return rate === undefined ? preset : { ...preset, spec: { ...preset.spec, arrival_rate_rps: rate } };
}

/** The pipeline that the command line names, one of IPA's over the whole grid of data/derived/profiles. */
export async function widerPipeline(
	{ profile, rate, "ipa-home": ipaHome }: PipelineValues,
	note: Note,
): Promise<PipelineSpec> {
	return readPipeline(profile, {
		...(ipaHome === undefined ? {} : { ipaHome }),
		...(rate === undefined ? {} : { arrival_rate_rps: rate }),
		onLeftOut: (what) => note(`left out: ${what}`),
	});
}

/** A pipeline with modelled energies where `--model-energy` asks for them. */
export async function withEnergyModel(spec: PipelineSpec, model: boolean): Promise<PipelineSpec> {
	return model ? withModelledEnergy(spec, await readEnergyCoefficients()) : spec;
}

/**
 * A pipeline with the weight of energy that the command line gives: `--delta`, or `--eur-per-kwh` and
 * `--eur-per-core-hour` together. What is given stands in place of the pipeline's own delta and prices. Then what the levers
 * turn on: scaling in place, slices that tenants share, carbon as the term.
 *
 * @throws InputError where options do not go together
 */
export function withEnergyWeight(given: PipelineSpec, values: EnergyWeightValues): PipelineSpec {
	return withCarbon(withSlices(withPrices(given, values), values), values);
}

function withPrices(spec: PipelineSpec, values: EnergyWeightValues): PipelineSpec {
	const { delta, "eur-per-kwh": eur_per_kwh, "eur-per-core-hour": eur_per_core_hour } = values;
	const { prices: own, ...rest } = spec;
	if (eur_per_kwh === undefined && eur_per_core_hour === undefined)
		return delta === undefined ? spec : { ...rest, weights: { ...spec.weights, delta } };
	if (delta !== undefined) refuse("--delta", "must not be given with prices: delta follows from them", delta);
	if (eur_per_kwh === undefined || eur_per_core_hour === undefined)
		return refuse("--eur-per-kwh, --eur-per-core-hour", "must be given together", eur_per_kwh ?? eur_per_core_hour);
	return {
		...rest,
		weights: { ...spec.weights, delta: 0 },
		prices: { ...(own?.pue === undefined ? {} : { pue: own.pue }), eur_per_kwh, eur_per_core_hour },
	};
}

function withSlices(given: PipelineSpec, values: EnergyWeightValues): PipelineSpec {
	const { vertical, tenants, "switch-overhead": overhead } = values;
	const spec = vertical === true ? verticalOnly(given) : given;
	if (tenants !== undefined) {
		if (tenants.includes(1))
			refuse("--tenants", "must be whole numbers above 1, with commas between", tenants.join(","));
		return withTenants(spec, tenants, overhead);
	}
	return overhead === undefined ? spec : refuse("--switch-overhead", "must stand with --tenants", overhead);
}

function withCarbon(spec: PipelineSpec, values: EnergyWeightValues): PipelineSpec {
	const { "carbon-weight": weight, intensity, pue, delta, "eur-per-kwh": price } = values;
	if (pue !== undefined && pue < 1) refuse("--pue", "must be 1 or more", pue);
	if (weight === undefined) {
		for (const [option, other] of Object.entries({ intensity, pue }))
			if (other !== undefined) refuse(`--${option}`, "must stand with --carbon-weight", other);
		return spec;
	}
	if (intensity === undefined)
		return refuse("--carbon-weight", "must stand with --intensity (or, in adapt, with --zone)", weight);
	if ((delta ?? price) !== undefined)
		refuse("--carbon-weight", "must not be given with a weight or a price of energy: it is one", weight);
	// A gram per 1,000 requests is 1000 J/request x g/kWh x PUE / 3.6e6.
	const { prices: _, ...rest } = spec;
	return { ...rest, weights: { ...spec.weights, delta: (weight * 1000 * intensity * (pue ?? 1)) / 3.6e6 } };
}
