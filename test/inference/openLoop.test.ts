import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openLoop } from "../../src/inference/v2.js";
import { realTime } from "../realTime.js";

const signal = new AbortController().signal;
const even = { arrivals: "even", seed: 1, signal } as const;

test("arrivals at set times whatever the server does: its queue shows in the latencies", realTime, async () => {
	// One server of 50 ms a request, requests every 20 ms: the nth waits (n - 1) x 30 ms more than the first.
	let free = Promise.resolve();
	const answered_s: number[] = [];
	const send = () => {
		free = free.then(async () => {
			await sleep(50);
			answered_s.push(performance.now() / 1000);
		});
		return free;
	};
	const { latencies_s } = await openLoop({ ...even, rate_rps: 50, atLeast_s: 0, atLeastRequests: 10, send });
	expect(latencies_s).toHaveLength(10);
	// Each from when it was to be sent, 20 ms after the one before, to its answer, however late a busy machine gives that.
	const first_s = (answered_s[0] as number) - (latencies_s[0] as number);
	latencies_s.forEach((latency_s, n) => {
		expect(latency_s).toBeGreaterThan(0.045 + 0.03 * n - 0.005);
		expect(Math.abs(latency_s - ((answered_s[n] as number) - first_s - 0.02 * n))).toBeLessThan(0.015);
	});
});

test("Poisson arrivals at the set rate, the same for the same seed", realTime, async () => {
	const times = async (seed: number) => {
		const at: number[] = [];
		const start = performance.now();
		await openLoop({
			rate_rps: 400,
			arrivals: "poisson",
			seed,
			signal,
			atLeast_s: 1,
			atLeastRequests: 1,
			send: async () => void at.push(performance.now() - start),
		});
		return at;
	};
	const [first, second] = [await times(5), await times(5)];
	expect(second.length).toBe(first.length);
	// 400 requests expected, standard deviation 20.
	expect(first.length).toBeGreaterThan(320);
	expect(first.length).toBeLessThan(480);
});

test("a whole number of batches; a failure and an abort end it", async () => {
	const send = async () => {};
	const { latencies_s } = await openLoop({
		...even,
		rate_rps: 500,
		atLeast_s: 0.011,
		atLeastRequests: 1,
		multipleOf: 4,
		send,
	});
	expect(latencies_s.length % 4).toBe(0);
	await expect(
		openLoop({
			...even,
			rate_rps: 100,
			atLeast_s: 10,
			atLeastRequests: 1,
			send: () => Promise.reject(new Error("the server is gone")),
		}),
	).rejects.toThrow("the server is gone");
	const abort = new AbortController();
	setTimeout(() => abort.abort(new Error("stop")), 50);
	await expect(
		openLoop({ ...even, rate_rps: 100, atLeast_s: 10, atLeastRequests: 1, send, signal: abort.signal }),
	).rejects.toThrow("stop");
});
