import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import type { CorePower } from "../pipeline/modelledEnergy.js";
import type { Estimate } from "./busyCores.js";
import type { Deployment } from "./deployment.js";

/**
 * What a deployment says a core and its node draw, in the form that models a pipeline's energy: the floor with the
 * pipeline at work, an idle core as the mean of its two comparisons (never below 0), a busy core above it. Standard errors
 * are half-widths of the intervals over the normal quantile of their level. The reason where the logs do not tell.
 *
 * @example
 * corePowerOf(deployment(await readVideoDeployment())); // { idle_w_per_core: 0.09…, full_w_per_core: 11.2…, floor_w: 77.2…, … }
 */
export function corePowerOf({
	busy_cores: busy,
	idle_core_low_load_w,
	idle_core_after_load_w,
	options: { level },
}: Deployment): CorePower | { readonly status: "unavailable"; readonly reason: string } {
	if (busy.status === "unavailable") return busy;
	const idles = [idle_core_low_load_w, idle_core_after_load_w].flatMap((estimate) => estimate?.value ?? []);
	if (idles.length === 0)
		return { status: "unavailable", reason: "no two configurations of the same variants have different cores" };
	const idle = Math.max(0, idles.reduce((sum, value) => sum + value, 0) / idles.length);
	const se = ({ low, high }: Estimate) =>
		low === undefined || high === undefined ? undefined : (high - low) / 2 / normalQuantile((1 + level) / 2, 0, 1);
	return {
		idle_w_per_core: idle,
		full_w_per_core: idle + busy.w_per_busy_core.value,
		full_se_w_per_core: se(busy.w_per_busy_core),
		floor_w: busy.serving_w.value,
		floor_se_w: se(busy.serving_w),
	};
}
