import { execa } from "execa";
import { inMessage } from "../units.js";
import { type Board, type BoardChoice, chosenBoards } from "./boards.js";
import { calendarInstant, ceilingOf, ceilings_w, decimal, type OwnWindow } from "./plausible.js";
import { integrate, type PowerSample } from "./powerSamples.js";
import {
	type Detection,
	type DomainEnergy,
	type Outcome,
	type Probe,
	type ProbeRun,
	type Refusal,
	readingOf,
	refuse,
} from "./reading.js";
import { firstLine, runTool, type ToolResult } from "./tool.js";

/**
 * A line of nvidia-smi's query: timestamp, uuid, name, power, and MIG mode where the driver knows it. `missing`: the GPU
 * gives no power. `warning`: of a fault with which the GPU goes on working, as a corrupted infoROM.
 */
export type NvidiaLine =
	| {
			readonly status: "sample";
			/** Of the tool's own clock, s: differences alone mean something. */
			readonly time_s: number;
			readonly uuid: string;
			readonly gpu: string;
			readonly power_w: number;
			readonly mig: boolean;
	  }
	| { readonly status: "missing" | "malformed"; readonly reason: string; readonly uuid?: string; readonly gpu?: string }
	| { readonly status: "warning"; readonly reason: string };

const timestamp = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2}):(\d{2})\.(\d{3})$/;

/** Reads `2024/05/17 10:00:00.123, GPU-…, NVIDIA H100, 71.23, Disabled`; missing values are in brackets. */
export function parseNvidiaLine(line: string): NvidiaLine {
	if (/^\s*WARNING:/i.test(line)) return { status: "warning", reason: line.trim().slice(0, 200) };
	const [time = "", uuid = "", gpu = "", power = "", mig = "", ...more] = line.trim().split(", ");
	const parts = timestamp.exec(time);
	const time_s = parts === null ? undefined : calendarInstant(parts.slice(1).map(Number));
	if (time_s === undefined || !uuid.startsWith("GPU-") || more.length > 0)
		return { status: "malformed", reason: `nvidia-smi said ${JSON.stringify(line.trim().slice(0, 120))}` };
	if (/^\[.*\]$/.test(power)) return { status: "missing", reason: `${uuid} gives no power: ${power}`, uuid, gpu };
	const power_w = decimal(power);
	if (power_w === undefined || power_w < 0 || power_w > ceilings_w.board)
		return { status: "malformed", reason: `${uuid}: a power of ${JSON.stringify(power)} W`, uuid, gpu };
	return { status: "sample", time_s, uuid, gpu, power_w, mig: mig === "Enabled" };
}

export interface NvidiaSmiOptions {
	/** The program: a name on PATH, or a path. */
	readonly command?: string;
	/** Between two samples, s. Its sensor moves about every 0.1 s: faster adds nothing. */
	readonly period_s?: number;
	/** Which boards count; by default all. */
	readonly boards?: BoardChoice | undefined;
}

const name = "nvidia-smi";
const remedy = "install NVIDIA's driver (its nvidia-smi needs no root)";
/** The sensor of an A100 or H100 looks at 25 ms of every 100 ms: a gap of many periods hides what was drawn. */
const longestGap_s = 2;
const least = 10;

/**
 * Whole-board power of every NVIDIA GPU that counts, sampled by nvidia-smi and integrated. Instant power where the driver
 * gives it; else `power.draw`, on most parts since Ampere a mean over the last second, which a caveat says. For the board's
 * own energy counter, which integrates better, see the probes dcgm and dcgm-exporter.
 */
export function nvidiaSmiProbe({ command = name, period_s = 0.1, boards }: NvidiaSmiOptions = {}): Probe {
	let limits: Promise<ReadonlyMap<string, number>> | undefined;
	return {
		name,
		// Fifty looks of the sensor.
		minimumWindow_s: 5,
		detect: () => detect(command, boards),
		start: async () => {
			const field = await fieldOf(command, boards);
			if (field.status === "refused") return { stop: async () => field };
			// Once for all windows: it is the board's.
			limits ??= limitsOf(command);
			return watch(command, period_s, field, await limits);
		},
	};
}

/** What is asked of the tool. A driver that does not know a field is asked without it. */
interface Query {
	readonly instant: boolean;
	readonly mig: boolean;
}

function query({ instant, mig }: Query): string[] {
	const fields = ["timestamp", "uuid", "name", instant ? "power.draw.instant" : "power.draw"];
	return [
		`--query-gpu=${[...fields, ...(mig ? ["mig.mode.current"] : [])].join(",")}`,
		"--format=csv,noheader,nounits",
	];
}

