import { type Random, shuffled } from "../random.js";
import { bestAssignment, largestNewSlice, type SliceTimes, smallestSlice, staticPromotion } from "./miso.js";
import type { Partition, Slice } from "./partitions.js";

/** A job of a trace. */
export interface TraceJob {
	readonly name: string;
	/** Seconds alone on a whole board. */
	readonly runtime_s: number;
	readonly times: SliceTimes;
}

export interface ArrivingJob extends TraceJob {
	readonly arrives_s: number;
}

/**
 * How a board is shared. `whole`: one job a board. `static`: a fixed partition, jobs promoted to larger idle slices.
 * `miso`: partitioned anew by least mean slow-down at every arrival, and when slices idle and nobody waits; each
 * re-partition of running jobs pauses them (30 s of profiling under MPS in MISO, taken here as a standstill).
 */
export type SharingPolicy =
	| { readonly kind: "whole" }
	| { readonly kind: "static"; readonly partition: Partition }
	| { readonly kind: "miso"; readonly pause_s: number };

export interface ScheduleResult {
	/** From arrival to completion, by job, in the order of arrival, s. */
	readonly completion_s: Float64Array;
	readonly mean_completion_s: number;
	readonly makespan_s: number;
}

interface Running {
	readonly index: number;
	readonly job: ArrivingJob;
	slice: Slice;
	left_s: number;
}

interface Board {
	partition: Partition;
	/** By slice of the partition; undefined where it is idle. */
	placed: (Running | undefined)[];
	paused_until: number;
}

/**
 * An event simulation of jobs on boards of MIG slices: strict first come, first served, to the board with the fewest jobs
 * that has room; a job progresses at t_7g / t_slice.
 *
 * @param jobs in the order of arrival
 * @throws RangeError where the first who waits fits no slice of any board
 */
export function schedule(jobs: readonly ArrivingJob[], boards: number, policy: SharingPolicy): ScheduleResult {
	const start: Partition = policy.kind === "static" ? policy.partition : [7];
	const all = Array.from(
		{ length: boards },
		(): Board => ({
			partition: start,
			placed: start.map(() => undefined),
			paused_until: 0,
		}),
	);
	const completion_s = new Float64Array(jobs.length);
	const waiting: { readonly index: number; readonly job: ArrivingJob }[] = [];
	let [now, next, finished] = [0, 0, 0];
	const running = (board: Board) => board.placed.filter((each): each is Running => each !== undefined);
	const speed = (board: Board, { job, slice }: Running) =>
		board.paused_until > now ? 0 : job.times[7]! / job.times[slice]!;
	while (finished < jobs.length) {
		let until = next < jobs.length ? jobs[next]!.arrives_s : Number.POSITIVE_INFINITY;
		for (const board of all) {
			if (board.paused_until > now) until = Math.min(until, board.paused_until);
			else for (const each of running(board)) until = Math.min(until, now + each.left_s / speed(board, each));
		}
		if (until === Number.POSITIVE_INFINITY)
			throw new RangeError(`${waiting[0]?.job.name} finds no slice that holds it: nobody can go on`);
		for (const board of all) for (const each of running(board)) each.left_s -= (until - now) * speed(board, each);
		now = until;
		for (const board of all)
			board.placed = board.placed.map((each) => {
				if (each === undefined || each.left_s > 1e-7) return each;
				completion_s[each.index] = now - each.job.arrives_s;
				finished++;
				return undefined;
			});
		while (next < jobs.length && jobs[next]!.arrives_s <= now) waiting.push({ index: next, job: jobs[next++]! });
		while (waiting.length > 0 && place(waiting[0]!)) waiting.shift();
		if (waiting.length === 0) all.forEach(settle);
	}
	const total = completion_s.reduce((sum, value) => sum + value, 0);
	return { completion_s, mean_completion_s: total / jobs.length, makespan_s: now };

	/** Puts the first who waits onto a board; false where none has room. */
	function place({ index, job }: { readonly index: number; readonly job: ArrivingJob }): boolean {
		const newcomer: Running = { index, job, slice: 7, left_s: job.runtime_s };
		if (policy.kind === "miso") {
			const room = all
				.filter((board) => {
					const size = largestNewSlice(running(board).map((each) => each.job.times));
					return board.paused_until <= now && size !== undefined && size >= smallestSlice(job.times);
				})
				.sort((a, b) => running(a).length - running(b).length);
			for (const board of room) if (repartition(board, [...running(board), newcomer], policy.pause_s)) return true;
			return false;
		}
		let best: { board: Board; k: number } | undefined;
		for (const board of all)
			for (const [k, size] of board.partition.entries())
				if (board.placed[k] === undefined && (best === undefined || size > best.board.partition[best.k]!))
					best = { board, k };
		if (best === undefined || job.times[best.board.partition[best.k]!] === undefined) return false;
		best.board.placed[best.k] = { ...newcomer, slice: best.board.partition[best.k]! };
		return true;
	}

	/** What is done with idle slices once nobody waits. */
	function settle(board: Board): void {
		const here = running(board);
		if (here.length === board.placed.length || board.paused_until > now) return;
		if (policy.kind === "miso") {
			if (here.length > 0) repartition(board, here, policy.pause_s);
			else [board.partition, board.placed] = [[7], [undefined]];
		}
		if (policy.kind === "static")
			for (const { job, from, to } of staticPromotion(board.partition, board.placed)) {
				if (job.job.times[board.partition[to]!] === undefined) continue;
				job.slice = board.partition[to]!;
				[board.placed[to], board.placed[from]] = [job, undefined];
			}
	}

	function repartition(board: Board, here: readonly Running[], pause_s: number): boolean {
		const found = bestAssignment(here, ({ job }) => job.times, "mean slow-down");
		if (found.status === "infeasible") return false;
		// A board with one job alone has nothing to profile or to move.
		if (here.length > 1) board.paused_until = now + pause_s;
		board.partition = found.partition;
		board.placed = [...found.jobs];
		for (const [k, each] of found.jobs.entries()) each.slice = found.partition[k]!;
		return true;
	}
}

/**
 * Arrivals by MISO's rule: a random order, and gaps that are Poisson of whole seconds about a mean, half of it for the
 * first third of the jobs and one more.
 */
export function misoArrivals(jobs: readonly TraceJob[], mean_gap_s: number, random: Random): ArrivingJob[] {
	let at = 0;
	return shuffled(random, jobs).map((job, k) => {
		at += poisson(k <= Math.trunc(jobs.length / 3) ? mean_gap_s / 2 : mean_gap_s, random);
		return { ...job, arrives_s: at };
	});
}

/** A Poisson number by Knuth's products of uniforms; for means up to some hundreds. */
function poisson(mean: number, random: Random): number {
	const least = Math.exp(-mean);
	let [k, product] = [0, random()];
	while (product > least) {
		k++;
		product *= random();
	}
	return k;
}
