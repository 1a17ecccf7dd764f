import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type StageSetting, simulateStage } from "../../src/adaptation/queue.js";

const setting = (given: Partial<StageSetting>): StageSetting => ({
	variant: "v",
	cores: 1,
	batch: 1,
	replicas: 1,
	latency_s: 1,
	...given,
});
const run = (arrivals: number[], given: Partial<StageSetting>, options = { batchTimeout_s: 10, dropAfter_s: 100 }) => {
	const times = Float64Array.from(arrivals);
	return simulateStage(times, times, [{ from_s: 0, setting: setting(given) }], options);
};

describe("one stage by hand", () => {
	test("one replica serves one after another", () => {
		expect([...run([0, 0, 0.5, 5], {}).completion_s]).toEqual([1, 2, 3, 6]);
	});

	test("two replicas serve side by side", () => {
		expect([...run([0, 0, 0.5], { replicas: 2 }).completion_s]).toEqual([1, 1, 2]);
	});

	test("a batch starts when it is full, or when its oldest request has waited long enough", () => {
		expect([...run([0, 3], { batch: 2 }).completion_s]).toEqual([4, 4]);
		expect([...run([0, 3], { batch: 2 }, { batchTimeout_s: 2, dropAfter_s: 100 }).completion_s]).toEqual([3, 6]);
	});

	test("requests that come while the replica is busy join the waiting batch while there is room", () => {
		const outcome = run([0, 0.1, 0.2, 0.3], { batch: 2 }, { batchTimeout_s: 0, dropAfter_s: 100 });
		expect([...outcome.completion_s]).toEqual([1, 2, 2, 3]);
		expect([...outcome.batches]).toEqual([3]);
		expect([...outcome.busy_s]).toEqual([3]);
	});

	test("a request past the limit is dropped and makes room", () => {
		const outcome = run([0, 0, 0], {}, { batchTimeout_s: 0, dropAfter_s: 1.5 });
		expect([...outcome.completion_s]).toEqual([1, 2, Number.POSITIVE_INFINITY]);
		expect(outcome.dropped).toBe(1);
	});

	test("a change of setting: what runs finishes, new replicas take over at the change", () => {
		const times = Float64Array.from([0, 0.1, 0.2]);
		const settings = [
			{ from_s: 0, setting: setting({ latency_s: 2 }) },
			{ from_s: 1, setting: setting({ variant: "w", replicas: 2, latency_s: 0.5 }) },
		];
		const outcome = simulateStage(times, times, settings, { batchTimeout_s: 0, dropAfter_s: 100 });
		expect([...outcome.completion_s]).toEqual([2, 1.5, 1.5]);
		expect([...outcome.busy_s]).toEqual([2, 1]);
	});
});

describe("changes by hand", () => {
	const change = (before: Partial<StageSetting>, after: Partial<StageSetting>, from_s: number, arrivals: number[]) => {
		const times = Float64Array.from(arrivals);
		const settings = [
			{ from_s: 0, setting: setting(before) },
			{ from_s, setting: setting(after) },
		];
		const drained: number[][] = [];
		const watch = { drain: (index: number, from: number, until: number) => drained.push([index, from, until]) };
		const outcome = simulateStage(times, times, settings, { batchTimeout_s: 2, dropAfter_s: 100 }, watch);
		return { completion_s: [...outcome.completion_s], batches: [...outcome.batches], drained };
	};

	test("a kept replica does under the new setting nothing before the change", () => {
		// Batch 4 waits for company until 1.5 s; batch 1, from 1 s on, serves at once, but not at 0.5 s.
		const outcome = change({ batch: 4 }, { batch: 1, latency_s: 0.25 }, 1, [0.5]);
		expect(outcome.completion_s).toEqual([1.25]);
		expect(outcome.batches).toEqual([0, 1]);
	});

	test("a removed replica finishes what it runs, and is seen to", () => {
		const outcome = change({ replicas: 2, latency_s: 3 }, { replicas: 1, latency_s: 3 }, 2, [0, 1, 2]);
		// Free at 3 and at 4 s: the first stays and takes the third request, the other drains from 2 to 4 s.
		expect(outcome.completion_s).toEqual([3, 4, 6]);
		expect(outcome.drained).toEqual([[0, 2, 4]]);
	});

	test("so is one that a change takes away after the last request", () => {
		const outcome = change({ replicas: 2, latency_s: 3 }, { replicas: 1, latency_s: 3 }, 2, [0, 1]);
		expect(outcome.completion_s).toEqual([3, 4]);
		expect(outcome.drained).toEqual([[0, 2, 4]]);
		expect(change({ replicas: 2 }, { variant: "w" }, 2, [0, 1]).drained).toEqual([]);
		expect(change({ replicas: 2, latency_s: 3 }, { variant: "w" }, 2, [0, 1]).drained).toEqual([
			[0, 2, 3],
			[0, 2, 4],
		]);
	});

	test("replicas of another variant are new: every old one drains", () => {
		const outcome = change({ replicas: 2, latency_s: 3 }, { variant: "w", replicas: 1, latency_s: 1 }, 2, [0, 1, 2]);
		expect(outcome.completion_s).toEqual([3, 4, 3]);
		expect(outcome.drained).toEqual([
			[0, 2, 3],
			[0, 2, 4],
		]);
	});
});

test("a batch that is not full takes what lies between the profiled ones around it", () => {
	const smaller = [
		{ batch: 1, latency_s: 0.5 },
		{ batch: 2, latency_s: 0.75 },
		{ batch: 4, latency_s: 1 },
	];
	const given = { batch: 8, latency_s: 2, smaller };
	const served = (count: number) =>
		run(new Array<number>(count).fill(0), given, { batchTimeout_s: 0, dropAfter_s: 100 }).completion_s[0];
	expect([1, 2, 3, 4, 5, 8].map(served)).toEqual([0.5, 0.75, 0.875, 1, 1.25, 2]);
	const from2 = { ...given, smaller: smaller.slice(1) };
	expect(run([0], from2, { batchTimeout_s: 0, dropAfter_s: 100 }).completion_s[0]).toBe(0.75);
});

test("an old request behind a young one is dropped from the batch too", () => {
	const outcome = simulateStage(
		Float64Array.from([5, 5, 5]),
		Float64Array.from([4, 0, 4]),
		[{ from_s: 0, setting: setting({ batch: 3 }) }],
		{ batchTimeout_s: 0, dropAfter_s: 2 },
	);
	expect([...outcome.completion_s]).toEqual([6, Number.POSITIVE_INFINITY, 6]);
	expect(outcome.dropped).toBe(1);
});

test("nothing is lost: every request completes after its arrival, or is dropped; more replicas never hurt", () => {
	const gaps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
	fc.assert(
		fc.property(gaps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), (steps, batch, replicas) => {
			let now = 0;
			const arrivals = steps.map((step) => {
				now += step / 8;
				return now;
			});
			const outcome = run(arrivals, { batch, replicas }, { batchTimeout_s: 0.5, dropAfter_s: 4 });
			const more = run(arrivals, { batch: 1, replicas: replicas + 5 }, { batchTimeout_s: 0.5, dropAfter_s: 4 });
			let dropped = 0;
			outcome.completion_s.forEach((end, i) => {
				if (end === Number.POSITIVE_INFINITY) dropped++;
				else expect(end).toBeGreaterThanOrEqual((arrivals[i] as number) + 1);
			});
			expect(dropped).toBe(outcome.dropped);
			if (batch === 1) expect(more.dropped).toBeLessThanOrEqual(outcome.dropped);
		}),
	);
});
