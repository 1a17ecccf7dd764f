import { join } from "node:path";
import { z } from "zod";
import { readChecked } from "../datasets/checked.js";
import { packageRoot } from "../datasets/root.js";
import { ceilings_w } from "../energy/plausible.js";
import type { CellSummary } from "./summary.js";

const schema = z.strictObject({
	name: z.string(),
	source: z.string(),
	note: z.string(),
	idle_w_per_core: z.number().min(0).max(ceilings_w.package),
	full_w_per_core: z.number().positive().max(ceilings_w.package),
	full_se_w_per_core: z.number().min(0).max(ceilings_w.package).optional(),
	floor_w: z.number().min(0).max(ceilings_w.package).optional(),
	floor_se_w: z.number().min(0).max(ceilings_w.package).optional(),
});

/** Power of an allocated core, idle and fully used, W, of the node where it is known, and where the numbers come from. */
export type EnergyCoefficients = z.infer<typeof schema>;

/** Of a core of any server: what `measure --model-energy` takes on a machine that nobody metered. */
export const anyServerCoefficients = join(packageRoot, "data", "energy-coefficients.yaml");

/**
 * Reads a file of coefficients; without one those of IPA's Video pipeline in deployment (data/derived/deployed-power.yaml,
 * which `sustainable-ipa deployment --write-power` makes). Throws InputError naming the field.
 *
 * @example
 * const { idle_w_per_core, full_w_per_core } = await pipeline.readEnergyCoefficients();
 * idle_w_per_core < full_w_per_core; // → true
 */
export async function readEnergyCoefficients(
	file = join(packageRoot, "data", "derived", "deployed-power.yaml"),
): Promise<EnergyCoefficients> {
	return readChecked(file, schema);
}

/**
 * Modelled energy of a batch, J: cores x idle power x latency + (full - idle power) x CPU time. It is a function of
 * latency, cores and CPU time, hence coupled with them by construction: of kind `modelled`, never evidence.
 * Undefined where the CPU time is unavailable.
 */
export function modelledEnergy(
	{ cell, latency_s, cpu_s_per_batch }: Pick<CellSummary, "cell" | "latency_s" | "cpu_s_per_batch">,
	{ idle_w_per_core, full_w_per_core }: EnergyCoefficients,
): number | undefined {
	if (cpu_s_per_batch.status === "unavailable") return undefined;
	return cell.cores * idle_w_per_core * latency_s + (full_w_per_core - idle_w_per_core) * cpu_s_per_batch.value;
}
