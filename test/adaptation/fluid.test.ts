import { join } from "node:path";
import { expect, test } from "vitest";
import { compareSystems } from "../../src/adaptation/compareSystems.js";
import { readLstm } from "../../src/datasets/dataFiles.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readWindows } from "../../src/datasets/trace.js";
import { readPreset } from "../../src/published/presets.js";

/**
 * Why FA2-high is late on the bursty window, worked out apart from the simulation. Of the load per second and the
 * capacity of the plans in force, a fluid passes the slower stage: what arrives in second t leaves when as much as
 * arrived by then has been served. Late is what waits longer than the SLA less the service times.
 */
test("FA2-high on the bursty window: the late requests are those of a fluid queue behind the same capacities", async () => {
	const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
	const { weights: lstm } = await readLstm(join(packageRoot, "data/models/lstm.json"));
	const load = windows.get("bursty")?.rps_damped8 as Int32Array;
	// Nothing is dropped, as of a fluid nothing is.
	const preset = { ...(await readPreset("video")), drop_after_s: 1000 };
	const [row] = compareSystems(preset, load, { lstm, window: "bursty", only: ["fa2-high"] });
	if (row?.outcome.status !== "served") throw new Error("not served");
	const { served, steps } = row.outcome;

	// Requests/s of one replica, as published-points.csv has them at batch 1; the plans keep batch 1 in the leap.
	const rate = { yolov5s: 5.8001, resnet101: 5.4566 };
	const capacity = (second: number) => {
		const { plan } = steps.findLast(
			({ at_s, changed }) => at_s === 0 || (changed && at_s + 10 <= second),
		) as (typeof steps)[number];
		return Math.min(
			...plan.stages.map(({ variant, batch, replicas, latency_s }) => {
				if (batch === 1) expect(1 / latency_s).toBeCloseTo(rate[variant as keyof typeof rate], 2);
				return (replicas * batch) / latency_s;
			}),
		);
	};
	const service_s = 1 / rate.yolov5s + 1 / rate.resnet101;
	let arrived = 0;
	let servedSoFar = 0;
	let late = 0;
	for (let second = 370; second < 700; second++) {
		const now = load[second] as number;
		arrived += now;
		// Seconds until the fluid that is ahead has been served at the capacities to come.
		let ahead = arrived - now / 2 - servedSoFar;
		let wait_s = 0;
		while (ahead > capacity(second + wait_s)) ahead -= capacity(second + wait_s++);
		// From the middle of the second on, where it arrives.
		wait_s += ahead / capacity(second + wait_s) - 0.5;
		if (wait_s + service_s > 6.897) late += now;
		servedSoFar = Math.min(arrived, servedSoFar + capacity(second));
	}
	expect(late).toBeGreaterThan(200);
	expect(Math.abs(served.violations - late)).toBeLessThan(0.1 * late);
	expect(served.violationsByInterval.subarray(0, 38).every((count) => count === 0)).toBe(true);
});
