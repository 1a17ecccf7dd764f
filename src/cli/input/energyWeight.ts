import { InputError } from "../../errors.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { type LeverValues, leverOptions, withLevers } from "./leverOptions.js";
import { numberOption } from "./numberOption.js";

/** The options that give the weight of energy, or the prices that it follows from, and the levers, as parseArgs takes them. */
export const energyWeightOptions = {
	delta: { type: "string" },
	"eur-per-kwh": { type: "string" },
	"eur-per-core-hour": { type: "string" },
	...leverOptions,
} as const;

/**
 * A pipeline with the weight of energy that the command line gives: `--delta`, or `--eur-per-kwh` and
 * `--eur-per-core-hour` together. What is given stands in place of the pipeline's own delta and prices. Then what the levers
 * turn on: carbon as the term, slices that tenants share, scaling in place.
 *
 * @throws InputError where an option is no number in its range, or where they do not go together
 */
export function withEnergyWeight(
	spec: PipelineSpec,
	values: LeverValues & { readonly "eur-per-core-hour"?: string | undefined },
): PipelineSpec {
	return withLevers(weighed(spec, values), values);
}

function weighed(spec: PipelineSpec, values: Parameters<typeof withEnergyWeight>[1]): PipelineSpec {
	const delta = numberOption("--delta", values.delta, "not negative");
	const eur_per_kwh = numberOption("--eur-per-kwh", values["eur-per-kwh"], "not negative");
	const eur_per_core_hour = numberOption("--eur-per-core-hour", values["eur-per-core-hour"], "positive");
	const fail = (field: string, rule: string, value: unknown): never => {
		throw new InputError({ file: "command line", field, rule, value });
	};
	const priced = eur_per_kwh !== undefined || eur_per_core_hour !== undefined;
	if (priced && delta !== undefined) fail("--delta", "must not be given with prices: delta follows from them", delta);
	if (priced && (eur_per_kwh === undefined || eur_per_core_hour === undefined))
		return fail("--eur-per-kwh, --eur-per-core-hour", "must be given together", eur_per_kwh ?? eur_per_core_hour);
	const { prices: own, ...rest } = spec;
	if (eur_per_kwh !== undefined && eur_per_core_hour !== undefined)
		return {
			...rest,
			weights: { ...spec.weights, delta: 0 },
			prices: { ...(own?.pue === undefined ? {} : { pue: own.pue }), eur_per_kwh, eur_per_core_hour },
		};
	return delta === undefined ? spec : { ...rest, weights: { ...spec.weights, delta } };
}
