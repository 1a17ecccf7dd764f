import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { knownProbes } from "../../src/energy/probes.js";
import type { Outcome, Probe, ProbeRun } from "../../src/energy/reading.js";
import { fakePowercap, setEnergy } from "./fakePowercap.js";
import type { RaplScenario } from "./raplScenarios.js";

/** A reader of a tree. `dropped`: this process is root, and the reader must not read what modes deny. */
export type TreeReader<Answer> = (
	root: string,
	scenario: RaplScenario,
	dropped: boolean,
) => Promise<TreeWindow<Answer>>;

export interface TreeWindow<Answer> {
	/** Resolves once it watches. */
	readonly begin: () => Promise<void>;
	/** What it saw since. */
	readonly end: () => Promise<Answer>;
	/** Stops its processes and lets them go on, where it has any of its own. */
	readonly hold?: (stopped: boolean) => void;
}

const step_ms = 5;
const nobody = 65534;

/** Lays the scenario's tree, lets every reader begin, moves the counters, and asks each reader. */
export async function raplWindow<Answer>(
	scenario: RaplScenario,
	readers: readonly TreeReader<Answer>[],
): Promise<readonly Answer[]> {
	const root = fakePowercap(scenario.zones);
	const base = join(root, "..", "..");
	chmodSync(base, 0o755);
	for (const id of scenario.unreadable ?? []) chmodSync(join(root, id, "energy_uj"), 0);
	// Root reads what nobody may.
	const dropped = scenario.unreadable !== undefined && process.geteuid?.() === 0;
	try {
		const windows = await Promise.all(readers.map((reader) => reader(root, scenario, dropped)));
		for (const { begin } of windows) await begin();
		for (const { hold } of windows) if (scenario.held) hold?.(true);
		for (const step of scenario.steps) {
			for (const [id, energy_uj] of Object.entries(step))
				if (!scenario.unreadable?.includes(id)) setEnergy(root, id, energy_uj);
			// Held, as a batch that computes in this thread holds it: no timer runs either.
			if (scenario.held) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, step_ms);
			else await sleep(step_ms);
		}
		for (const { hold } of windows) if (scenario.held) hold?.(false);
		// At once: what one reader takes to end would lengthen the window of the next.
		return await Promise.all(windows.map(({ end }) => end()));
	} finally {
		rmSync(base, { recursive: true, force: true });
	}
}

/** Ours, as a user has it: the probe powercap among the known ones, by the variable that names the tree. */
export const ours: TreeReader<Outcome> = async (root, _, dropped) => {
	const probe = knownProbes({ SUSTAINABLE_IPA_POWERCAP_ROOT: root }).find(({ name }) => name === "powercap") as Probe;
	let run: ProbeRun | undefined;
	return {
		begin: () =>
			as(dropped, async () => {
				run = await probe.start();
			}),
		end: () => as(dropped, async () => (run as ProbeRun).stop()),
	};
};

async function as<T>(dropped: boolean, work: () => Promise<T>): Promise<T> {
	if (!dropped) return work();
	process.seteuid?.(nobody);
	try {
		return await work();
	} finally {
		process.seteuid?.(0);
	}
}
