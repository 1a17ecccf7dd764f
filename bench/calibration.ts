/** How long the choice of the next cell takes: 1,000 cells, 80 scenarios, 20 measured, on one core: CPU time, held against 0.5 s. */

import { drawScenarios } from "../src/calibration/belief.js";
import { nextCells, startCalibration, withMeasurement } from "../src/calibration/calibration.js";
import type { CalibrationCell } from "../src/calibration/cells.js";
import { pricesOf } from "../src/calibration/replay.js";
import { seeded } from "../src/random.js";

const cells = Array.from({ length: 1000 }, (_, i): CalibrationCell => {
	const [variant, rest] = [i % 10, Math.floor(i / 10)];
	const [batch, runtime] = [2 ** (rest % 10), Math.floor(rest / 10) % 5];
	const allocation = rest < 50 ? 2 : 4;
	const latency_s = (0.01 * (variant + 1) * batch ** 0.8 * (1 + runtime / 5)) / allocation;
	const accuracy_pct = 60 + 2 * variant;
	return {
		id: String(i),
		variant: `v${variant}`,
		allocation,
		batch,
		knobs: { runtime: `r${runtime}` },
		latency_s,
		throughput_rps: batch / latency_s,
		accuracy_pct,
	};
});
const random = seeded(1);
const power_w = cells.map(
	({ allocation, batch, knobs }) =>
		(5 + 4 * allocation) * (knobs.runtime === "r1" ? 1.5 : 1) * batch ** 0.05 * Math.exp(0.05 * random()),
);
const energies = cells.map(({ throughput_rps }, i) => (power_w[i] as number) / throughput_rps);
const scenarios = drawScenarios(cells, seeded(2), pricesOf(cells, energies));
let calibration = startCalibration(cells, scenarios, random);
const choices: number[] = [];
const updates: number[] = [];
for (let k = 0; k < 20; k++) {
	const began = process.cpuUsage().user / 1000;
	const [cell = 0] = nextCells(calibration, random);
	const chosen = process.cpuUsage().user / 1000;
	calibration = withMeasurement(calibration, { cell, power_w: power_w[cell] as number, relative_se: 0 }, random);
	choices.push(chosen - began);
	updates.push(process.cpuUsage().user / 1000 - chosen);
}
const middle = (times: readonly number[]) => [...times].sort((a, b) => a - b)[times.length >> 1] as number;
console.log(
	`next of 1,000 cells, 80 scenarios: median ${middle(choices).toFixed(0)} ms, longest ${Math.max(...choices).toFixed(0)} ms (goal 500)`,
);
console.log(
	`taking a measurement in: median ${middle(updates).toFixed(0)} ms, longest ${Math.max(...updates).toFixed(0)} ms`,
);
