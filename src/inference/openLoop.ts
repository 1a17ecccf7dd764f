import { setTimeout as sleep } from "node:timers/promises";
import { type Random, seeded } from "../random.js";

export interface OpenLoopOptions {
	/** Mean arrival rate, requests/s. */
	readonly rate_rps: number;
	/** `poisson`: exponential gaps, from the seed; `even`: one every 1 / rate. */
	readonly arrivals: "poisson" | "even";
	readonly seed: number;
	/** The last arrival is not before both of these. */
	readonly atLeast_s: number;
	readonly atLeastRequests: number;
	/** The number of requests is a multiple of this. */
	readonly multipleOf?: number;
	/** Sends a request; rejects where it fails. */
	readonly send: () => Promise<void>;
	readonly signal: AbortSignal;
}

/** What came of an open loop, all requests answered. */
export interface OpenLoop {
	/** From when a request was due to its answer, s: a late start counts, so that a slow server hides nothing. */
	readonly latencies_s: readonly number[];
	/** From the first arrival to the last answer, s. */
	readonly elapsed_s: number;
	/** Latest start of a request after it was due, s: above a few milliseconds this client was too slow. */
	readonly latestStart_s: number;
}

/**
 * Sends requests at set times, whether or not earlier ones have been answered: a closed loop would slow down with the
 * server and never see its queue. Rejects with the first failure, or the signal's reason, once nothing is under way.
 */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoop> {
	const { atLeast_s, atLeastRequests, multipleOf = 1, send, signal } = options;
	const gap = gaps(options);
	const start = performance.now() / 1000;
	const under: Promise<void>[] = [];
	const latencies_s: number[] = [];
	let failure: unknown;
	let due_s = 0;
	let latestStart_s = 0;
	for (let sent = 0; due_s < atLeast_s || sent < atLeastRequests || sent % multipleOf !== 0; sent++) {
		const wait_s = start + due_s - performance.now() / 1000;
		if (wait_s > 0) await sleep(1000 * wait_s);
		if (signal.aborted || failure !== undefined) break;
		const at_s = start + due_s;
		latestStart_s = Math.max(latestStart_s, performance.now() / 1000 - at_s);
		const index = sent;
		under.push(
			send().then(
				() => {
					latencies_s[index] = performance.now() / 1000 - at_s;
				},
				(error: unknown) => {
					failure ??= error;
				},
			),
		);
		due_s += gap();
	}
	await Promise.all(under);
	if (failure !== undefined) throw failure;
	signal.throwIfAborted();
	return { latencies_s, elapsed_s: performance.now() / 1000 - start, latestStart_s };
}

function gaps({ rate_rps, arrivals, seed }: OpenLoopOptions): () => number {
	if (arrivals === "even") return () => 1 / rate_rps;
	const random: Random = seeded(seed);
	return () => -Math.log(1 - random()) / rate_rps;
}
