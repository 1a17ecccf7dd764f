import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decimal, type OwnWindow } from "./plausible.js";
import { type RaplZone, raplUpdate_s, raplZones, zoneEnergy } from "./raplZones.js";
import {
	type DomainEnergy,
	type Outcome,
	type Probe,
	type ProbeRun,
	type Refusal,
	readingOf,
	refuse,
} from "./reading.js";
import { firstLine, runTool, type ToolResult, toolWindow } from "./tool.js";
import { twinDies } from "./twinDies.js";

/** The summary that etrace2 writes at its end. */
export interface Etrace2Summary {
	readonly status: "summary";
	readonly elapsed_s: number;
	/** By socket number: what `ENERGY_SOCKETn` and `ENERGY_DRAMn` say, J. */
	readonly sockets: ReadonlyMap<number, number>;
	readonly dram: ReadonlyMap<number, number>;
	/** Intervals printed before it. */
	readonly rows: number;
}

/**
 * etrace2 0.1's output. `# ENERGY=` is left aside: with -i it is that of the last interval alone, while SOCKETn and
 * DRAMn are of the whole run. `malformed` names the line, or says what is missing: a run that was killed has no summary,
 * and one on a full disk is cut anywhere, with an exit code of 0.
 */
export function parseEtrace2(text: string): Etrace2Summary | { readonly status: "malformed"; readonly reason: string } {
	const sockets = new Map<number, number>();
	const dram = new Map<number, number>();
	let elapsed_s: number | undefined;
	let rows = 0;
	if (!text.endsWith("\n") && text !== "") return { status: "malformed", reason: "the last line is not whole" };
	for (const line of text.split("\n")) {
		if (/^\s*\d/.test(line)) rows += 1;
		const [, field = "", shown = ""] = /^# (\w+)=(.*)$/.exec(line) ?? [];
		const [, domain, socket] = /^ENERGY_(SOCKET|DRAM)(\d+)$/.exec(field) ?? [];
		if (field !== "ELAPSED" && domain === undefined) continue;
		const value = /^-?\d+\.\d+$/.test(shown) ? decimal(shown) : undefined;
		if (value === undefined) return { status: "malformed", reason: `no number: ${JSON.stringify(line)}` };
		const into = domain === "DRAM" ? dram : sockets;
		if (field === "ELAPSED" ? elapsed_s !== undefined : into.has(Number(socket)))
			return { status: "malformed", reason: `a second ${field}` };
		if (field === "ELAPSED") elapsed_s = value;
		else into.set(Number(socket), value);
	}
	if (elapsed_s === undefined) return { status: "malformed", reason: "no # ELAPSED= line" };
	if (sockets.size === 0) return { status: "malformed", reason: "no # ENERGY_SOCKETn= line" };
	return { status: "summary", elapsed_s, sockets, dram, rows };
}

export interface Etrace2Options {
	/** The program: a name on PATH, or a path. */
	readonly command?: string;
	/** The powercap tree that etrace2 reads, for what its sockets are. */
	readonly root?: string;
}

const name = "etrace2";
/**
 * It resolves one wrap between two of its readings, so it is made to read often; and it notices that its command has
 * ended at its next reading only, so the window goes on for up to an interval.
 */
const interval_s = 0.1;
/** Its sums begin with a reading 10 ms before the one that its time begins with; RAPL moves once in 1 ms. */
const leadIn_s = 0.011;

/** Chameleon's etrace2: `etrace2 -i 0.1 -r -o FILE`, over a command that waits. */
export function etrace2Probe({ command = name, root = "/sys/class/powercap" }: Etrace2Options = {}): Probe {
	return {
		name,
		minimumWindow_s: 10,
		detect: async () => {
			const help = await runTool(command, ["-h"]);
			const outcome = help.status === "absent" ? absent(command) : (unreadable(root) ?? (await tryOut(command, root)));
			if (outcome.status === "refused") {
				const { cause, reason, remedy } = outcome;
				return { status: "unavailable", cause, reason, ...(remedy === undefined ? {} : { remedy }) };
			}
			return { status: "available", covers: outcome.covers, detail: `${command}: ${outcome.totalRule}` };
		},
		start: async () => {
			const refusal = unreadable(root);
			return refusal === undefined ? watch(command, root) : { stop: async () => refusal };
		},
	};
}

/** A window of its own, as short as it can be. */
async function tryOut(command: string, root: string): Promise<Outcome> {
	const run = await watch(command, root);
	return run.stop();
}

async function watch(command: string, root: string): Promise<ProbeRun> {
	const folder = await mkdtemp(join(tmpdir(), "etrace2-")).catch(() => undefined);
	if (folder === undefined)
		return { stop: async () => refuse(name, "command-failed", "no temporary folder can be made for its output") };
	const file = join(folder, "out");
	const window = await toolWindow(command, argv(file));
	// The command runs before the first reading: the header follows it.
	const deadline = performance.now() + 2000;
	while (window.began && !(await written(file)).includes("# Time") && performance.now() < deadline) await sleep(2);
	return {
		stop: async () => {
			try {
				const { result, own } = await window.end();
				return await outcomeOf(command, root, file, result, own);
			} finally {
				await rm(folder, { recursive: true, force: true });
			}
		},
	};
}

function argv(file: string): string[] {
	return ["-i", String(interval_s), "-r", "-o", file];
}

async function written(file: string): Promise<string> {
	return readFile(file, "utf8").catch(() => "");
}

