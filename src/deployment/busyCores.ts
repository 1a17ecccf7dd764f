import { medianSorted } from "simple-statistics";
import { groupBy } from "../group.js";
import { clusterBootstrap } from "../statistics/clusterBootstrap.js";
import { ols } from "../statistics/ols.js";
import type { AlignedRun } from "./deployedRun.js";

/** A value with the interval that the truth lies in, at the level of its study. */
export interface Estimate {
	readonly value: number;
	/** Absent where there are too few runs for one. */
	readonly low?: number;
	readonly high?: number;
	/** Runs, or differences between runs, that it rests on. */
	readonly n: number;
}

/** A step of a run's load. */
export interface Step {
	readonly run: AlignedRun;
	readonly k: number;
	readonly power_w: number;
	readonly busy_cores: number;
	readonly cost_cores: number;
	/** By the decisions, where there were any yet. */
	readonly decided_busy_cores?: number;
	readonly decided_cost_cores?: number;
	/** Off the common line by more than four robust standard deviations: a burst, or something else on the node. */
	readonly disturbed: boolean;
}

/** Power = serving_w + w_per_busy_core x busy cores, over the steps of all runs. */
export interface BusyCoreFit {
	readonly status: "fitted";
	/** What one core more draws while it is busy, W. */
	readonly w_per_busy_core: Estimate;
	/** What the node draws with the pipeline at work but no core of it busy, W: the fit's intercept. */
	readonly serving_w: Estimate;
	readonly residual_sd_w: number;
	readonly steps: readonly Step[];
	/** The same slope, configuration by configuration: how far one W a busy core is a simplification. */
	readonly by_configuration: readonly {
		readonly configuration: string;
		readonly w_per_busy_core: number;
		readonly runs: number;
	}[];
}

export interface BootstrapOptions {
	readonly seed: number;
	readonly resamples: number;
	readonly level: number;
}

/** Steps further off than so many robust standard deviations are disturbed. */
const far = 4;

/**
 * Fits power against busy cores over every step of every run whose configuration is known. Steps that are far off the
 * line are left out and the line is fitted again until none is. Its interval is that of resampled runs, not of steps:
 * runs of one configuration differ by more than their steps within say.
 */
export function busyCoreFit(
	runs: readonly AlignedRun[],
	{ seed, resamples, level }: BootstrapOptions,
): BusyCoreFit | { readonly status: "unavailable"; readonly reason: string } {
	const all = runs.flatMap(stepsOf);
	if (all.length === 0) return { status: "unavailable", reason: "no run says what was deployed" };
	const trimmed = trim(all);
	if (trimmed === undefined)
		return { status: "unavailable", reason: "the busy cores do not vary over the steps of the runs" };
	const { steps, residual_sd_w } = trimmed;
	const kept = steps.filter(({ disturbed }) => !disturbed);
	const byRun = [...groupBy(kept, ({ run }) => run).values()].map(momentsOf);
	const line = lineOf(byRun) as Line;
	const bootstrapped = (part: keyof Line): Estimate => {
		const result = clusterBootstrap({
			clusters: byRun.map((_, i) => i),
			statistic: (indices) => lineOf(Array.from(indices, (i) => byRun[i] as Moments))?.[part],
			seed,
			resamples,
			level,
		});
		const n = byRun.length;
		// A few runs are resampled in a few ways alone: such an interval does not hold what it says.
		return result.status === "ok" && !result.few_clusters
			? { value: line[part], low: result.low, high: result.high, n }
			: { value: line[part], n };
	};
	const labels = [...new Set(runs.flatMap(({ started }) => started?.label ?? []))];
	return {
		status: "fitted",
		w_per_busy_core: bootstrapped("slope"),
		serving_w: bootstrapped("intercept"),
		residual_sd_w,
		steps,
		by_configuration: labels.flatMap((configuration) => {
			const own = kept.filter(({ run }) => run.started?.label === configuration);
			const slope = lineOf([momentsOf(own)])?.slope;
			const count = new Set(own.map(({ run }) => run.run)).size;
			return slope === undefined ? [] : [{ configuration, w_per_busy_core: slope, runs: count }];
		}),
	};
}

/** Share of the steps' variance of power that a quantity explains, undisturbed steps alone; undefined where it does not vary. */
export function explainedBy(steps: readonly Step[], quantity: (step: Step) => number | undefined): number | undefined {
	const known = steps.flatMap((step) => {
		const x = quantity(step);
		return step.disturbed || x === undefined ? [] : [{ x, y: step.power_w }];
	});
	const fit = ols(
		[{ name: "x", values: known.map(({ x }) => x) }],
		known.map(({ y }) => y),
	);
	return fit.status === "ok" ? fit.r2 : undefined;
}

function stepsOf(run: AlignedRun): Step[] {
	const { started_steps, decided_steps, power_w } = run;
	if (started_steps === undefined) return [];
	return Array.from(power_w, (power, k): Step => {
		const [busy, cores] = [decided_steps?.busy_cores[k], decided_steps?.cost_cores[k]];
		return {
			run,
			k,
			power_w: power,
			busy_cores: started_steps.busy_cores[k] as number,
			cost_cores: started_steps.cost_cores[k] as number,
			...(busy === undefined || cores === undefined || Number.isNaN(busy)
				? {}
				: { decided_busy_cores: busy, decided_cost_cores: cores }),
			disturbed: false,
		};
	});
}

interface Line {
	readonly slope: number;
	readonly intercept: number;
}

/** What a line through points needs to know of them. */
export interface Moments {
	readonly n: number;
	readonly x: number;
	readonly y: number;
	readonly xx: number;
	readonly xy: number;
}

/** Sums over points, power against busy cores. */
export function momentsOf(points: readonly { readonly busy_cores: number; readonly power_w: number }[]): Moments {
	let [x, y, xx, xy] = [0, 0, 0, 0];
	for (const { busy_cores, power_w } of points) {
		x += busy_cores;
		y += power_w;
		xx += busy_cores * busy_cores;
		xy += busy_cores * power_w;
	}
	return { n: points.length, x, y, xx, xy };
}

/** Least squares through all points of several sums, a few thousand times over; undefined where x does not vary. */
export function lineOf(parts: readonly Moments[]): Line | undefined {
	let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
	for (const part of parts) {
		n += part.n;
		x += part.x;
		y += part.y;
		xx += part.xx;
		xy += part.xy;
	}
	const varies = xx - (x * x) / n;
	if (!(varies > 1e-9)) return undefined;
	const slope = (xy - (x * y) / n) / varies;
	return { slope, intercept: (y - slope * x) / n };
}

function trim(all: readonly Step[]): { readonly steps: readonly Step[]; readonly residual_sd_w: number } | undefined {
	let steps = all;
	for (let round = 0; ; round++) {
		const line = lineOf([momentsOf(steps.filter(({ disturbed }) => !disturbed))]);
		if (line === undefined) return undefined;
		const residual = ({ power_w, busy_cores }: Step) => power_w - line.intercept - line.slope * busy_cores;
		const kept = steps.filter(({ disturbed }) => !disturbed).map(residual);
		const sd = 1.4826 * medianSorted(kept.map(Math.abs).sort((a, b) => a - b));
		const next = steps.map((step) => ({ ...step, disturbed: Math.abs(residual(step)) > far * sd }));
		const settled = next.every(({ disturbed }, i) => disturbed === steps[i]?.disturbed);
		steps = next;
		if (settled || round === 20)
			return {
				steps,
				residual_sd_w: Math.sqrt(kept.reduce((sum, r) => sum + r * r, 0) / Math.max(1, kept.length - 2)),
			};
	}
}
