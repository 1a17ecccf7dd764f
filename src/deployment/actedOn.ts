import { quantileSorted } from "simple-statistics";
import { integerBelow, type Random, seeded } from "../random.js";
import { type BootstrapOptions, lineOf, type Moments, momentsOf } from "./busyCores.js";
import type { AlignedRun } from "./deployedRun.js";

/** Whether what an adapter decided reached the node, as far as the power tells. */
export type ActedOn =
	| {
			readonly status: "acted on" | "not acted on" | "undetermined";
			/**
			 * How much of the step from the starting to the decided configuration the power shows: 0 where the starting one
			 * explains it, 1 where the decided one does.
			 */
			readonly share: number;
			readonly low: number;
			readonly high: number;
			/** Mean difference that the decisions would have made, W, over the steps in which they differ. */
			readonly expected_w: number;
			readonly steps: number;
			readonly reason: string;
	  }
	| { readonly status: "undetermined"; readonly reason: string; readonly share?: never };

/** The verdict on one run. */
export interface RunActedOn {
	readonly run: string;
	readonly system: string;
	readonly workload: string;
	readonly outcome: ActedOn;
}

export interface ActedOnOptions extends BootstrapOptions {
	/** Standard deviation of the level of runs of one configuration, W. */
	readonly drift_sd_w: number;
}

/** Steps whose busy cores differ by less do not tell the two apart, cores. */
const alike_cores = 0.02;
/** Residuals are resampled in blocks of four steps, 40 s: the power's own memory is under 5 s, its load's is longer. */
const block = 4;
const fewest = 8;

/**
 * Tests, run by run, whether the decided or the starting configuration explains the power. With busy cores x_s by the
 * starting configuration and x_d by the decided one, power = level + W (x_s + share (x_d - x_s)): a share of 0 says that
 * nothing but the starting configuration ran, 1 that the decisions did.
 *
 * Level and W come from the steps, of all runs, in which both configurations keep the same cores busy, where they cannot
 * disagree; where these are of fewer than two runs, or all alike, from the run itself. The interval counts what a
 * correlation over time does not: the error of level and W (runs resampled), the drift between runs of one configuration,
 * and the noise (blocks of 40 s). `not acted on`: all of it below 0.5 and the share at most 0.25; `acted on`: all of it
 * above 0.5 and the share at least 0.75. Bursts do not count: a step's power is the median of its seconds.
 */
export function actedOn(runs: readonly AlignedRun[], options: ActedOnOptions): RunActedOn[] {
	const steps = runs.map((run) => ({ run, steps: comparable(run) }));
	const calibration = steps
		.map(({ run, steps: own }) =>
			run.decided_steps === undefined ? own : own.filter(({ gap }) => Math.abs(gap) < alike_cores),
		)
		.filter((own) => own.length > 0)
		.map(momentsOf);
	return steps
		.filter(({ run }) => run.decided_steps !== undefined)
		.map(({ run, steps: own }) => ({
			run: run.run,
			system: run.system,
			workload: run.workload,
			outcome: verdictOf(own, calibration, options),
		}));
}

interface Comparable {
	readonly busy_cores: number;
	/** Busy cores by the decisions less those by the starting configuration. */
	readonly gap: number;
	readonly power_w: number;
}

function comparable({ started_steps, decided_steps, median_w }: AlignedRun): Comparable[] {
	if (started_steps === undefined) return [];
	return Array.from(median_w, (power_w, k) => {
		const busy_cores = started_steps.busy_cores[k] as number;
		return { busy_cores, gap: (decided_steps?.busy_cores[k] ?? busy_cores) - busy_cores, power_w };
	}).filter(({ gap }) => !Number.isNaN(gap));
}

function verdictOf(steps: readonly Comparable[], calibration: readonly Moments[], options: ActedOnOptions): ActedOn {
	const told = steps.filter(({ gap }) => Math.abs(gap) >= alike_cores);
	if (steps.length === 0) return { status: "undetermined", reason: "nobody says what the run was started with" };
	if (told.length < fewest)
		return {
			status: "undetermined",
			reason: "decided and starting configuration keep the same cores busy: the power cannot tell them apart",
		};
	const pooled = calibration.length >= 2 && lineOf(calibration) !== undefined;
	const shares = pooled ? byCalibration(told, calibration, options) : withinRun(steps, options);
	if (shares === undefined)
		return {
			status: "undetermined",
			reason: "no other steps tell the level and W per busy core, and the run's own load and decisions move together",
		};
	const tail = (1 - options.level) / 2;
	const [low, high] = [quantileSorted(shares.resampled, tail), quantileSorted(shares.resampled, 1 - tail)];
	const { share, w_per_core } = shares;
	const expected_w = (w_per_core * told.reduce((sum, { gap }) => sum + gap, 0)) / told.length;
	const base = { share, low, high, expected_w, steps: told.length };
	if (high < 0.5 && share <= 0.25)
		return { ...base, status: "not acted on", reason: "the starting configuration explains the power" };
	if (low > 0.5 && share >= 0.75)
		return { ...base, status: "acted on", reason: "the decided configuration explains the power" };
	const between = low > 0 && high < 1;
	return {
		...base,
		status: "undetermined",
		reason: between
			? "neither explains the power: it lies between the two"
			: "the difference that the decisions would make is not clear of the drift between runs",
	};
}

