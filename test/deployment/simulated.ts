import type { Decision, DeployedRun } from "../../src/deployment/deployedRun.js";
import { served } from "../../src/deployment/phases.js";
import type { PowerLog } from "../../src/deployment/powerLog.js";
import { type Serving, type ServingProfile, servingOf } from "../../src/deployment/serving.js";
import { seeded } from "../../src/random.js";

/** Two stages, a light and a heavy variant each. */
export const profile: ServingProfile = [
	{
		stage: "detect",
		variants: [
			{ variant: "n", cores: 1, throughput_rps: 15, accuracy_pct: 45 },
			{ variant: "s", cores: 1, throughput_rps: 6, accuracy_pct: 57 },
		],
	},
	{
		stage: "classify",
		variants: [
			{ variant: "18", cores: 1, throughput_rps: 18, accuracy_pct: 70 },
			{ variant: "101", cores: 1, throughput_rps: 6, accuracy_pct: 77 },
		],
	},
];

export const serving = (variants: string, replicas: string): Serving =>
	servingOf(profile, { variants: variants.split("+"), replicas: replicas.split("+").map(Number) });

/** What really drew power in a made-up node, W. */
export const truth = { floor_w: 75, serving_w: 77, busy_w: 11, idle_core_w: 0.1 };

export interface Simulated {
	readonly run: string;
	readonly load_rps: ArrayLike<number>;
	readonly started: Serving;
	readonly decisions?: readonly Decision[];
	/** Whether the node runs what was decided. */
	readonly acted?: boolean;
	readonly seed: number;
	/** The run's own level beside the others, W. */
	readonly drift_w?: number;
	readonly start_s?: number;
	readonly after_s?: number;
}

/** A run of a made-up node: rest, set-up, load, tear-down, with noise that remembers itself for some seconds. */
export function simulate(given: Simulated): DeployedRun {
	const { run, load_rps, started, decisions = [], acted = false, drift_w = 0, start_s = 60, after_s = 120 } = given;
	const random = seeded(given.seed);
	const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	const serves = served(load_rps, started.capacity_rps);
	const seconds = start_s + load_rps.length + after_s;
	let memory = 0;
	const package_j = Float64Array.from({ length: seconds }, (_, second) => {
		memory = 0.7 * memory + 1.2 * normal();
		const t = second - start_s;
		const inLoad = t >= 0 && t < load_rps.length;
		const now = acted ? decisions.findLast(({ t_s }) => t_s <= t)?.serving : undefined;
		const rate =
			now !== undefined && inLoad ? Math.min(load_rps[t] as number, now.capacity_rps) : (serves[Math.max(0, t)] ?? 0);
		const own = now ?? started;
		const busy = t < 0 ? 0 : rate * own.busy_core_s_per_request;
		const deployed = t >= -start_s + 10;
		const level = inLoad ? truth.serving_w : deployed && t < 0 ? truth.floor_w + 6 : truth.floor_w + 1;
		return level + drift_w + (deployed ? truth.idle_core_w * own.cost_cores : -1) + truth.busy_w * busy + memory;
	});
	const log: PowerLog = { name: run, end_s: Float64Array.from(package_j, (_, i) => 1.0002 * (i + 1)), package_j };
	return { run, system: run, workload: "made up", log, load_rps, started, decisions };
}

/** A load that wanders between a low and a high rate, requests in each second. */
export function wandering(low: number, high: number, length: number, seed: number): number[] {
	const random = seeded(seed);
	let level = 0.5;
	return Array.from({ length }, (_, second) => {
		if (second % 15 === 0) level = Math.min(1, Math.max(0, level + (random() - 0.5) * 0.8));
		return Math.round(low + (high - low) * level + (random() - 0.5));
	});
}