type Sample = Extract<NvidiaLine, { status: "sample" }>;

interface Field {
	readonly status: "field";
	readonly query: Query;
	/** Of the boards that count, now. */
	readonly now: readonly Sample[];
	readonly totalRule: string;
}

/** Which query gives a power on every GPU that counts. */
async function fieldOf(command: string, choice: BoardChoice | undefined): Promise<Field | Refusal> {
	let asked: Query = { instant: true, mig: true };
	for (;;) {
		const result = await runTool(command, query(asked));
		const fault = faultOf(command, result);
		if (fault !== undefined) {
			const [, unknown] = /Field "([\w.]+)" is not a valid field/.exec(fault.reason) ?? [];
			if (unknown === "power.draw.instant" && asked.instant) asked = { ...asked, instant: false };
			else if (unknown === "mig.mode.current" && asked.mig) asked = { ...asked, mig: false };
			else return fault;
			continue;
		}
		const lines = linesOf((result as Extract<ToolResult, { status: "ended" }>).stdout);
		const found = countedNow(command, lines, choice);
		if (!("status" in found)) return { status: "field", query: asked, ...found };
		if (found.cause === "absent" || !asked.instant) return found;
		// A board without instant power may have the mean.
		asked = { ...asked, instant: false };
	}
}

function linesOf(text: string): NvidiaLine[] {
	return text
		.split("\n")
		.filter((line) => line.trim() !== "")
		.map(parseNvidiaLine);
}

/** The samples of the boards that count; or why there are none. */
function countedNow(
	command: string,
	lines: readonly NvidiaLine[],
	choice: BoardChoice | undefined,
): Pick<Field, "now" | "totalRule"> | Refusal {
	const rows = lines.filter((line) => line.status !== "warning");
	const nameless = rows.find((line) => line.uuid === undefined);
	if (nameless?.status === "malformed") return refuse(name, "malformed", nameless.reason);
	if (rows.length === 0) return refuse(name, "absent", `${command} lists no GPU`, remedy);
	const boards = rows.map((line, index) => ({ index, uuid: line.uuid ?? "", model: line.gpu ?? "", line }));
	const chosen = chosenBoards<Board & { readonly line: (typeof rows)[number] }>(choice, boards);
	if (chosen.status === "fault") return refuse(name, chosen.cause, chosen.reason, chosen.remedy);
	const now: Sample[] = [];
	for (const { line } of chosen.boards) {
		if (line.status !== "sample")
			return refuse(name, line.status === "missing" ? "not-supported" : "malformed", line.reason);
		now.push(line);
	}
	return { now, totalRule: chosen.rule };
}

/** The most that each board's power can be set to, W, by UUID; none where the driver does not tell. */
async function limitsOf(command: string): Promise<ReadonlyMap<string, number>> {
	const result = await runTool(command, ["--query-gpu=uuid,power.max_limit", "--format=csv,noheader,nounits"]);
	if (result.status !== "ended") return new Map();
	return new Map(
		result.stdout.split("\n").flatMap((line): [string, number][] => {
			const [uuid = "", limit = "", ...more] = line.trim().split(", ");
			const limit_w = decimal(limit);
			return uuid.startsWith("GPU-") && limit_w !== undefined && more.length === 0 ? [[uuid, limit_w]] : [];
		}),
	);
}

async function detect(command: string, choice: BoardChoice | undefined): Promise<Detection> {
	const field = await fieldOf(command, choice);
	if (field.status === "refused") {
		const { cause, reason, remedy: how } = field;
		return { status: "unavailable", cause, reason, ...(how === undefined ? {} : { remedy: how }) };
	}
	const now = field.now.map(({ gpu, power_w }) => `${gpu} ${power_w} W`);
	return {
		status: "available",
		covers: ["board"],
		detail: `${command}: ${field.query.instant ? "power.draw.instant" : "power.draw"}, ${now.join(", ")} now (${field.totalRule})`,
	};
}

async function watch(
	command: string,
	period_s: number,
	{ query: asked, now, totalRule }: Field,
	limits_w: ReadonlyMap<string, number>,
): Promise<ProbeRun> {
	const child = execa(command, [...query(asked), `-lms`, String(Math.round(period_s * 1000))], {
		reject: false,
		// Its times are local ones, which a change to summer time would move by an hour.
		env: { LC_ALL: "C", TZ: "UTC" },
		stdin: "ignore",
		buffer: { stdout: false, stderr: true },
	});
	const began_ms = performance.now();
	const lines: NvidiaLine[] = [];
	let rest = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		const parts = (rest + text).split("\n");
		rest = parts.pop() as string;
		for (const line of parts) if (line.trim() !== "") lines.push(parseNvidiaLine(line));
	});
	let stopping = false;
	return {
		stop: async () => {
			const own_s = (performance.now() - began_ms) / 1000;
			stopping = child.exitCode === null;
			child.kill("SIGTERM");
			const { stderr, exitCode } = await child;
			if (!stopping)
				return refuse(name, "command-failed", `${command} ended by itself with ${exitCode}: ${firstLine(stderr)}`);
			return outcomeOf(lines, asked.instant, {
				boards: now.map(({ uuid }) => uuid),
				totalRule,
				limits_w,
				own: { inner_s: own_s, outer_s: own_s },
			});
		},
	};
}

