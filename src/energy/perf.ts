import { type PerfCount, parsePerfCsv, parsePerfJson } from "./perfOutput.js";
import type { Coverage, OwnWindow } from "./plausible.js";
import { isVirtualMachine, raplUpdate_s } from "./raplZones.js";
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

export interface PerfOptions {
	/** The program: a name on PATH, or a path. */
	readonly command?: string;
}

const name = "perf";
/** perf's event of a coverage. Those that a package contains, or that contain it, are not asked for. */
const events: Readonly<Record<string, Extract<Coverage, "package" | "dram">>> = {
	"power/energy-pkg/": "package",
	"power/energy-ram/": "dram",
};
const allEvents = Object.keys(events);
const packageOnly = allEvents.slice(0, 1);

/** What perf can be asked on this machine. */
interface Usable {
	readonly status: "usable";
	readonly events: readonly string[];
	/** `json` prints 6 decimals, `csv` (perf before 6.0) 2. */
	readonly format: "json" | "csv";
	/** `die` where a socket has several counters, so that they can be told from one that is shown under each. */
	readonly per: "socket" | "die";
	/** The counts that it gave when it was tried, by event and place: a window has the same. */
	readonly counts?: readonly string[];
}

/**
 * RAPL's counters through the kernel's power events: `perf stat -a --per-socket` (--per-die where a socket has several
 * counters), over a command that waits.
 */
export function perfProbe({ command = name }: PerfOptions = {}): Probe {
	// Tried once: what works for one window works for the next.
	let known: Usable | undefined;
	const usable = async () => {
		const found = known ?? (await tryOut(command));
		if (found.status === "usable") known = found;
		return found;
	};
	return {
		name,
		minimumWindow_s: 1,
		detect: async () => {
			const found = await usable();
			if (found.status === "refused") {
				const { cause, reason, remedy } = found;
				return { status: "unavailable", cause, reason, ...(remedy === undefined ? {} : { remedy }) };
			}
			const covers = found.events.flatMap((event) => events[event] ?? []);
			const detail = `${command} stat --per-${found.per} -e ${found.events.join(",")}, as ${found.format}`;
			return { status: "available", covers, detail };
		},
		start: async () => {
			const found = await usable();
			return found.status === "refused" ? { stop: async () => found } : watch(command, found);
		},
	};
}

async function watch(command: string, usable: Usable): Promise<ProbeRun> {
	const window = await toolWindow(command, argv(usable));
	return {
		stop: async () => {
			const { result, own } = await window.end();
			return outcomeOf(command, usable, result, own);
		},
	};
}

/** Which events and which format work: the newest and the most first. Not every processor has an event for DRAM. */
async function tryOut(command: string): Promise<Usable | Refusal> {
	let format: Usable["format"] = "json";
	let wanted: readonly string[] = allEvents;
	for (;;) {
		const usable: Usable = { status: "usable", events: wanted, format, per: "socket" };
		const result = await runTool(command, [...argv(usable), "true"]);
		const refusal = failureOf(command, result);
		if (refusal === undefined && result.status === "ended") {
			const counts = countsOf(usable, result.stderr);
			if (!("status" in counts)) {
				const tried = { ...usable, counts: counts.map(nameOf) };
				return counts.some(({ counters }) => counters > 1) ? byDie(command, tried) : tried;
			}
			if (wanted === packageOnly || counts.cause !== "not-supported") return counts;
			wanted = packageOnly;
		} else if (result.status === "ended" && format === "json" && /unknown (option|switch)/.test(result.stderr))
			format = "csv";
		else if (result.status === "ended" && wanted !== packageOnly && isEventError(result)) wanted = packageOnly;
		else return refusal ?? refuse(name, "command-failed", `${command} did not end`);
	}
}

/** The same by die, where this perf knows how. */
async function byDie(command: string, bySocket: Usable): Promise<Usable> {
	const { counts: _, ...rest } = bySocket;
	const usable: Usable = { ...rest, per: "die" };
	const result = await runTool(command, [...argv(usable), "true"]);
	if (result.status !== "ended" || result.exitCode !== 0) return bySocket;
	const counts = countsOf(usable, result.stderr);
	return "status" in counts ? bySocket : { ...usable, counts: counts.map(nameOf) };
}

function argv({ events: wanted, format, per }: Usable): string[] {
	return ["stat", "-a", `--per-${per}`, ...(format === "json" ? ["-j"] : ["-x,"]), "-e", wanted.join(","), "--"];
}

/** Does perf not know one of the events, on a machine that has power events at all? */
function isEventError({ exitCode, stderr }: Extract<ToolResult, { status: "ended" }>): boolean {
	return exitCode === 129 && !/Cannot find PMU/.test(stderr);
}

function failureOf(command: string, result: ToolResult): Refusal | undefined {
	if (result.status === "absent")
		return refuse(
			name,
			"absent",
			`${command} is not installed`,
			"sudo apt-get install linux-perf (Debian), sudo apt-get install linux-tools-$(uname -r) (Ubuntu)",
		);
	if (result.status === "broken") return refuse(name, "command-failed", `${command}: ${result.reason}`);
	const { exitCode, stderr } = result;
	if (exitCode === 0) return undefined;
	// Ubuntu's /usr/bin/perf is a script that looks for the perf of the kernel that runs.
	if (/perf not found for kernel/.test(stderr))
		return refuse(name, "absent", firstLine(stderr), "sudo apt-get install linux-tools-$(uname -r)");
	// Since 6.11 in other words.
	if (/Cannot find PMU|Unable to find PMU or event on a PMU/.test(stderr))
		return isVirtualMachine()
			? refuse(
					name,
					"not-supported",
					"this kernel has no power events: a virtual machine's are on its host (on bare metal: sudo modprobe rapl)",
				)
			: refuse(name, "not-supported", "this kernel has no power events", "sudo modprobe rapl");
	if (/Access to performance monitoring|perf_event_paranoid|Permission denied/.test(stderr))
		return refuse(
			name,
			"no-access",
			"energy counters of the whole machine need root, CAP_PERFMON or kernel.perf_event_paranoid of 0 or less",
			"sudo sysctl kernel.perf_event_paranoid=0",
		);
	return refuse(name, "command-failed", `${command} ended with ${exitCode}: ${firstLine(stderr)}`);
}

