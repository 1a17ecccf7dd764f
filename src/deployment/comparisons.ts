import { groupBy } from "../group.js";
import { tQuantile } from "../statistics/distributions.js";
import { kendall } from "../statistics/kendall.js";
import type { Estimate, Step } from "./busyCores.js";
import { type AlignedRun, phasePower } from "./deployedRun.js";

/** A run's mean power over its load, W. */
export interface RunPower {
	readonly run: AlignedRun;
	/** As metered. */
	readonly load_w: number;
	/** With disturbed steps at the level that the run's other steps have beside the common line. */
	readonly undisturbed_w: number;
	readonly disturbed_steps: number;
}

/** Runs of one configuration under one load, and how far they are apart. */
export interface Repetitions {
	readonly configuration: string;
	readonly workload: string;
	readonly runs: readonly string[];
	/** Largest less smallest undisturbed mean, W. */
	readonly difference_w: number;
}

/** How far the level of runs of one configuration under one load differs, W: what no spread within a run shows. */
export type Drift =
	| {
			readonly status: "estimated";
			readonly sd_w: number;
			readonly degrees: number;
			readonly repetitions: readonly Repetitions[];
	  }
	| { readonly status: "assumed"; readonly sd_w: number; readonly degrees: number; readonly reason: string };

/** As the sixteen published runs of IPA's Video pipeline have it, for logs without repetitions: W, and its degrees. */
const publishedDrift = { sd_w: 0.37, degrees: 4 };

/** Mean power of each run, disturbances apart. */
export function runPowers(
	runs: readonly AlignedRun[],
	steps: readonly Step[],
	line: { slope: number; intercept: number } | undefined,
): RunPower[] {
	const byRun = groupBy(steps, ({ run }) => run);
	return runs.map((run) => {
		const load_w = meanOf([...run.power_w]);
		const own = byRun.get(run) ?? [];
		const sound = own.filter(({ disturbed }) => !disturbed);
		if (line === undefined || sound.length === 0) return { run, load_w, undisturbed_w: load_w, disturbed_steps: 0 };
		const fitted = ({ busy_cores }: Step) => line.intercept + line.slope * busy_cores;
		const level = meanOf(sound.map((step) => step.power_w - fitted(step)));
		const undisturbed_w = meanOf(own.map((step) => (step.disturbed ? fitted(step) + level : step.power_w)));
		return { run, load_w, undisturbed_w, disturbed_steps: own.length - sound.length };
	});
}

/** Standard deviation of the level between repetitions, pooled over their groups. */
export function driftOf(powers: readonly RunPower[]): Drift {
	const groups = [
		...groupBy(
			powers.filter(({ run }) => run.started !== undefined),
			({ run }) => JSON.stringify([run.started?.label, run.workload]),
		).values(),
	].filter((own) => own.length > 1);
	const degrees = groups.reduce((sum, own) => sum + own.length - 1, 0);
	if (degrees === 0)
		return { status: "assumed", ...publishedDrift, reason: "no configuration ran twice under one load" };
	const squares = groups.reduce((sum, own) => {
		const mean = meanOf(own.map(({ undisturbed_w }) => undisturbed_w));
		return sum + own.reduce((square, { undisturbed_w }) => square + (undisturbed_w - mean) ** 2, 0);
	}, 0);
	const repetitions = groups.map((own): Repetitions => {
		const [{ run }] = own as [RunPower];
		const levels = own.map(({ undisturbed_w }) => undisturbed_w);
		return {
			configuration: run.started?.label ?? "",
			workload: run.workload,
			runs: own.map((each) => each.run.run),
			difference_w: Math.max(...levels) - Math.min(...levels),
		};
	});
	return { status: "estimated", sd_w: Math.sqrt(squares / degrees), degrees, repetitions };
}

/** What one configuration draws more than another under the same load. */
export interface Difference {
	readonly workload: string;
	readonly configuration: string;
	readonly against: string;
	/** Difference of the means over the load, W. */
	readonly difference_w: Estimate;
	/** Share of the requests sent that each can have served. */
	readonly served_share: number;
	readonly served_share_against: number;
}

/** A pair of configurations of which one allocates more cores to the same variants. */
export interface AllocatedCore extends Difference {
	/** The difference by allocated core, W. */
	readonly w_per_allocated_core: Estimate;
}

/** Configurations of the same variants on more cores, load by load: what an allocated core draws. */
export function allocatedCores(powers: readonly RunPower[], drift: Drift, level: number): AllocatedCore[] {
	return pairs(powers).flatMap(([more, fewer]) => {
		const cores = coresOf(more) - coresOf(fewer);
		if (variantsOf(more) !== variantsOf(fewer) || !(cores > 0)) return [];
		const difference = differenceOf(more, fewer, drift, level);
		return [{ ...difference, w_per_allocated_core: scaled(difference.difference_w, 1 / cores) }];
	});
}

/** Configurations of the same cores with other variants, load by load; the more accurate one against the other. */
export function sameCostOtherVariants(powers: readonly RunPower[], drift: Drift, level: number): Difference[] {
	return pairs(powers).flatMap(([one, other]) =>
		coresOf(one) === coresOf(other) && variantsOf(one) !== variantsOf(other) && accuracyOf(one) > accuracyOf(other)
			? [differenceOf(one, other, drift, level)]
			: [],
	);
}

/**
 * What an allocated core draws while it is idle, W, by two comparisons of configurations of the same variants:
 * `low_load`: in steps whose load is at most half of what either carries, loads that have at least ten such steps;
 * `after_load`: when the load has ended, until the log does. Undefined where no such pair ran.
 */
