import { ols } from "../statistics/ols.js";
import { misoPartitions, type Partition, type Slice, sliceSizes } from "./partitions.js";

/** Time of a job on each slice that holds it, relative to any common measure; a slice that is missing has too little memory. */
export type SliceTimes = Readonly<Partial<Record<Slice, number>>>;

/** What an assignment is judged by: `mean slow-down` is what MISO's scheduler minimises, `STP` what its paper names. */
export type SharingGoal = "mean slow-down" | "STP";

/** Jobs on the slices of a partition, in the order of its slices. */
export interface Assignment<Job> {
	readonly partition_code: number;
	readonly partition: Partition;
	readonly jobs: readonly Job[];
	/** Mean over jobs of time on the slice / time on 7g. */
	readonly mean_slowdown: number;
	/** System throughput: sum over jobs of time on 7g / time on the slice. */
	readonly stp: number;
}

export type AssignmentOutcome<Job> =
	| ({ readonly status: "optimal" } & Assignment<Job>)
	/** No partition of as many slices holds the jobs. */
	| { readonly status: "infeasible" };

/**
 * The best partition with exactly as many slices as jobs, and which job goes where: MISO's exhaustive search. Of equals
 * the first wins: partitions by code, jobs in the lexicographic order of permutations.
 *
 * @param timesOf times of a job by slice; 7g must be there
 * @example
 * bestAssignment(["a", "b"], () => ({ 7: 1, 4: 1.2, 3: 1.5 }), "STP"); // both on 3g: partition [3, 3]
 */
export function bestAssignment<Job>(
	jobs: readonly Job[],
	timesOf: (job: Job) => SliceTimes,
	goal: SharingGoal,
	partitions: readonly Partition[] = misoPartitions,
): AssignmentOutcome<Job> {
	let best: Assignment<Job> | undefined;
	for (const found of assignments(jobs, timesOf, partitions))
		if (best === undefined || (goal === "STP" ? found.stp > best.stp : found.mean_slowdown < best.mean_slowdown))
			best = found;
	return best === undefined ? { status: "infeasible" } : { status: "optimal", ...best };
}

/** A job and the slice that it runs on, by index; idle slices have none. */
export type Placed<Job> = readonly (Job | undefined)[];

export interface Migration<Job> extends Assignment<Job> {
	/** Jobs that get another size or another place on the board, in the order of their slices now. */
	readonly migrated: readonly Job[];
}

/**
 * New partition once slices are idle, with the fewest jobs moved, then the least mean slow-down (MISO's alternative;
 * bestAssignment by mean slow-down is what it does).
 *
 * @param placed jobs on the slices of `partition`; undefined where a slice is idle
 */
export function fewestMigrations<Job>(
	partition: Partition,
	placed: Placed<Job>,
	timesOf: (job: Job) => SliceTimes,
	partitions: readonly Partition[] = misoPartitions,
): ({ readonly status: "optimal" } & Migration<Job>) | { readonly status: "infeasible" } {
	const active = activeJobs(placed);
	const offset = (of: Partition, index: number) => of.slice(0, index).reduce((sum: number, size) => sum + size, 0);
	let best: Migration<Job> | undefined;
	for (const found of assignments(active, timesOf, partitions)) {
		const migrated = active.filter((job) => {
			const [from, to] = [placed.indexOf(job), found.jobs.indexOf(job)];
			return partition[from] !== found.partition[to] || offset(partition, from) !== offset(found.partition, to);
		});
		const fewer = migrated.length - (best?.migrated.length ?? 8);
		if (fewer < 0 || (fewer === 0 && found.mean_slowdown < best!.mean_slowdown)) best = { ...found, migrated };
	}
	return best === undefined ? { status: "infeasible" } : { status: "optimal", ...best };
}

/** Within a fixed partition: the jobs on the smallest slices go to the largest idle ones, while those are larger. */
export function staticPromotion<Job>(
	partition: Partition,
	placed: Placed<Job>,
): { readonly job: Job; readonly from: number; readonly to: number }[] {
	const indices = partition.map((_, k) => k);
	const idle = indices.filter((k) => placed[k] === undefined).sort((a, b) => partition[b]! - partition[a]!);
	const active = indices.filter((k) => placed[k] !== undefined).sort((a, b) => partition[a]! - partition[b]!);
	const moved: { job: Job; from: number; to: number }[] = [];
	for (const [k, to] of idle.entries()) {
		const from = active[k];
		if (from === undefined || !(partition[to]! > partition[from]!)) break;
		moved.push({ job: placed[from] as Job, from, to });
	}
	return moved;
}