export interface NvidiaWindow {
	/** UUIDs of the boards that count; by default all that have a line. */
	readonly boards?: readonly string[];
	readonly totalRule?: string;
	/** What each board's power can be set to at most, W. */
	readonly limits_w?: ReadonlyMap<string, number>;
	readonly own?: OwnWindow;
}

/** A reading from the lines of a window. */
export function outcomeOf(
	lines: readonly NvidiaLine[],
	instant: boolean,
	{ boards: counted, totalRule = "sum of the boards", limits_w = new Map(), own }: NvidiaWindow = {},
): Outcome {
	const boards = new Map<string, PowerSample[]>();
	const caveats = new Set<string>(
		instant ? [] : ["power.draw: on most parts since Ampere a mean over the last second"],
	);
	for (const line of lines) {
		if (line.status === "warning") {
			caveats.add(line.reason);
			continue;
		}
		if (counted !== undefined && line.uuid !== undefined && !counted.includes(line.uuid)) continue;
		if (line.status !== "sample")
			return refuse(name, line.status === "missing" ? "not-supported" : "malformed", line.reason);
		const samples = boards.get(line.uuid) ?? [];
		boards.set(line.uuid, samples);
		samples.push(line);
		if (line.mig) caveats.add(`${line.uuid} is split by MIG: power is of the whole board, never of a slice`);
	}
	if (boards.size === 0) return refuse(name, "too-few-samples", "no sample in the window");
	const gone = counted?.find((uuid) => !boards.has(uuid));
	if (gone !== undefined) return refuse(name, "absent", `${gone} was not listed in the window`);
	const began_s = Math.min(...[...boards.values()].map((samples) => samples[0]?.time_s ?? 0));
	const ended_s = Math.max(...[...boards.values()].map((samples) => samples.at(-1)?.time_s ?? 0));
	const domains: DomainEnergy[] = [];
	const durations: number[] = [];
	for (const [uuid, samples] of boards) {
		const ceiling_w = ceilingOf("board", limits_w.get(uuid));
		const integral = integrate(samples, { least, longestGap_s, ceiling_w });
		if (integral.status === "fault") return refuse(name, integral.cause, `${uuid}: ${integral.reason}`);
		// The others went on: what this board drew meanwhile is not in the sum.
		const unseen_s = ended_s - began_s - integral.duration_s;
		if (unseen_s > longestGap_s)
			return refuse(name, "too-few-samples", `${uuid} was not listed for ${inMessage(unseen_s)} s of the window`);
		durations.push(integral.duration_s);
		domains.push({
			domain: uuid,
			covers: "board",
			energy_j: integral.energy_j,
			// The sensor is good to 5 W.
			resolution_j: 5 * integral.duration_s,
			wraps: 0,
			inTotal: true,
		});
	}
	return readingOf(name, {
		domains,
		totalRule,
		duration_s: durations.reduce((sum, duration_s) => sum + duration_s, 0) / durations.length,
		samples: Math.min(...[...boards.values()].map((samples) => samples.length)),
		caveats: [...caveats],
		...(own === undefined ? {} : { own }),
	});
}

function faultOf(command: string, result: ToolResult): Refusal | undefined {
	if (result.status === "absent") return refuse(name, "absent", `${command} is not installed`, remedy);
	if (result.status === "broken") return refuse(name, "command-failed", `${command}: ${result.reason}`);
	// 14 is documented as "infoROM is corrupted": the rows are there, and such boards go on working.
	if (result.exitCode === 0 || result.exitCode === 14) return undefined;
	const said = firstLine(`${result.stdout}\n${result.stderr}`);
	if (/No devices were found/i.test(said)) return refuse(name, "absent", said);
	if (/Insufficient Permissions/i.test(said)) return refuse(name, "no-access", said);
	if (/couldn't communicate with the NVIDIA driver/i.test(said)) return refuse(name, "absent", said, remedy);
	return refuse(name, "command-failed", `${command} ended with ${result.exitCode}: ${said}`);
}
