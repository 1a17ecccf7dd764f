// What watching costs: the share of one core that the harness takes with powercap polled at 10 Hz, beside the same
// windows unwatched, in one run. Goal: under 1 %.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { powercapProbe } from "../src/energy/powercap.js";
import { detectMeters, type Meter } from "../src/measurement/meters.js";
import { measureWindow } from "../src/measurement/window.js";

const window_s = 10;
const pairs = 3;

/** A tree of two sockets, each with cores, uncore and DRAM, and a platform: nine counters. */
function tree(): string {
	const root = mkdtempSync(join(tmpdir(), "powercap-"));
	const zone = (id: string, name: string) => {
		mkdirSync(join(root, id));
		for (const [file, content] of Object.entries({ name, energy_uj: "1000000", max_energy_range_uj: "262143328850" }))
			writeFileSync(join(root, id, file), `${content}\n`);
	};
	for (const socket of [0, 1]) {
		zone(`intel-rapl:${socket}`, `package-${socket}`);
		["core", "uncore", "dram"].forEach((name, i) => {
			zone(`intel-rapl:${socket}:${i}`, name);
		});
	}
	zone("intel-rapl:2", "psys");
	return root;
}

/** CPU time of this process, user and system, over a window of the harness whose batches wait: s a second. */
async function share(meters: readonly Meter[]): Promise<number> {
	const waiting = { cpuOf: "self" as const, runBatch: () => sleep(500, undefined) };
	const length = { atLeast_s: window_s, atLeastBatches: 1 };
	const { elapsed_s, cpu_s } = await measureWindow(waiting, length, meters, new AbortController().signal);
	if (cpu_s.status === "unavailable") throw new Error(cpu_s.reason);
	return cpu_s.value / elapsed_s;
}

const root = tree();
try {
	const runner = { type: "arithmetic", work: 1, request_unit: "step" } as const;
	const { available } = await detectMeters({ probes: ["powercap"], runner }, [powercapProbe({ root, period_s: 0.1 })]);
	const shares: { watched: number; alone: number }[] = [];
	for (let i = 0; i < pairs; i++) shares.push({ watched: await share(available), alone: await share([]) });
	const mean = (of: "watched" | "alone") => (100 * shares.reduce((sum, entry) => sum + entry[of], 0)) / pairs;
	const [watched, alone] = [mean("watched"), mean("alone")];
	console.log(
		`powercap at 10 Hz, 9 counters: ${watched.toFixed(3)} % of one core, ${alone.toFixed(3)} % unwatched; ` +
			`watching costs ${(watched - alone).toFixed(3)} % (goal < 1 %)`,
	);
} finally {
	rmSync(root, { recursive: true });
}
