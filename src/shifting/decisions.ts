/**
 * When a service decides anew as the grid changes: at the first step, then at each at which the intensity has moved by more
 * than a share of a reference since the last decision (CLOVER's trigger; 5 % of 250 g/kWh in its code).
 *
 * @param intensities g/kWh, of consecutive steps
 * @param reference_g_per_kwh what the share is of; CLOVER has a fixed one, not the step's
 * @returns indices of the steps, ascending
 * @example
 * decisionSteps([100, 104, 120, 121], { share: 0.05, reference_g_per_kwh: 250 }); // [0, 2]
 */
export function decisionSteps(
	intensities: ArrayLike<number>,
	{ share, reference_g_per_kwh }: { readonly share: number; readonly reference_g_per_kwh: number },
): number[] {
	const steps: number[] = [];
	let last = 0;
	for (let k = 0; k < intensities.length; k++) {
		const moved = Math.abs(intensities[k]! - last) / reference_g_per_kwh;
		if (steps.length > 0 && !(moved > share)) continue;
		last = intensities[k]!;
		steps.push(k);
	}
	return steps;
}

/**
 * Weight of energy that follows the grid: the weight that stands for a mean kWh, times how dirty a kWh of this step is.
 *
 * @param delta weight per J where the intensity is `mean_g_per_kwh`
 */
export function carbonWeight(delta: number, intensity_g_per_kwh: number, mean_g_per_kwh: number): number {
	return mean_g_per_kwh === 0 ? delta : (delta * intensity_g_per_kwh) / mean_g_per_kwh;
}
