import { Matrix, QrDecomposition } from "ml-matrix";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import type { ProfilePoint } from "./profile.js";

/**
 * IPA's regression step: per variant and allocation, latency = a0 + a1 b + a2 b^2 by least squares over the measured
 * batches, evaluated at the batches min, min + 1, min + 3, min + 7, ... (the powers of two when the smallest batch is
 * 1); where the quadratic is negative the straight line's value is taken. Throughput = batch / latency.
 *
 * With fewer measured batches than coefficients the polynomial of the degree that they determine is used. Points at a
 * measured batch keep nothing of the measurement; the energy of such a batch is kept, others have none.
 *
 * @throws InputError where neither the quadratic nor the line is above 0 (IPA goes on with a latency below 0)
 */
export function regressed(points: readonly ProfilePoint[]): ProfilePoint[] {
	const groups = groupBy(points, ({ variant, cores }) => JSON.stringify([variant, cores]));
	return [...groups.values()].flatMap((group) => {
		const batches = group.map(({ batch }) => batch);
		const quadratic = polynomial(group, 2);
		const line = polynomial(group, 1);
		const smallest = Math.min(...batches);
		const count = Math.max(...batches) - smallest + 1;
		const fitted: ProfilePoint[] = [];
		for (let index = 1; index <= count; index *= 2) {
			const batch = smallest + index - 1;
			const value = quadratic(batch);
			const latency_s = value < 0 ? line(batch) : value;
			if (!(latency_s > 0)) throw notAbove(group[0] as ProfilePoint, batch, latency_s);
			const measured = group.find((point) => point.batch === batch);
			const { energy, ...rest } = measured ?? (group[0] as ProfilePoint);
			fitted.push({
				...rest,
				batch,
				latency_s,
				throughput_rps: batch / latency_s,
				kind: "modelled",
				...(measured === undefined || energy === undefined ? {} : { energy }),
			});
		}
		return fitted;
	});
}

function notAbove({ variant, cores }: ProfilePoint, batch: number, latency_s: number): InputError {
	return new InputError({
		file: "only_measured_profiles: false",
		field: `${variant} on ${cores} cores, batch ${batch}`,
		rule: "must have a latency above 0 by the quadratic or the straight line through its points",
		value: latency_s,
	});
}

function polynomial(points: readonly ProfilePoint[], wanted: number): (batch: number) => number {
	const distinct = new Set(points.map(({ batch }) => batch)).size;
	const degree = Math.min(wanted, distinct - 1);
	const powers = Array.from({ length: degree + 1 }, (_, power) => power);
	// Batches in units of the largest keep the columns of one size.
	const unit = Math.max(...points.map(({ batch }) => batch));
	const design = new Matrix(points.map(({ batch }) => powers.map((power) => (batch / unit) ** power)));
	const solution = new QrDecomposition(design).solve(Matrix.columnVector(points.map(({ latency_s }) => latency_s)));
	return (batch) => powers.reduce((sum, power) => sum + solution.get(power, 0) * (batch / unit) ** power, 0);
}
