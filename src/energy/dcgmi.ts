import { type BoardChoice, chosenBoards } from "./boards.js";
import { type Count, type Counter, countFrom, countOn, type Observation } from "./counter.js";
import { ceilings_w, decimal } from "./plausible.js";
import { type DomainEnergy, type Outcome, type Probe, type Refusal, readingOf, refuse } from "./reading.js";
import { firstLine, runTool } from "./tool.js";

export interface DcgmiOptions {
	/** The program: a name on PATH, or a path. */
	readonly command?: string;
	/** More than any one board draws, W. */
	readonly ceiling_w?: number;
	/** Which boards count; by default all. */
	readonly boards?: BoardChoice | undefined;
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
export function dcgmiProbe({ command = "dcgmi", ceiling_w = ceilings_w.board, boards }: DcgmiOptions = {}): Probe {
	let known: Promise<ReadonlyMap<number, Identity>> | undefined;
	// Asked once, and only where boards are chosen: each call of the tool lies within a window.
	const identify = () => {
		known ??= boards === undefined ? Promise.resolve(new Map()) : identities(command);
		return known;
	};
	const now = async () => counters(command, boards, await identify());
	return {
		name,
		minimumWindow_s: 10,
		detect: async () => {
			const found = await now();
			if (found.status === "refused") {
				const { cause, reason, remedy: how } = found;
				return { status: "unavailable", cause, reason, ...(how === undefined ? {} : { remedy: how }) };
			}
			return { status: "available", covers: ["board"], detail: `${command}: ${[...found.boards.keys()].join(", ")}` };
		},
		start: async () => {
			const first = await now();
			return {
				stop: async () => (first.status === "refused" ? first : outcomeOf(first, await now(), ceiling_w)),
			};
		},
	};
}

interface Boards {
	readonly status: "boards";
	readonly boards: ReadonlyMap<string, Observation>;
	/** Boards that MIG splits: the counter is of all of each. */
	readonly split: readonly string[];
	readonly totalRule: string;
}

/** The counters now. A request that fails is made once more: they have gone on, so nothing is lost. */
async function counters(...asked: Parameters<typeof countersOnce>): Promise<Boards | Refusal> {
	const answer = await countersOnce(...asked);
	return answer.status === "refused" && answer.cause === "command-failed" ? countersOnce(...asked) : answer;
}

async function countersOnce(
	command: string,
	choice: BoardChoice | undefined,
	known: ReadonlyMap<number, Identity>,
): Promise<Boards | Refusal> {
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
	const rows = [...result.stdout.matchAll(/^\s*GPU\s+(\d+)\s+(\S+)\s+(\S+)\s*$/gm)].map(
		([, gpu = "", text = "", mig = ""]) => ({ index: Number(gpu), text, mig }),
	);
	if (rows.length === 0) return refuse(name, "absent", `${command} lists no GPU`, remedy);
	const chosen = chosenBoards(
		choice,
		rows.map((row) => ({ ...row, ...known.get(row.index) })),
	);
	if (chosen.status === "fault") return refuse(name, chosen.cause, chosen.reason, chosen.remedy);
	const boards = new Map<string, Observation>();
	const split: string[] = [];
	for (const { index, text, mig } of chosen.boards) {
		if (text === "N/A") return refuse(name, "not-supported", `GPU ${index} has no energy counter`);
		const value_mj = decimal(text);
		if (value_mj === undefined || value_mj < 0)
			return refuse(name, "malformed", `${command}: GPU ${index} shows ${JSON.stringify(text)}`);
		// DCGM's blanks of a 64-bit integer lie at its very end.
		if (value_mj >= 2 ** 63 - 1024) return refuse(name, "not-supported", `GPU ${index} gives DCGM's blank value`);
		if (boards.has(`GPU ${index}`)) return refuse(name, "malformed", `${command} lists GPU ${index} twice`);
		if (mig === "1") split.push(`GPU ${index}`);
		boards.set(`GPU ${index}`, { value_j: value_mj / 1000, notBefore_s, notAfter_s });
	}
	return { status: "boards", boards, split, totalRule: chosen.rule };
}

interface Identity {
	readonly uuid: string;
	readonly model: string;
}

/** UUIDs and models by index, of `dcgmi discovery -l`; none where it does not say. */
async function identities(command: string): Promise<ReadonlyMap<number, Identity>> {
	const result = await runTool(command, ["discovery", "-l"], 20);
	const found = new Map<number, Identity>();
	if (result.status !== "ended") return found;
	for (const block of result.stdout.split(/^\|\s*(?=\d+\s*\|)/m).slice(1)) {
		const [, index = ""] = /^(\d+)/.exec(block) ?? [];
		const [, uuid = ""] = /Device UUID:\s*(GPU-\S+)/.exec(block) ?? [];
		const [, model = ""] = /Name:\s*(.*?)\s*\|/.exec(block) ?? [];
		found.set(Number(index), { uuid, model });
	}
	return found;
}

function outcomeOf(first: Boards, last: Boards | Refusal, ceiling_w: number): Outcome {
	if (last.status === "refused") return last;
	const counter: Counter = { range_j: Number.POSITIVE_INFINITY, ceiling_w, update_s };
	const late = [...last.boards.keys()].find((board) => !first.boards.has(board));
	if (late !== undefined) return refuse(name, "absent", `${late} was not there at the beginning of the window`);
	const gone = [...first.boards.keys()].find((board) => !last.boards.has(board));
	if (gone !== undefined) return refuse(name, "absent", `${gone} was gone at the end of the window`);
	const domains: DomainEnergy[] = [];
	let duration_s = 0;
	for (const [domain, before] of first.boards) {
		const after = last.boards.get(domain) as Observation;
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
	return readingOf(name, { domains, totalRule: first.totalRule, duration_s, samples: 2, caveats });
}

function elapsed({ first, last }: Count): number {
	return last.notAfter_s - first.notAfter_s;
}
