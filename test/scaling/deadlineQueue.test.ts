import { expect, test } from "vitest";
import { networkRequests, serveByDeadline } from "../../src/scaling/sponge.js";

/** 100 ms a request on one core, 50 ms on two, whatever the batch. */
const model = { gamma: 0, delta: 0, epsilon: 100, eta: 0 };
const request = (arrives_ms: number, deadline_ms: number) => ({ arrives_ms, deadline_ms });

test("by hand: who is due first is served first, though it came last", () => {
	const requests = [request(0, 900), request(10, 800), request(20, 250)];
	const one = [{ from_ms: 0, replicas: 1, cores: 1, batch: 1 }];
	const { answered_ms, late, core_seconds } = serveByDeadline(requests, one, model);
	expect([...answered_ms]).toEqual([100, 300, 200]);
	expect(late).toBe(0);
	expect(core_seconds).toBeCloseTo(0.3, 12);
	// In the order of arrival the third would be answered at 300, past its 250.
	const swapped = serveByDeadline(
		requests.map(({ arrives_ms }, k) => request(arrives_ms, 250 + k)),
		one,
		model,
	);
	expect(swapped.late).toBe(1);
});

test("two cores halve it, a batch takes all at once, two replicas serve side by side, from their step on", () => {
	const requests = [request(0, 1000), request(0, 1000), request(0, 1000)];
	const answers = (step: { replicas: number; cores: number; batch: number }) => [
		...serveByDeadline(requests, [{ from_ms: 0, ...step }], model).answered_ms,
	];
	expect(answers({ replicas: 1, cores: 2, batch: 1 })).toEqual([50, 100, 150]);
	expect(answers({ replicas: 1, cores: 1, batch: 8 })).toEqual([100, 100, 100]);
	expect(answers({ replicas: 2, cores: 1, batch: 1 })).toEqual([100, 100, 200]);
	const steps = [
		{ from_ms: 0, replicas: 1, cores: 1, batch: 1 },
		{ from_ms: 100, replicas: 1, cores: 2, batch: 1 },
	];
	const grown = serveByDeadline(requests, steps, model);
	expect([...grown.answered_ms]).toEqual([100, 150, 200]);
	expect(grown.core_seconds).toBeCloseTo(0.1 + 2 * 0.1, 12);
	expect(() => serveByDeadline(requests, [], model)).toThrow("a first step");
});

test("requests come after what the network takes, and are due by when they were sent", () => {
	expect(networkRequests([1000, 400], { slo_ms: 1000, rate_rps: 2 })).toEqual([
		request(0, 1000),
		request(500, 1500),
		request(1600, 2000),
		request(2100, 2500),
	]);
});

test("an overload is late, and the more cores the fewer are", () => {
	const requests = Array.from({ length: 100 }, (_, k) => request(10 * k, 10 * k + 300));
	const late = (cores: number) => serveByDeadline(requests, [{ from_ms: 0, replicas: 1, cores, batch: 1 }], model).late;
	expect(late(1)).toBeGreaterThan(80);
	expect(late(4)).toBeLessThan(late(2));
	expect(late(16)).toBe(0);
});
