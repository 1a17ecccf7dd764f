import { type Count, type Counter, countFrom, countOn, type Observation } from "./counter.js";
import type { Probe } from "./probe.js";
import { type DomainEnergy, type Outcome, type Refusal, readingOf, refuse } from "./reading.js";
import { firstLine, runTool } from "./tool.js";

export interface DcgmiOptions {
	/** The program: a name on PATH, or a path. */
	readonly command?: string;
	/** More than any one board draws, W. */
	readonly ceiling_w?: number;
}

const name = "dcgm";
/** DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION, mJ since the driver was loaded (Volta and newer). */
const energyField = "156";
/** DCGM_FI_DEV_MIG_MODE: 1 where MIG splits the board. */
const migField = "67";
const remedy = "sudo apt-get install datacenter-gpu-manager && sudo systemctl start nvidia-dcgm";
/** How late the counter may be: NVML moves it every 20 to 100 ms, and DCGM caches it for up to a second. */
const update_s = 1.1;

/** The boards' own energy counters, by `dcgmi dmon`, read at the beginning and the end of the window. */
export function dcgmiProbe({ command = "dcgmi", ceiling_w = 2000 }: DcgmiOptions = {}): Probe {
	return {
		name,
		minimumWindow_s: 10,
		detect: async () => {
			const found = await counters(command);
			if (found.status === "refused") {
				const { cause, reason, remedy: how } = found;
				return { status: "unavailable", cause, reason, ...(how === undefined ? {} : { remedy: how }) };
			}
			return { status: "available", covers: ["board"], detail: `${command}: ${[...found.boards.keys()].join(", ")}` };
		},
		start: async () => {
			const first = await counters(command);
			return {
				stop: async () => (first.status === "refused" ? first : outcomeOf(first, await counters(command), ceiling_w)),
			};
		},
	};
}

interface Boards {
	readonly status: "boards";
	readonly boards: ReadonlyMap<string, Observation>;
	/** Boards that MIG splits: the counter is of all of each. */
	readonly split: readonly string[];
}

async function counters(command: string): Promise<Boards | Refusal> {
	const notBefore_s = performance.now() / 1000;
	const result = await runTool(command, ["dmon", "-e", `${energyField},${migField}`, "-d", "100", "-c", "1"], 20);
	const notAfter_s = performance.now() / 1000;
	if (result.status === "absent") return refuse(name, "absent", `${command} is not installed`, remedy);
	if (result.status === "broken") return refuse(name, "command-failed", `${command}: ${result.reason}`);
	if (result.exitCode !== 0)
		return refuse(
			name,
			"command-failed",
			`${command} ended with ${result.exitCode}: ${firstLine(`${result.stderr}\n${result.stdout}`)}`,
			remedy,
		);
	const boards = new Map<string, Observation>();
	const split: string[] = [];
	for (const [, gpu, text, mig] of result.stdout.matchAll(/^\s*GPU\s+(\d+)\s+(\S+)\s+(\S+)\s*$/gm)) {
		if (text === "N/A") return refuse(name, "not-supported", `GPU ${gpu} has no energy counter`);
		const value_mj = Number(text);
		if (!(value_mj >= 0 && Number.isFinite(value_mj)))
			return refuse(name, "malformed", `${command}: GPU ${gpu} shows ${JSON.stringify(text)}`);
		// DCGM's blanks of a 64-bit integer lie at its very end.
		if (value_mj >= 2 ** 63 - 1024) return refuse(name, "not-supported", `GPU ${gpu} gives DCGM's blank value`);
		if (mig === "1") split.push(`GPU ${gpu}`);
		boards.set(`GPU ${gpu}`, { value_j: value_mj / 1000, notBefore_s, notAfter_s });
	}
	return boards.size === 0
		? refuse(name, "absent", `${command} lists no GPU`, remedy)
		: { status: "boards", boards, split };
}

function outcomeOf(first: Boards, last: Boards | Refusal, ceiling_w: number): Outcome {
	if (last.status === "refused") return last;
	const counter: Counter = { range_j: Number.POSITIVE_INFINITY, ceiling_w, update_s };
	const domains: DomainEnergy[] = [];
	let duration_s = 0;
	for (const [domain, before] of first.boards) {
		const after = last.boards.get(domain);
		if (after === undefined) return refuse(name, "absent", `${domain} was gone at the end of the window`);
		const counted = countOn(counter, countFrom(before), after);
		if (counted.status === "fault") return refuse(name, counted.cause, `${domain}: ${counted.reason}`);
		duration_s = elapsed(counted);
		domains.push({
			domain,
			covers: "board",
			energy_j: counted.energy_j,
			resolution_j: Math.max(1e-3, (counted.energy_j / duration_s) * update_s),
			wraps: 0,
			inTotal: true,
		});
	}
	// Slices may have been made or removed in between.
	const split = [...new Set([...first.split, ...last.split])];
	const caveats = split.map((board) => `${board} is split by MIG: the energy is of the whole board, never of a slice`);
	return readingOf(name, { domains, totalRule: "sum of the boards", duration_s, samples: 2, caveats });
}

function elapsed({ first, last }: Count): number {
	return last.notAfter_s - first.notAfter_s;
}
