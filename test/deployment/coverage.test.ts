import { expect, test } from "vitest";
import { deployment } from "../../src/deployment/deployment.js";
import { seeded } from "../../src/random.js";
import { serving, simulate, truth, wandering } from "./simulated.js";

const loads = [wandering(3, 6, 300, 1), wandering(3, 24, 300, 2), wandering(15, 24, 300, 3)];
const systems = [serving("n+18", "1+1"), serving("n+18", "1+1"), serving("n+18", "3+3"), serving("s+101", "1+1")];

/** Twelve runs of a made-up node, four systems under three loads, each with a level of its own. */
function runsOf(data: number) {
	const random = seeded(1000 + data);
	const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	return loads.flatMap((load_rps, l) =>
		systems.map((started, s) => {
			const run = `${l}-${s}`;
			const given = { run, load_rps, started, seed: 100 * data + 10 * l + s, drift_w: 0.4 * normal() };
			return { ...simulate({ ...given, start_s: 40, after_s: 60 }), workload: String(l), system: String(s) };
		}),
	);
}

// Of 40 data sets the truth is inside in 38 (busy core), 38 (floor), 36 (idle core after the load), and in 31 of the 34 in which the
// lowest load is found in every run (idle core under low load, allocated core): 91 to 95 %.
test("intervals hold what is true of a made-up node whose runs drift by 0.4 W", () => {
	const sets = 40;
	const held: Record<string, boolean[]> = { busy: [], floor: [], lowLoad: [], afterLoad: [], allocated: [] };
	const check = (name: string, estimate: { low?: number; high?: number } | undefined, value: number) => {
		if (estimate?.low === undefined || estimate.high === undefined) return;
		held[name]?.push(estimate.low <= value && value <= estimate.high);
	};
	for (let data = 0; data < sets; data++) {
		const found = deployment(runsOf(data), { seed: data, resamples: 200, level: 0.95, idle_s: 10 });
		expect(found.refused.length).toBeLessThanOrEqual(3);
		const { busy_cores: busy } = found;
		check("busy", busy.status === "fitted" ? busy.w_per_busy_core : undefined, truth.busy_w);
		check("floor", found.floor_w, truth.floor_w);
		check("lowLoad", found.idle_core_low_load_w, truth.idle_core_w);
		check("afterLoad", found.idle_core_after_load_w, truth.idle_core_w);
		const low = found.allocated_cores.find(({ workload }) => workload === "0");
		check("allocated", low?.w_per_allocated_core, truth.idle_core_w);
	}
	for (const own of Object.values(held)) {
		expect(own.length).toBeGreaterThan(25);
		expect(own.filter((inside) => inside).length / own.length).toBeGreaterThan(0.85);
	}
});