interface Shares {
	readonly share: number;
	readonly w_per_core: number;
	readonly resampled: readonly number[];
}

/** Level and W from the steps that tell nothing of the question. */
function byCalibration(
	told: readonly Comparable[],
	calibration: readonly Moments[],
	{ seed, resamples, drift_sd_w }: ActedOnOptions,
): Shares | undefined {
	const random = seeded(seed);
	const line = lineOf(calibration);
	if (line === undefined || !(line.slope > 0)) return undefined;
	const of = (steps: readonly Comparable[], { slope, intercept }: typeof line, drift_w: number) => {
		let [together, square] = [0, 0];
		for (const { busy_cores, gap, power_w } of steps) {
			together += slope * gap * (power_w - intercept - drift_w - slope * busy_cores);
			square += (slope * gap) ** 2;
		}
		return together / square;
	};
	const resampled: number[] = [];
	for (let i = 0; i < resamples; i++) {
		const again = lineOf(calibration.map(() => calibration[integerBelow(random, calibration.length)] as Moments));
		if (again === undefined || !(again.slope > 0)) continue;
		resampled.push(of(blocks(told, random), again, drift_sd_w * normal(random)));
	}
	if (resampled.length < resamples / 2) return undefined;
	return { share: of(told, line, 0), w_per_core: line.slope, resampled: resampled.sort((a, b) => a - b) };
}

/** Level, W and share from the run alone, where its load and its decisions do not move together. */
function withinRun(steps: readonly Comparable[], { seed, resamples }: ActedOnOptions): Shares | undefined {
	const random = seeded(seed);
	const estimate = twoSlopes(steps);
	if (estimate === undefined || !(estimate.w_per_core > 0)) return undefined;
	const resampled: number[] = [];
	for (let i = 0; i < resamples; i++) {
		const again = twoSlopes(blocks(steps, random));
		if (again !== undefined && again.w_per_core > 0) resampled.push(again.share);
	}
	if (resampled.length < resamples / 2) return undefined;
	return { ...estimate, resampled: resampled.sort((a, b) => a - b) };
}

/** Least squares of power on 1, x and gap: share = the gap's coefficient / x's. Undefined where x and gap move together. */
function twoSlopes(steps: readonly Comparable[]): { readonly share: number; readonly w_per_core: number } | undefined {
	const n = steps.length;
	const mean = (of: (step: Comparable) => number) => steps.reduce((sum, step) => sum + of(step) / n, 0);
	const [x, g, p] = [mean((s) => s.busy_cores), mean((s) => s.gap), mean((s) => s.power_w)];
	const xx = mean((s) => (s.busy_cores - x) ** 2);
	const gg = mean((s) => (s.gap - g) ** 2);
	const xg = mean((s) => (s.busy_cores - x) * (s.gap - g));
	const xp = mean((s) => (s.busy_cores - x) * (s.power_w - p));
	const gp = mean((s) => (s.gap - g) * (s.power_w - p));
	const determinant = xx * gg - xg * xg;
	// Beyond a correlation of 0.99 the two are one.
	if (!(determinant > 0.02 * xx * gg) || !(xx * gg > 1e-12)) return undefined;
	const w_per_core = (xp * gg - gp * xg) / determinant;
	return { share: (gp * xx - xp * xg) / determinant / w_per_core, w_per_core };
}

/** As many steps as there are, drawn in blocks of neighbours. */
function blocks(steps: readonly Comparable[], random: Random): Comparable[] {
	const drawn: Comparable[] = [];
	while (drawn.length < steps.length) {
		const start = integerBelow(random, Math.max(1, steps.length - block + 1));
		drawn.push(...steps.slice(start, start + block));
	}
	return drawn.slice(0, steps.length);
}

/** A standard normal number (Box and Muller). */
function normal(random: Random): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
