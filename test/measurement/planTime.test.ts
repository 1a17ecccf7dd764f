import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { measurePlan } from "../../src/measurement/measurePlan.js";
import { planTime } from "../../src/measurement/schedule.js";
import { tinyPlan } from "./plans.js";

// 2 variants x 2 batches; 4 to 6 repetitions in 2 blocks, 2 a visit, so one more block at most.
const plan = tinyPlan({ window_s: 3, idle_s: 30, warm_up: { runs: 2, variation: 0.5, at_most_s: 10 } });

test("without an energy source: the windows, and the warm-ups at their cap", () => {
	expect(planTime(plan, [])).toEqual({
		cells: 4,
		repetitions: { least: 4, most: 6 },
		window_s: 3,
		least_s: 4 * 4 * 3,
		most_s: 4 * 6 * 3 + 3 * 4 * 10,
	});
});

test("up to nine repetitions of at least four are three blocks more, two a visit", () => {
	const longer = tinyPlan({ ...plan, repetitions: { min: 4, max: 9, target_relative_interval: 0.5 } });
	expect(planTime(longer, []).most_s).toBe(4 * 9 * 3 + 5 * 4 * 10);
});

test("a source lengthens windows and controls (three a block), and adds idle baselines", () => {
	const { window_s, least_s, most_s } = planTime(plan, [{ minimumWindow_s: 1 }, { minimumWindow_s: 10 }]);
	expect(window_s).toBe(10);
	expect(least_s).toBe(4 * 4 * 10 + 2 * (3 * 10 + 2 * 30));
	expect(most_s).toBe(4 * 6 * 10 + 3 * (3 * 10 + 2 * 30 + 4 * 10));
});

test("a real run takes no less, and leaves no folder of its own behind", async () => {
	const short = tinyPlan({ window_s: 0.05, repetitions: { min: 4, max: 4, target_relative_interval: 0.5 } });
	const folder = mkdtempSync(join(tmpdir(), "plan-time-"));
	vi.stubEnv("TMPDIR", folder);
	try {
		const start = performance.now();
		const { status, records, meters } = await measurePlan(short);
		expect((performance.now() - start) / 1000).toBeGreaterThan(planTime(short, meters.available).least_s);
		expect([status, records.filter(({ type }) => type === "repetition").length]).toEqual(["complete", 16]);
		expect(readdirSync(folder)).toEqual([]);
	} finally {
		vi.unstubAllEnvs();
		rmSync(folder, { recursive: true });
	}
});
