import { readPipeline } from "../../ipa/readPipeline.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { leftOut } from "../output/leftOut.js";
import { numberOption } from "./numberOption.js";

/** The options, as parseArgs takes them, that name a pipeline and its load. */
export const pipelineOptionNames = {
	profile: { type: "string" },
	"ipa-home": { type: "string" },
	rate: { type: "string" },
} as const;

/** What a usage says of them. */
export const pipelineOptionUsage = `  --profile  a pipeline's JSON, a name of IPA's pipelines (video, the default; audio-qa, audio-sent, sum-qa, nlp), or an
             experiment's YAML in a checkout of IPA (docs/ipa-files.md); --ipa-home names the checkout where the YAML
             stands in none
  --rate     arrival rate, requests/s, instead of the pipeline's own`;

/**
 * The pipeline that the command line names, at the rate that it gives. What is left out of an experiment of IPA's is said
 * on standard error.
 *
 * @throws InputError naming the file or the option
 */
export async function pipelineOption(values: {
	readonly profile?: string | undefined;
	readonly "ipa-home"?: string | undefined;
	readonly rate?: string | undefined;
}): Promise<PipelineSpec> {
	const arrival_rate_rps = numberOption("--rate", values.rate, "not negative");
	const ipaHome = values["ipa-home"];
	return readPipeline(values.profile, {
		...(ipaHome === undefined ? {} : { ipaHome }),
		...(arrival_rate_rps === undefined ? {} : { arrival_rate_rps }),
		onLeftOut: leftOut,
	});
}
