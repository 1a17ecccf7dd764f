import type { Comparison } from "../../adaptation/compareSystems.js";
import { standardSystems } from "../../adaptation/systems.js";
import { InputError } from "../../errors.js";
import { readPipeline } from "../../ipa/readPipeline.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import {
	type PresetFamily,
	type PresetPipeline,
	presetFamilies,
	presetPipelines,
	readPreset,
} from "../../published/presets.js";
import { leftOut } from "../output/leftOut.js";
import { numberOption } from "./numberOption.js";

/** The options, as parseArgs takes them, that name a pipeline and its load. */
export const pipelineOptionNames = {
	profile: { type: "string" },
	"as-published": { type: "boolean" },
	derived: { type: "boolean" },
	family: { type: "string" },
	"ipa-home": { type: "string" },
	rate: { type: "string" },
} as const;

/** What a usage says of them. */
export const pipelineOptionUsage = `  --profile  one of IPA's pipelines (video, the default; audio-qa, audio-sent, sum-qa, nlp), a pipeline's JSON, or an
             experiment's YAML in a checkout of IPA (docs/ipa-files.md); --ipa-home names the checkout where the YAML
             stands in none
  --as-published   one of IPA's pipelines as its published runs had it (docs/published.md): the default; --family
             product takes the settings of the revision's figures, in which accuracy is a product
  --derived        one of IPA's pipelines over the whole grid of data/derived/profiles, up to 32 cores and batches of 64
  --rate     arrival rate, requests/s, instead of the pipeline's own`;

interface Values {
	readonly profile?: string | undefined;
	readonly "as-published"?: boolean | undefined;
	readonly derived?: boolean | undefined;
	readonly family?: string | undefined;
	readonly "ipa-home"?: string | undefined;
	readonly rate?: string | undefined;
}

/**
 * The pipeline that the command line names, at the rate that it gives. What is left out of an experiment of IPA's is said
 * on standard error.
 *
 * @throws InputError naming the file or the option
 */
export async function pipelineOption(values: Values): Promise<PipelineSpec> {
	return (await comparisonOption(values)).spec;
}

/** The same with the systems that are compared on it, and when requests are late: those of the published runs, or the standard ones. */
export async function comparisonOption(values: Values): Promise<Comparison> {
	const { profile = "video", derived = false, family, "as-published": published = false } = values;
	const fail = (field: string, rule: string, value?: unknown): never => {
		throw new InputError({ file: "command line", field, rule, ...(value === undefined ? {} : { value }) });
	};
	const arrival_rate_rps = numberOption("--rate", values.rate, "not negative");
	const named = (presetPipelines as readonly string[]).includes(profile);
	if (derived && published) fail("--derived", "must not stand with --as-published");
	for (const [option, given] of Object.entries({
		"--derived": derived,
		"--as-published": published,
		"--family": family,
	}))
		if (!named && given !== false && given !== undefined)
			fail(option, "must stand with one of IPA's pipelines by name", profile);
	if (derived && family !== undefined)
		fail("--family", "must stand with the published settings, not --derived", family);
	if (family !== undefined && !(presetFamilies as readonly string[]).includes(family))
		fail("--family", `must be one of ${presetFamilies.join(", ")}`, family);
	if (named && !derived) {
		const preset = await readPreset(profile as PresetPipeline, family as PresetFamily | undefined);
		return arrival_rate_rps === undefined ? preset : { ...preset, spec: { ...preset.spec, arrival_rate_rps } };
	}
	return { spec: await widerPipeline(values), systems: standardSystems };
}

/** The pipeline that the command line names, one of IPA's over the whole grid of data/derived/profiles. */
export async function widerPipeline(values: Pick<Values, "profile" | "ipa-home" | "rate">): Promise<PipelineSpec> {
	const arrival_rate_rps = numberOption("--rate", values.rate, "not negative");
	const ipaHome = values["ipa-home"];
	return readPipeline(values.profile, {
		...(ipaHome === undefined ? {} : { ipaHome }),
		...(arrival_rate_rps === undefined ? {} : { arrival_rate_rps }),
		onLeftOut: leftOut,
	});
}
