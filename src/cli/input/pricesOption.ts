import { InputError } from "../../errors.js";
import type { Prices } from "../../pipeline/spec.js";
import { numberOption } from "./numberOption.js";

/** The options that give the weight of energy, or the prices that it follows from, as parseArgs takes them. */
export const energyWeightOptions = {
	delta: { type: "string" },
	"eur-per-kwh": { type: "string" },
	"eur-per-core-hour": { type: "string" },
} as const;

/**
 * The prices of `--eur-per-kwh` and `--eur-per-core-hour`, which stand together and without `--delta`; undefined where
 * neither is given.
 */
export function pricesOption(
	values: {
		readonly [name in keyof typeof energyWeightOptions]?: string | undefined;
	},
): Prices | undefined {
	const eur_per_kwh = numberOption("--eur-per-kwh", values["eur-per-kwh"], "not negative");
	const eur_per_core_hour = numberOption("--eur-per-core-hour", values["eur-per-core-hour"], "positive");
	const fail = (field: string, rule: string, value: unknown): never => {
		throw new InputError({ file: "command line", field, rule, value });
	};
	if (eur_per_kwh === undefined && eur_per_core_hour === undefined) return undefined;
	if (values.delta !== undefined)
		fail("--delta", "must not be given with prices: delta follows from them", values.delta);
	if (eur_per_kwh === undefined || eur_per_core_hour === undefined)
		return fail("--eur-per-kwh, --eur-per-core-hour", "must be given together", eur_per_kwh ?? eur_per_core_hour);
	return { eur_per_kwh, eur_per_core_hour };
}