/** Refused before it starts: without access etrace2 ends, and its command goes on. */
function unreadable(root: string): Refusal | undefined {
	const found = raplZones(root);
	if (found.status === "fault") return refuse(name, found.cause, found.reason, found.remedy);
	for (const zone of found.zones) {
		const value = zone.covers === "package" ? zoneEnergy(zone) : 0;
		if (typeof value !== "number") return refuse(name, value.cause, value.reason, value.remedy);
	}
	return undefined;
}

async function outcomeOf(
	command: string,
	root: string,
	file: string,
	result: ToolResult,
	own: OwnWindow,
): Promise<Outcome> {
	if (result.status === "absent") return absent(command);
	if (result.status === "broken") return refuse(name, "command-failed", `${command}: ${result.reason}`);
	// Its exit code is 0 even where its command failed; 1 where it could not begin.
	if (result.exitCode !== 0)
		return /raplreader_init/.test(result.stderr)
			? refuse(name, "no-access", `${command}: ${firstLine(result.stderr)}`, "run as root")
			: refuse(name, "command-failed", `${command} ended with ${result.exitCode}: ${firstLine(result.stderr)}`);
	const summary = parseEtrace2(await written(file));
	return summary.status === "malformed"
		? refuse(name, "malformed", `${command}: ${summary.reason}`)
		: readingOfSummary(summary, root, own);
}

function readingOfSummary(summary: Etrace2Summary, root: string, own: OwnWindow): Outcome {
	const { elapsed_s, sockets, dram, rows } = summary;
	// etrace2 takes every top zone of the tree for a socket, each psys among them.
	const found = raplZones(root);
	if (found.status === "fault") return refuse(name, found.cause, found.reason, found.remedy);
	const zones = new Map(found.zones.map((zone) => [zone.id, zone]));
	const stranger = [...sockets.keys()].find((socket) => !zones.has(`intel-rapl:${socket}`));
	if (stranger !== undefined)
		return refuse(name, "malformed", `SOCKET${stranger}: ${root} has no package or psys intel-rapl:${stranger}`);
	const missing = missingPart(summary, found.zones);
	if (missing !== undefined) return refuse(name, "malformed", missing);
	const domain = (covers: "package" | "dram", socket: number, energy_j: number): DomainEnergy => ({
		domain: `${covers}-${socket}`,
		covers,
		energy_j,
		resolution_j: Math.max(1e-6, (energy_j / elapsed_s) * leadIn_s),
		// It resolves wraps, and does not tell of them.
		wraps: 0,
		inTotal: true,
	});
	const caveats: string[] = [];
	const domains = [...sockets].map(([socket, energy_j]): DomainEnergy => {
		const entry = domain("package", socket, energy_j);
		const zone = zones.get(`intel-rapl:${socket}`);
		if (zone?.covers !== "psys") return entry;
		caveats.push(`SOCKET${socket} is ${zone.domain}, which contains packages: not in the total`);
		return { ...entry, domain: zone.domain, covers: "psys", inTotal: false };
	});
	const mirrored = mirroredDies(domains, found.zones, elapsed_s);
	if (mirrored !== undefined)
		return refuse(
			name,
			"overlapping-domains",
			`${mirrored.join(", ")}: dies that counted the same, one counter or several?`,
		);
	return readingOf(name, {
		domains: [...domains, ...[...dram].map(([socket, energy_j]) => domain("dram", socket, energy_j))],
		totalRule: "sum of SOCKETn and DRAMn",
		duration_s: elapsed_s,
		samples: rows + 2,
		caveats,
		own,
	});
}

/** A part of the machine that the summary lacks: a cut file, or a counter that was not read, is not summed without it. */
function missingPart({ sockets, dram }: Etrace2Summary, zones: readonly RaplZone[]): string | undefined {
	const packages = zones.filter(({ covers }) => covers === "package").map(({ id }) => Number(id.split(":")[1]));
	const inTree = zones.filter(({ covers }) => covers === "dram").map(({ id }) => Number(id.split(":")[1]));
	const socket = packages.find((number) => !sockets.has(number));
	if (socket !== undefined) return `no ENERGY_SOCKET${socket}, which the tree has a package of`;
	// A tree may show no memory at all: then each package has it or none.
	const expected = inTree.length > 0 ? inTree : dram.size > 0 ? packages : [];
	const memory = expected.find((number) => !dram.has(number));
	return memory === undefined ? undefined : `no ENERGY_DRAM${memory}, which ENERGY_SOCKET${memory} belongs to`;
}

/** Dies of one socket, each a SOCKETn to etrace2, that may be one counter. */
function mirroredDies(
	sockets: readonly DomainEnergy[],
	zones: readonly RaplZone[],
	elapsed_s: number,
): readonly string[] | undefined {
	const energyOf = new Map(sockets.map((entry) => [entry.domain.replace("package-", "intel-rapl:"), entry]));
	const dies = zones.flatMap(({ id, socket, covers }) => {
		const energy_j = covers === "package" ? energyOf.get(id)?.energy_j : undefined;
		// To within an update of RAPL's, as all are read at once.
		return energy_j === undefined ? [] : [{ id, socket, energy_j, step_j: (energy_j / elapsed_s) * raplUpdate_s }];
	});
	return twinDies(dies)?.map(({ id }) => id.replace("intel-rapl:", "SOCKET"));
}

function absent(command: string): Refusal {
	return refuse(
		name,
		"absent",
		`${command} is not installed`,
		"git clone https://github.com/ChameleonCloud/intercoolr && make -C intercoolr etrace2 && sudo cp intercoolr/etrace2 /usr/local/bin",
	);
}
