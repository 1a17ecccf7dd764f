import { type Plan, planSchema } from "../../src/measurement/plan.js";

/** A plan of repetitions of some milliseconds, with what a test changes. */
export function tinyPlan(changes: Partial<Record<keyof Plan, unknown>> = {}): Plan {
	return planSchema.parse({
		name: "tiny",
		title: "A tiny plan",
		runner: { type: "arithmetic", work: 100 },
		variants: [{ name: "small" }, { name: "large" }],
		batches: [1, 2],
		cores: [1],
		window_s: 0.002,
		warm_up: { runs: 2, variation: 0.5, at_most_s: 0.001 },
		repetitions: { min: 4, max: 6, target_relative_interval: 0.5 },
		blocks: 2,
		control: { steps: 1000, every: 2 },
		seed: 7,
		time_limit_s: 60,
		// A probe that this machine happens to have would lengthen every window to what it resolves.
		probes: [],
		...changes,
	});
}