export function idleCores(powers: readonly RunPower[], steps: readonly Step[], drift: Drift, level: number) {
	const after: { readonly w: number; readonly variance: number }[] = [];
	const low: { readonly w: number; readonly variance: number }[] = [];
	for (const [more, fewer] of pairs(powers)) {
		const cores = coresOf(more) - coresOf(fewer);
		if (variantsOf(more) !== variantsOf(fewer) || !(cores > 0)) continue;
		const capacity = Math.min(capacityOf(more), capacityOf(fewer));
		const [a, b] = [lowLoadMeans(more, steps, capacity / 2), lowLoadMeans(fewer, steps, capacity / 2)];
		const variance = drift.sd_w ** 2 * (1 / more.length + 1 / fewer.length);
		if (a.length > 0 && b.length > 0) low.push({ w: (meanOf(a) - meanOf(b)) / cores, variance: variance / cores ** 2 });
		const [x, y] = [afterMeans(more), afterMeans(fewer)];
		if (x.length > 0 && y.length > 0)
			after.push({ w: (meanOf(x) - meanOf(y)) / cores, variance: variance / cores ** 2 });
	}
	return { low_load: pooled(low, drift, level), after_load: pooled(after, drift, level) };
}

/** Kendall's tau-b of the systems' power with their configured cores, load by load; undefined where it does not exist. */
export interface Ranking {
	readonly workload: string;
	readonly systems: readonly { readonly system: string; readonly load_w: number; readonly cost_cores: number }[];
	readonly tau_b: number | undefined;
}

/** How far allocated cores, IPA's cost, rank the systems of a load as their power does. */
export function rankings(powers: readonly RunPower[]): Ranking[] {
	const known = powers.filter(({ run }) => run.started !== undefined);
	return [...groupBy(known, ({ run }) => run.workload)].map(([workload, own]) => {
		const systems = [...groupBy(own, ({ run }) => run.system)].map(([system, group]) => ({
			system,
			load_w: meanOf(group.map(({ load_w }) => load_w)),
			cost_cores: meanOf(group.map(({ run }) => run.started?.cost_cores as number)),
		}));
		const tau = kendall(
			systems.map(({ load_w }) => load_w),
			systems.map(({ cost_cores }) => cost_cores),
		);
		return { workload, systems, tau_b: tau.status === "ok" ? tau.value : undefined };
	});
}

/** Mean of values of which there is at least one. */
export function meanOf(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Student's interval around a value of a known standard error. */
export function interval(value: number, se: number, degrees: number, level: number, n: number): Estimate {
	const half = tQuantile((1 + level) / 2, degrees) * se;
	return { value, low: value - half, high: value + half, n };
}

type Group = readonly RunPower[];

/** Every ordered pair of configurations that ran under the same load, each with its repetitions. */
function pairs(powers: readonly RunPower[]): (readonly [Group, Group])[] {
	const known = powers.filter(({ run }) => run.started !== undefined);
	return [...groupBy(known, ({ run }) => run.workload).values()].flatMap((own) => {
		const groups = [...groupBy(own, ({ run }) => run.started?.label).values()];
		return groups.flatMap((one) => groups.flatMap((other) => (one === other ? [] : [[one, other] as const])));
	});
}

function startedOf(group: Group) {
	const started = group[0]?.run.started;
	if (started === undefined) throw new RangeError("a group of runs without a configuration");
	return started;
}

const coresOf = (group: Group) => startedOf(group).cost_cores;
const capacityOf = (group: Group) => startedOf(group).capacity_rps;
const accuracyOf = (group: Group) => startedOf(group).accuracy_pct;
const variantsOf = (group: Group) => startedOf(group).label.split(",")[0];

function differenceOf(one: Group, other: Group, drift: Drift, level: number): Difference {
	const [a, b] = [one, other].map((group) => meanOf(group.map(({ undisturbed_w }) => undisturbed_w))) as [
		number,
		number,
	];
	const se = drift.sd_w * Math.sqrt(1 / one.length + 1 / other.length);
	return {
		workload: (one[0] as RunPower).run.workload,
		configuration: startedOf(one).label,
		against: startedOf(other).label,
		difference_w: interval(a - b, se, drift.degrees, level, one.length + other.length),
		served_share: servedShare(one),
		served_share_against: servedShare(other),
	};
}

function servedShare(group: Group): number {
	const { started_steps, load_rps_mean } = (group[0] as RunPower).run;
	return meanOf([...(started_steps?.served_rps ?? [])]) / meanOf([...load_rps_mean]);
}

function scaled({ value, low, high, n }: Estimate, factor: number): Estimate {
	return {
		value: value * factor,
		n,
		...(low === undefined || high === undefined ? {} : { low: low * factor, high: high * factor }),
	};
}

function lowLoadMeans(group: Group, steps: readonly Step[], most_rps: number): number[] {
	return group.flatMap(({ run }) => {
		const own = steps.filter(
			({ run: other, k, disturbed }) => other === run && !disturbed && (run.load_rps_mean[k] as number) <= most_rps,
		);
		return own.length >= 10 ? [meanOf(own.map(({ power_w }) => power_w))] : [];
	});
}

function afterMeans(group: Group): number[] {
	return group.flatMap(({ run }) => phasePower(run, "after") ?? []);
}

function pooled(
	differences: readonly { w: number; variance: number }[],
	drift: Drift,
	level: number,
): Estimate | undefined {
	if (differences.length === 0) return undefined;
	const se = Math.sqrt(differences.reduce((sum, { variance }) => sum + variance, 0)) / differences.length;
	return interval(meanOf(differences.map(({ w }) => w)), se, drift.degrees, level, differences.length);
}