function countsOf({ events: wanted, format, counts: tried }: Usable, stderr: string): readonly PerfCount[] | Refusal {
	const output = format === "json" ? parsePerfJson(stderr) : parsePerfCsv(stderr);
	if (output.status === "malformed") return refuse(name, "malformed", `not a count: ${JSON.stringify(output.line)}`);
	const { counts } = output;
	for (const event of wanted)
		if (!counts.some((count) => count.event === event))
			return refuse(name, "malformed", `perf printed no count of ${event}`);
	for (const count of counts) {
		const { event, value, unit, running_pct, runtime_s } = count;
		const of = nameOf(count);
		if (events[event] === undefined) return refuse(name, "malformed", `perf printed a count of ${event}`);
		if (value === "<not supported>") return refuse(name, "not-supported", `${of}: ${value}`);
		if (value === "<not counted>") return refuse(name, "not-counted", `${of}: ${value}`);
		if (unit !== "Joules") return refuse(name, "malformed", `${of} is in ${JSON.stringify(unit)}`);
		if (running_pct < 100)
			return refuse(name, "not-counted", `${of} ran ${running_pct} % of the window; the rest is guessed`);
		if (running_pct > 101) return refuse(name, "malformed", `${of} ran ${running_pct} % of the window`);
		if (!(runtime_s > 0)) return refuse(name, "not-counted", `${of} ran for ${runtime_s} s`);
	}
	const partial = partialCount(counts, wanted, tried);
	return partial === undefined ? counts : refuse(name, "malformed", partial);
}

/** What is missing or double among the counts: each place has each event once, as when it was tried. */
function partialCount(
	counts: readonly PerfCount[],
	wanted: readonly string[],
	tried: readonly string[] | undefined,
): string | undefined {
	const names = counts.map(nameOf);
	const twice = names.find((entry, i) => names.indexOf(entry) !== i);
	if (twice !== undefined) return `perf printed ${twice} twice`;
	const places = new Set(counts.map(placeOf));
	const expected = [...(tried ?? []), ...[...places].flatMap((place) => wanted.map((event) => `${event} of ${place}`))];
	const missing = expected.find((entry) => !names.includes(entry));
	if (missing !== undefined) return `perf printed no count of ${missing}`;
	const more = tried === undefined ? undefined : names.find((entry) => !tried.includes(entry));
	return more === undefined ? undefined : `perf printed ${more}, which was not there when it was tried`;
}

function nameOf(count: PerfCount): string {
	return `${count.event} of ${placeOf(count)}`;
}

function outcomeOf(command: string, usable: Usable, result: ToolResult, own: OwnWindow): Outcome {
	const failure = failureOf(command, result);
	if (failure !== undefined || result.status !== "ended")
		return failure ?? refuse(name, "command-failed", `${command} did not end`);
	const counts = countsOf(usable, result.stderr);
	if ("status" in counts) return counts;
	const printed_j = usable.format === "json" ? 1e-6 : 0.01;
	const mirrored = mirroredDies(counts, printed_j);
	if (mirrored !== undefined)
		return refuse(
			name,
			"overlapping-domains",
			`${mirrored.map(placeOf).join(", ")}: dies that counted the same, one counter or several?`,
		);
	const domains = counts.map((count): DomainEnergy => {
		const { socket, die, event, value, runtime_s, counters } = count;
		const covers = events[event] as "package" | "dram";
		return {
			domain: `${covers}-${socket}${die === undefined ? "" : `-die-${die}`}`,
			covers,
			energy_j: Number(value),
			resolution_j: Math.max(printed_j, (Number(value) / (runtime_s / counters)) * raplUpdate_s),
			// The kernel extends the counter before it wraps.
			wraps: 0,
			inTotal: true,
		};
	});
	const dies = counts.filter(({ counters }) => counters > 1);
	return readingOf(name, {
		domains,
		totalRule: "sum of packages and DRAM",
		duration_s: Math.max(...counts.map(({ runtime_s, counters }) => runtime_s / counters)),
		samples: 2,
		own,
		caveats:
			dies.length === 0
				? []
				: [`perf sums ${dies[0]?.counters} dies of a socket; where they mirror one counter it is too high`],
	});
}

/** Dies of one socket that may be one counter, by their packages or their DRAM. */
function mirroredDies(counts: readonly PerfCount[], printed_j: number): readonly PerfCount[] | undefined {
	const dies = counts.map((count) => {
		const energy_j = Number(count.value);
		const step_j = (energy_j / (count.runtime_s / count.counters)) * raplUpdate_s + printed_j;
		return { count, socket: `${count.socket} ${count.event}`, energy_j, step_j };
	});
	return twinDies(dies)?.map(({ count }) => count);
}

/** As perf names it: `S0`, `S0-D1`. */
function placeOf({ socket, die }: Pick<PerfCount, "socket" | "die">): string {
	return `S${socket}${die === undefined ? "" : `-D${die}`}`;
}
