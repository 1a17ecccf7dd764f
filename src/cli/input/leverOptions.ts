import { InputError } from "../../errors.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { verticalOnly } from "../../scaling/vertical.js";
import { withTenants } from "../../sharing/processorSharing.js";
import { numberOption } from "./numberOption.js";

/** The options, as parseArgs takes them, that turn on what is not IPA's own: carbon, sharing, scaling in place. */
export const leverOptions = {
	vertical: { type: "boolean" },
	tenants: { type: "string" },
	"switch-overhead": { type: "string" },
	"carbon-weight": { type: "string" },
	intensity: { type: "string" },
	pue: { type: "string" },
} as const;

/** What a usage says of them. */
export const leverUsage = `  --vertical        one replica a stage, whose cores are the knob, in place of replicas (docs/levers.md)
  --tenants N,M     also slices of an allocation that N or M tenants share, --switch-overhead O (0.11) of switching
  --carbon-weight W --intensity G [--pue P]   carbon as the term in place of energy: W of the objective for a gram of
                    CO2e per 1,000 requests, at G g/kWh`;

/** What the command line may give. */
export type LeverValues = {
	readonly [name in keyof typeof leverOptions]?: (name extends "vertical" ? boolean : string) | undefined;
} & { readonly delta?: string | undefined; readonly "eur-per-kwh"?: string | undefined };

/**
 * A pipeline with what the command line turns on.
 *
 * @throws InputError where an option is no number in its range, or where they do not go together
 */
export function withLevers(given: PipelineSpec, values: LeverValues): PipelineSpec {
	let spec = values.vertical === true ? verticalOnly(given) : given;
	const overhead = numberOption("--switch-overhead", values["switch-overhead"], "not negative");
	if (values.tenants !== undefined) {
		const tenants = values.tenants.split(",").map((text) => numberOption("--tenants", text, "positive integer"));
		if (tenants.includes(1)) fail("--tenants", "must be whole numbers above 1, with commas between", values.tenants);
		spec = withTenants(spec, tenants, overhead);
	} else if (overhead !== undefined) fail("--switch-overhead", "must stand with --tenants", overhead);
	const weight = numberOption("--carbon-weight", values["carbon-weight"], "not negative");
	const intensity = numberOption("--intensity", values.intensity, "not negative");
	const pue = numberOption("--pue", values.pue, "positive") ?? 1;
	if (pue < 1) fail("--pue", "must be 1 or more", pue);
	if (weight === undefined) {
		if (values.intensity !== undefined) fail("--intensity", "must stand with --carbon-weight", values.intensity);
		if (values.pue !== undefined) fail("--pue", "must stand with --carbon-weight", values.pue);
		return spec;
	}
	if (intensity === undefined) return fail("--carbon-weight", "must stand with --intensity", weight);
	if ((values.delta ?? values["eur-per-kwh"]) !== undefined)
		fail("--carbon-weight", "must not be given with a weight or a price of energy: it is one", weight);
	// A gram per 1,000 requests is 1000 J/request x g/kWh x PUE / 3.6e6.
	const { prices: _, ...rest } = spec;
	return { ...rest, weights: { ...spec.weights, delta: (weight * 1000 * intensity * pue) / 3.6e6 } };
}

function fail(field: string, rule: string, value: unknown): never {
	throw new InputError({ file: "command line", field, rule, value });
}
