import { join } from "node:path";
import { expect, test } from "vitest";
import { compareSystems } from "../../src/adaptation/compareSystems.js";
import { predictor } from "../../src/adaptation/predictors.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readWindows } from "../../src/datasets/trace.js";
import { readLstm } from "../../src/ipa/lstmFile.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";

/**
 * Why FA2-high breaks the SLA on the bursty window, worked out apart from the simulation. Of the load per second and the
 * capacity of the plans (read off once, below), a fluid passes the slower stage: what arrives in second t leaves when as
 * much as arrived by then has been served. Late is what waits longer than the SLA less the service times.
 */
test("FA2-high on the bursty window: the late requests are those of a fluid queue behind the same capacities", async () => {
	const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
	const { weights } = await readLstm(join(packageRoot, "data/models/lstm.json"));
	const load = windows.get("bursty")?.rps_damped8 as Int32Array;
	const [row] = compareSystems(await readPipeline(), load, {
		predictor: predictor("lstm", weights),
		systems: ["fa2-high"],
	});
	if (row?.outcome.status !== "served") throw new Error("not served");
	const { served } = row.outcome;

	// The load leaps from 6 to 16 at 387 s and to 25 by 407 s. Capacity of yolov5x (0.204 s) and resnet152, requests/s:
	const capacity = (second: number) => (second < 395 ? 9.8 : second < 405 ? 14.7 : second < 415 ? 23.8 : 29.4);
	const service_s = 0.204 + 0.27;
	const sla_s = 3.59;
	let arrived = 0;
	let servedSoFar = 0;
	let late = 0;
	for (let second = 370; second < 500; second++) {
		const now = load[second] as number;
		arrived += now;
		// Seconds until the fluid that is ahead has been served at the capacities to come.
		let ahead = arrived - now / 2 - servedSoFar;
		let wait_s = 0;
		while (ahead > capacity(second + wait_s)) ahead -= capacity(second + wait_s++);
		wait_s += ahead / capacity(second + wait_s);
		if (wait_s + service_s > sla_s) late += now;
		servedSoFar = Math.min(arrived, servedSoFar + capacity(second));
	}
	expect(late).toBeGreaterThan(600);
	expect(Math.abs(served.violations - late)).toBeLessThan(0.1 * late);
	expect(served.violationsByInterval.subarray(0, 38).every((count) => count === 0)).toBe(true);
});
