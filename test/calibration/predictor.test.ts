import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { beliefOf } from "../../src/calibration/belief.js";
import type { CalibrationCell } from "../../src/calibration/cells.js";
import { normalCdf } from "../../src/calibration/doubt.js";
import { leaveOneOut } from "../../src/calibration/energies.js";
import { features, kernelAt, kernelFamily } from "../../src/calibration/kernel.js";
import { append, deviationScales, unconditioned } from "../../src/calibration/particle.js";
import { believing, logLikelihood, observe, observeAgain, priorPosterior } from "../../src/calibration/posterior.js";
import { seeded } from "../../src/random.js";

/** By NumPy and SciPy, from the formulas: reference/predictor.py. */
const reference = JSON.parse(readFileSync("test/calibration/reference/predictor.json", "utf8")) as {
	readonly cells: readonly CalibrationCell[];
	readonly power_w: readonly number[];
	readonly at: readonly number[];
	readonly measured: readonly number[];
	readonly tails: readonly number[];
	readonly relative_se: readonly number[];
	readonly covariance: readonly (readonly number[])[];
	readonly mean: readonly number[];
	readonly variance: readonly number[];
	readonly log_likelihood: number;
	readonly leave_one_out_residual: readonly number[];
	readonly leave_one_out_variance: readonly number[];
	readonly normal_cdf: Readonly<Record<string, number>>;
};
const { cells, measured, tails } = reference;
const family = kernelFamily(features(cells));
const first = reference.power_w[measured[0] as number] as number;
const values = measured.map((cell) => Math.log((reference.power_w[cell] as number) / first));
const noises = reference.relative_se.map((se) => se ** 2);

function conditioned() {
	const particle = unconditioned(family, reference.at, 1, [...tails], cells.length);
	measured.forEach((cell, i) => {
		append(particle, i, cell, values[i] as number, noises[i] as number);
	});
	return particle;
}

describe("the Gaussian process, held against NumPy", () => {
	test("the kernel", () => {
		const { covariance } = kernelAt(family, reference.at);
		for (let i = 0; i < cells.length; i++)
			for (let j = 0; j < cells.length; j++)
				expect(covariance(i, j)).toBeCloseTo(reference.covariance[i]?.[j] as number, 12);
	});

	test("mean and variance of every cell, one measurement after another", () => {
		const { mean, variance } = conditioned();
		for (let i = 0; i < cells.length; i++) {
			expect(mean[i]).toBeCloseTo(reference.mean[i] as number, 9);
			expect(variance[i]).toBeCloseTo(reference.variance[i] as number, 9);
		}
	});

	test("log marginal likelihood", () => {
		const posterior = { family, particles: [], measured, values, noises, level: Math.log(first) };
		expect(logLikelihood(posterior, reference.at, tails)).toBeCloseTo(reference.log_likelihood, 8);
	});

	test("leave-one-out residuals and variances", () => {
		const found = leaveOneOut(conditioned(), measured);
		found.forEach(({ residual, variance }, i) => {
			expect(residual).toBeCloseTo(reference.leave_one_out_residual[i] as number, 9);
			expect(variance).toBeCloseTo(reference.leave_one_out_variance[i] as number, 9);
		});
	});

	test("the table of the normal distribution, and the shares of the heavy tail", () => {
		for (const [x, value] of Object.entries(reference.normal_cdf))
			expect(Math.abs(normalCdf(Number(x)) - value)).toBeLessThan(1e-6);
		expect(deviationScales.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
	});
});

describe("the particles", () => {
	const power = (cell: number) => reference.power_w[cell] as number;

	test("the same seed gives the same predictor, another another", () => {
		const run = (seed: number) => {
			const random = seeded(seed);
			let posterior = priorPosterior(family, random, 16);
			for (const cell of [0, 5, 10, 15]) posterior = observe(posterior, cell, power(cell), 0, random);
			return [...beliefOf(posterior, cells).mean];
		};
		expect(run(1)).toEqual(run(1));
		expect(run(1)).not.toEqual(run(2));
	});

	test("predict the powers of a machine that is as the kernel thinks: half the cells tell the others to a few percent", () => {
		const random = seeded(3);
		let posterior = priorPosterior(family, random);
		for (let cell = 0; cell < cells.length; cell += 2) posterior = observe(posterior, cell, power(cell), 0, random);
		const { mean, measured: done } = beliefOf(posterior, cells);
		const errors = [...mean].map((value, i) => value - Math.log(power(i))).filter((_, i) => done[i] === 0);
		expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(0.06);
	});

	test("and not of a machine whose powers have nothing to do with its cells", () => {
		const random = seeded(4);
		const noise = cells.map(() => 10 * Math.exp(2 * (random() - 0.5)));
		let posterior = priorPosterior(family, random);
		for (let cell = 0; cell < cells.length; cell += 2)
			posterior = observe(posterior, cell, noise[cell] as number, 0, random);
		const { mean, variance, measured: done } = beliefOf(posterior, cells);
		const left = cells.flatMap((_, i) => (done[i] === 0 ? [i] : []));
		const error = Math.sqrt(
			left.reduce((sum, i) => sum + ((mean[i] as number) - Math.log(noise[i] as number)) ** 2, 0) / left.length,
		);
		expect(error).toBeGreaterThan(0.25);
		// And it knows: its own standard deviations are as wide.
		expect(left.reduce((sum, i) => sum + Math.sqrt(variance[i] as number), 0) / left.length).toBeGreaterThan(0.15);
	});

	test("believing leaves the predictor as it was and takes the cell's variance away", () => {
		const random = seeded(5);
		const posterior = observe(priorPosterior(family, random, 8), 0, power(0), 0, random);
		const before = [...beliefOf(posterior, cells).variance];
		const imagined = beliefOf(believing(posterior, 7), cells);
		expect([...beliefOf(posterior, cells).variance]).toEqual(before);
		expect(imagined.variance[8] as number).toBeLessThan(before[8] as number);
	});

	test("a cell that is measured again has its new power and error", () => {
		const random = seeded(6);
		const once = observe(priorPosterior(family, random, 8), 3, 12, 0.05, random);
		const again = beliefOf(observeAgain(once, 3, 13, 0.02, random), cells);
		expect(Math.exp(again.mean[3] as number)).toBeCloseTo(13, 9);
		expect(again.variance[3]).toBeCloseTo(0.0004, 12);
	});
});
