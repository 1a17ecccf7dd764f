import { InputError } from "../errors.js";
import type { ProfilePoint } from "./profile.js";

/** What a stage's points are checked against. */
interface PointRules {
	/** Named in the message: "pipeline video". */
	readonly file: string;
	/** Path of the points in it: "stages.0.points". */
	readonly field: string;
	/** Are the points what can be chosen, rather than what a curve is fitted through? */
	readonly only_measured_profiles: boolean;
}

/**
 * Throws InputError naming the first point that breaks a rule: numbers in their ranges, one accuracy a variant, and a
 * variant's batch on an allocation once where it is a choice of its own. A curve may go through repeated points, of which
 * one alone may have an energy: nothing says which of two would hold.
 */
export function checkPoints(
	points: readonly ProfilePoint[],
	{ file, field, only_measured_profiles }: PointRules,
): void {
	const seen = new Map<string, { accuracy_pct: number; cores: Map<number, Map<number, boolean>> }>();
	for (const [p, point] of points.entries()) {
		const fail = (name: string, rule: string, value: unknown): never => {
			throw new InputError({ file, field: `${field}.${p}.${name}`, rule, value });
		};
		const { variant, accuracy_pct, cores, batch, latency_s, throughput_rps, energy } = point;
		if (!positive(latency_s)) fail("latency_s", "must be a number above 0", latency_s);
		if (!positive(throughput_rps)) fail("throughput_rps", "must be a number above 0", throughput_rps);
		if (!positive(cores)) fail("cores", "must be a number above 0", cores);
		if (!(Number.isInteger(batch) && batch >= 1)) fail("batch", "must be a whole number of 1 or more", batch);
		if (!(accuracy_pct >= 0 && accuracy_pct <= 100))
			fail("accuracy_pct", "must be a number from 0 to 100", accuracy_pct);
		if (energy !== undefined) {
			const { energy_j_per_batch, idle_power_w, energy_se_j_per_batch = 0 } = energy;
			if (!(positive(energy_j_per_batch) && notNegative(idle_power_w)))
				fail("energy", "must have an energy above 0 and an idle power of 0 or more", energy);
			if (!notNegative(energy_se_j_per_batch))
				fail("energy.energy_se_j_per_batch", "must be a number of 0 or more", energy_se_j_per_batch);
		}
		const own = seen.get(variant) ?? { accuracy_pct, cores: new Map<number, Map<number, boolean>>() };
		seen.set(variant, own);
		if (own.accuracy_pct !== accuracy_pct)
			fail("accuracy_pct", `must be the ${own.accuracy_pct} of the other points of ${variant}`, accuracy_pct);
		const batches = own.cores.get(cores) ?? new Map<number, boolean>();
		own.cores.set(cores, batches);
		const energyBefore = batches.get(batch);
		if (energyBefore !== undefined && (only_measured_profiles || (energyBefore && energy !== undefined)))
			fail(
				"batch",
				only_measured_profiles
					? `must be there once for ${variant} on ${cores} cores`
					: `must have one energy for ${variant} on ${cores} cores`,
				batch,
			);
		batches.set(batch, energyBefore === true || energy !== undefined);
	}
}

function positive(value: number): boolean {
	return value > 0 && Number.isFinite(value);
}

function notNegative(value: number): boolean {
	return value >= 0 && Number.isFinite(value);
}