/**
 * The largest slice that a further job could have beside the present ones, each at exactly its smallest feasible size;
 * undefined where the board is full. As in MISO, which so refuses room where only larger slices are free.
 */
export function largestNewSlice(
	present: readonly SliceTimes[],
	partitions: readonly Partition[] = misoPartitions,
): Slice | undefined {
	const smallest = present.map(smallestSlice);
	const count = (slices: readonly Slice[], size: Slice) => slices.filter((each) => each === size).length;
	return sliceSizes.find((size) => {
		const wanted = [...smallest, size];
		return partitions.some((partition) => wanted.every((each) => count(partition, each) >= count(wanted, each)));
	});
}

/** The smallest slice that holds a job. */
export function smallestSlice(times: SliceTimes): Slice {
	const smallest = sliceSizes.findLast((size) => times[size] !== undefined);
	if (smallest === undefined) throw new RangeError("a job must have a time on at least one slice");
	return smallest;
}

export function activeJobs<Job>(placed: Placed<Job>): Job[] {
	return placed.filter((job): job is Job => job !== undefined);
}

function* assignments<Job>(
	jobs: readonly Job[],
	timesOf: (job: Job) => SliceTimes,
	partitions: readonly Partition[],
): Generator<Assignment<Job>> {
	const times = jobs.map(timesOf);
	for (const [partition_code, partition] of partitions.entries()) {
		if (partition.length !== jobs.length) continue;
		const order: number[] = [];
		const free = new Set(jobs.keys());
		// A slice that does not hold a job ends the branch; the order of those that are left is itertools.permutations'.
		yield* place(0);
		function* place(slice: number): Generator<Assignment<Job>> {
			if (slice === partition.length) {
				let [slowdown, stp] = [0, 0];
				for (const [k, job] of order.entries()) {
					const [whole, part] = [times[job]![7]!, times[job]![partition[k]!]!];
					slowdown += part / whole;
					stp += whole / part;
				}
				const placed = order.map((job) => jobs[job]!);
				yield { partition_code, partition, jobs: placed, mean_slowdown: slowdown / jobs.length, stp };
				return;
			}
			for (const job of [...free].sort((a, b) => a - b)) {
				if (times[job]![partition[slice]!] === undefined) continue;
				free.delete(job);
				order.push(job);
				yield* place(slice + 1);
				order.pop();
				free.add(job);
			}
		}
	}
}

/** A job of a mix under MPS: how it reacts to a limit on its share of the board, and its times by MIG slice. */
export interface MpsSample {
	readonly mix: number;
	/** Iteration time at limits of 100, 50 and 14 %, over the slowest of the three. */
	readonly mps: readonly [number, number, number];
	/** Times on 7g, 4g and 3g, over the slowest of the three. */
	readonly mig: readonly [number, number, number];
}

/** Mean absolute errors of times by slice, shares of the slowest. */
export interface MpsPrediction {
	/** Every job is the mean job. */
	readonly byMean: number;
	/** Linear in the three reactions to MPS. */
	readonly byReaction: number;
}

/**
 * How well the times on MIG slices are foretold from MPS, each mix foretold from the others alone: `folds` parts of mixes,
 * never of samples. MISO's own split shuffles copies of a mix over both sides, so that its error is too good.
 *
 * @throws RangeError where a part determines no regression
 */
export function mpsPrediction(samples: readonly MpsSample[], folds = 5): MpsPrediction {
	let [byMean, byReaction] = [0, 0];
	for (let fold = 0; fold < folds; fold++) {
		const [train, test] = [
			samples.filter(({ mix }) => mix % folds !== fold),
			samples.filter(({ mix }) => mix % folds === fold),
		];
		for (const slice of [0, 1, 2] as const) {
			const y = train.map(({ mig }) => mig[slice]);
			const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
			const fit = ols(
				([0, 1, 2] as const).map((k) => ({ name: String(k), values: train.map(({ mps }) => mps[k]) })),
				y,
			);
			if (fit.status === "undefined") throw new RangeError(`no regression: ${fit.reason}`);
			const [base = 0, ...slopes] = fit.coefficients.map(({ estimate }) => estimate);
			for (const { mps, mig } of test) {
				const foretold = mps.reduce((sum, value, k) => sum + slopes[k]! * value, base);
				byMean += Math.abs(mig[slice] - mean);
				byReaction += Math.abs(mig[slice] - foretold);
			}
		}
	}
	const count = 3 * samples.length;
	return { byMean: byMean / count, byReaction: byReaction / count };
}
