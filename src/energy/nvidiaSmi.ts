import { execa } from "execa";
import { type NvidiaLine, parseNvidiaLine } from "./nvidiaSmiOutput.js";
import { integrate, type PowerSample } from "./powerSamples.js";
import type { Detection, Probe, ProbeRun } from "./probe.js";
import { type DomainEnergy, type Outcome, type Refusal, readingOf, refuse } from "./reading.js";
import { firstLine, runTool, type ToolResult } from "./tool.js";

export interface NvidiaSmiOptions {
	/** The program: a name on PATH, or a path. */
	readonly command?: string;
	/** Between two samples, s. Its sensor moves about every 0.1 s: faster adds nothing. */
	readonly period_s?: number;
}

const name = "nvidia-smi";
const remedy = "install NVIDIA's driver (its nvidia-smi needs no root)";
/** The sensor of an A100 or H100 looks at 25 ms of every 100 ms: a gap of many periods hides what was drawn. */
const longestGap_s = 2;
const least = 10;

/**
 * Whole-board power of every NVIDIA GPU, sampled by nvidia-smi and integrated. Instant power where the driver gives it;
 * else `power.draw`, on most parts since Ampere a mean over the last second, which a caveat says. For the board's own
 * energy counter, which integrates better, see the probes dcgm and dcgm-exporter.
 */
export function nvidiaSmiProbe({ command = name, period_s = 0.1 }: NvidiaSmiOptions = {}): Probe {
	return {
		name,
		// Fifty looks of the sensor.
		minimumWindow_s: 5,
		detect: () => detect(command),
		start: async () => watch(command, period_s),
	};
}

function query(instant: boolean): string[] {
	const fields = ["timestamp", "uuid", "name", instant ? "power.draw.instant" : "power.draw", "mig.mode.current"];
	return [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
}

type Field = { readonly status: "field"; readonly instant: boolean; readonly lines: readonly NvidiaLine[] } | Refusal;

/** Which of the two fields gives a power on every GPU here. */
async function fieldOf(command: string): Promise<Field> {
	let refusal: Refusal | undefined;
	for (const instant of [true, false]) {
		const result = await runTool(command, query(instant));
		const fault = faultOf(command, result);
		if (fault !== undefined) {
			// An older driver does not know the field.
			refusal = fault;
			if (/not a valid field/.test(fault.reason)) continue;
			return fault;
		}
		const lines = (result as Extract<ToolResult, { status: "ended" }>).stdout
			.split("\n")
			.filter((line) => line.trim() !== "")
			.map(parseNvidiaLine);
		const bad = lines.find(({ status }) => status !== "sample");
		if (lines.length > 0 && bad === undefined) return { status: "field", instant, lines };
		refusal =
			bad === undefined || bad.status === "sample"
				? refuse(name, "absent", `${command} lists no GPU`, remedy)
				: refuse(name, bad.status === "missing" ? "not-supported" : "malformed", bad.reason);
	}
	return refusal as Refusal;
}

async function detect(command: string): Promise<Detection> {
	const field = await fieldOf(command);
	if (field.status === "refused") {
		const { cause, reason, remedy: how } = field;
		return { status: "unavailable", cause, reason, ...(how === undefined ? {} : { remedy: how }) };
	}
	const now = field.lines.flatMap((line) => (line.status === "sample" ? [`${line.gpu} ${line.power_w} W`] : []));
	return {
		status: "available",
		covers: ["board"],
		detail: `${command}: ${field.instant ? "power.draw.instant" : "power.draw"}, ${now.join(", ")} now`,
	};
}

async function watch(command: string, period_s: number): Promise<ProbeRun> {
	const field = await fieldOf(command);
	if (field.status === "refused") return { stop: async () => field };
	const child = execa(command, [...query(field.instant), `-lms`, String(Math.round(period_s * 1000))], {
		reject: false,
		env: { LC_ALL: "C" },
		stdin: "ignore",
		buffer: { stdout: false, stderr: true },
	});
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
			stopping = child.exitCode === null;
			child.kill("SIGTERM");
			const { stderr, exitCode } = await child;
			if (!stopping)
				return refuse(name, "command-failed", `${command} ended by itself with ${exitCode}: ${firstLine(stderr)}`);
			return outcomeOf(lines, field.instant);
		},
	};
}

/** A reading from the lines of a window. */
export function outcomeOf(lines: readonly NvidiaLine[], instant: boolean): Outcome {
	const boards = new Map<string, { gpu: string; samples: PowerSample[] }>();
	const caveats = new Set<string>(
		instant ? [] : ["power.draw: on most parts since Ampere a mean over the last second"],
	);
	for (const line of lines) {
		if (line.status !== "sample")
			return refuse(name, line.status === "missing" ? "not-supported" : "malformed", line.reason);
		const board = boards.get(line.uuid) ?? { gpu: line.gpu, samples: [] };
		boards.set(line.uuid, board);
		board.samples.push(line);
		if (line.mig) caveats.add(`${line.uuid} is split by MIG: power is of the whole board, never of a slice`);
	}
	const began_s = Math.min(...[...boards.values()].map(({ samples }) => samples[0]?.time_s ?? 0));
	const ended_s = Math.max(...[...boards.values()].map(({ samples }) => samples.at(-1)?.time_s ?? 0));
	const domains: DomainEnergy[] = [];
	const durations: number[] = [];
	for (const [uuid, { samples }] of boards) {
		const integral = integrate(samples, { least, longestGap_s });
		if (integral.status === "fault") return refuse(name, integral.cause, `${uuid}: ${integral.reason}`);
		// The others went on: what this board drew meanwhile is not in the sum.
		const unseen_s = ended_s - began_s - integral.duration_s;
		if (unseen_s > longestGap_s)
			return refuse(name, "too-few-samples", `${uuid} was not listed for ${unseen_s.toFixed(1)} s of the window`);
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
	if (domains.length === 0) return refuse(name, "too-few-samples", "no sample in the window");
	return readingOf(name, {
		domains,
		totalRule: "sum of the boards",
		duration_s: durations.reduce((sum, duration_s) => sum + duration_s, 0) / durations.length,
		samples: Math.min(...[...boards.values()].map(({ samples }) => samples.length)),
		caveats: [...caveats],
	});
}

function faultOf(command: string, result: ToolResult): Refusal | undefined {
	if (result.status === "absent") return refuse(name, "absent", `${command} is not installed`, remedy);
	if (result.status === "broken") return refuse(name, "command-failed", `${command}: ${result.reason}`);
	if (result.exitCode === 0) return undefined;
	const said = firstLine(`${result.stdout}\n${result.stderr}`);
	if (/No devices were found/i.test(said)) return refuse(name, "absent", said);
	if (/Insufficient Permissions/i.test(said)) return refuse(name, "no-access", said);
	if (/couldn't communicate with the NVIDIA driver/i.test(said)) return refuse(name, "absent", said, remedy);
	return refuse(name, "command-failed", `${command} ended with ${result.exitCode}: ${said}`);
}
