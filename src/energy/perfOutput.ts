import { InputError } from "../errors.js";
import { ceilings_w, decimal } from "./plausible.js";
import { raplUpdate_s } from "./raplZones.js";

/** A count of perf stat --per-socket or --per-die: a number in the event's unit, or perf's words for why there is none. */
export interface PerfCount {
	/** `0`, of `S0` or `S0-D1`. */
	readonly socket: string;
	/** `1`, of `S0-D1`; absent for a whole socket. */
	readonly die?: string;
	/** Counters that the count is the sum of: of a socket one, or one a die. */
	readonly counters: number;
	readonly value: number | "<not supported>" | "<not counted>";
	readonly unit: string;
	readonly event: string;
	/** Time that the counters ran, all of them together, s. */
	readonly runtime_s: number;
	/** Share of the window that the counter ran, percent; below 100 the value is extrapolated. */
	readonly running_pct: number;
}

export type PerfOutput =
	| { readonly status: "counts"; readonly counts: readonly PerfCount[] }
	| { readonly status: "malformed"; readonly line: string };

/**
 * The counts among what `perf stat --per-socket -j` (or --per-die) wrote (perf 6.0 and newer): an object a line. The
 * number of counters was called `aggregate-number` before perf 6.17.
 */
export function parsePerfJson(text: string): PerfOutput {
	return collect(text, /^\{/, (line) => {
		let fields: Record<string, unknown>;
		try {
			fields = JSON.parse(line) as Record<string, unknown>;
		} catch {
			return undefined;
		}
		return [
			fields.socket ?? fields.die,
			fields.counters ?? fields["aggregate-number"],
			fields["counter-value"],
			fields.unit,
			fields.event,
			fields["event-runtime"],
			fields["pcnt-running"],
		];
	});
}

/** The counts among what `perf stat --per-socket -x,` (or --per-die) wrote: socket,counters,value,unit,event,runtime,percent,... */
export function parsePerfCsv(text: string): PerfOutput {
	return collect(text, /^S\d+(-\w+)?,/, (line) => line.split(","));
}

function collect(text: string, counts: RegExp, fields: (line: string) => readonly unknown[] | undefined): PerfOutput {
	const parsed: PerfCount[] = [];
	for (const line of text.split("\n").map((entry) => entry.trim())) {
		// Around the counts there may be warnings and, in a file, the time of the start.
		if (!counts.test(line)) continue;
		const count = countOf(fields(line));
		if (count === undefined) return { status: "malformed", line };
		parsed.push(count);
	}
	return { status: "counts", counts: parsed };
}

/** Of a socket: one a die, of which the largest have sixteen; a count per core would be a few hundred. */
const mostCounters = 1024;

function countOf(fields: readonly unknown[] | undefined): PerfCount | undefined {
	if (fields === undefined || fields.length < 7) return undefined;
	const [place = "", counters, value, unit, event, runtime, running] = fields.map(String);
	const number = (text: string | undefined) =>
		text !== undefined && /^-?\d+(\.\d+)?$/.test(text.trim()) ? decimal(text.trim()) : undefined;
	const shown = value === "<not supported>" || value === "<not counted>" ? value : number(value);
	const [many, runtime_ns, running_pct] = [number(counters), number(runtime), number(running)];
	const [, socket, die] = /^S(\d+)(?:-D(\d+))?$/.exec(place) ?? [];
	if (socket === undefined || unit === undefined || event === undefined || shown === undefined) return undefined;
	if (
		many === undefined ||
		!Number.isInteger(many) ||
		many < 1 ||
		many > mostCounters ||
		runtime_ns === undefined ||
		running_pct === undefined
	)
		return undefined;
	const where = die === undefined ? { socket } : { socket, die };
	return { ...where, counters: many, value: shown, unit, event, runtime_s: runtime_ns / 1e9, running_pct };
}

/** One recording of `perf stat -I`: energies of its intervals by their ends. */
export interface PerfRecording {
	/** What `# started on` says, where it stands above. */
	readonly started?: string;
	readonly end_s: Float64Array;
	/** All sockets together, J. */
	readonly package_j: Float64Array;
	/** Absent where power/energy-ram/ was not counted. */
	readonly dram_j?: Float64Array;
}

type Domain = "package" | "dram";

interface Count {
	readonly line: number;
	readonly end_s: number;
	/** `S0`, `S0-D1`; empty where perf summed all sockets. */
	readonly place: string;
	readonly domain: Domain;
	readonly energy_j: number;
}

const number = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?`;
const textLine = new RegExp(
	String.raw`^\s*(\d+\.\d+)\s+(?:(S\d+(?:-D\d+)?)\s+\d+\s+)?(${number}|-\S+|<not \w+>)\s+(?:(Joules)\s+)?([\w/-]+[\w/])\s*(?:\(\s*([\d.]+)\s*%\))?\s*(?:#.*)?$`,
);

/**
 * The recordings in what `perf stat -I … -e power/energy-pkg/,power/energy-ram/` wrote, as text, with `-x,` (or `-x;`)
 * or `-j`, per socket or die or all together. The counts of an interval are what it added, never a running total, and the
 * last interval, which perf cuts when it ends, counts as it is. Header lines come back every 25 intervals; a file to
 * which several runs of perf were appended (`--append`) gives a recording for each.
 *
 * Other events than the two are left aside. Throws InputError with the line, its rule beginning with the fault's name:
 * `not-counted`, `not-supported`, `multiplexed` (perf extrapolated), `malformed`, `repeated` (two recordings interleaved
 * in one file), `missing` (an interval lacks a domain or a socket), `clock-went-back`, `no-energy`.
 *
 * @param file names it in messages
 * @example
 * parsePerfIntervals("energy.txt", "1.000107 74.55 Joules power/energy-pkg/\n2.000315 77.22 Joules power/energy-pkg/\n");
 */
export function parsePerfIntervals(file: string, text: string): PerfRecording[] {
	const parts: { started?: string; counts: Count[] }[] = [{ counts: [] }];
	for (const [i, content] of text.split(/\r?\n/).entries()) {
		const started = /^#\s*started on\s+(.*\S)\s*$/.exec(content)?.[1];
		if (started !== undefined) parts.push({ started, counts: [] });
		if (content.trim() === "" || content.startsWith("#")) continue;
		const count = countOfPerfIntervals(file, i + 1, content);
		if (count === undefined) continue;
		const own = parts.at(-1) as (typeof parts)[number];
		const last = own.counts.at(-1);
		// perf wrote to standard error, without `# started on`: a clock that begins anew is a new recording.
		if (last !== undefined && count.end_s < last.end_s && count.end_s <= 2 * (own.counts[0] as Count).end_s)
			parts.push({ counts: [count] });
		else own.counts.push(count);
	}
	const recordings = parts.filter(({ counts }) => counts.length > 0);
	if (recordings.length === 0)
		throw new InputError({ file, rule: "no-energy: must hold counts of power/energy-pkg/ by interval (perf stat -I)" });
	return recordings.map(({ started, counts }) => ({
		...(started === undefined ? {} : { started }),
		...recordingOf(file, counts),
	}));
}

function countOfPerfIntervals(file: string, line: number, content: string): Count | undefined {
	const fail = (rule: string, value: unknown = content.trim()): never => {
		throw new InputError({ file, line, rule, value });
	};
	const fields = fieldsOf(content);
	if (fields === undefined) return fail("malformed: must be a line that perf stat -I writes");
	const { time, place = "", value, unit, event, running } = fields;
	const domain = /energy-pkg/.test(event) ? "package" : /energy-ram/.test(event) ? "dram" : undefined;
	if (domain === undefined) return undefined;
	if (value.startsWith("<not counted>")) fail(`not-counted: ${event} must have been counted`, value);
	if (value.startsWith("<not supported>")) fail(`not-supported: this processor must have ${event}`, value);
	if (unit !== "Joules") fail(`malformed: ${event} must be in Joules`, unit ?? "");
	if (running !== undefined && Number(running) < 100)
		fail(`multiplexed: ${event} must have been counted all the time, percent`, running);
	const [end_s, energy_j] = [decimal(time), decimal(value.replaceAll(",", ""))];
	if (end_s === undefined || energy_j === undefined || energy_j < 0)
		return fail("malformed: must have a time and a number of joules, 0 or more");
	return { line, end_s, place, domain, energy_j };
}

interface Fields {
	readonly time: string;
	readonly place?: string | undefined;
	readonly value: string;
	readonly unit: string | undefined;
	readonly event: string;
	readonly running: string | undefined;
}

function fieldsOf(content: string): Fields | undefined {
	if (content.trimStart().startsWith("{")) return jsonFields(content);
	const separated = /^\s*\d+\.\d+([,;])/.exec(content)?.[1];
	if (separated !== undefined) return separatedFields(content.trim().split(separated));
	const [, time, place, value, unit, event, running] = textLine.exec(content) ?? [];
	if (time === undefined || value === undefined || event === undefined) return undefined;
	return { time, place, value, unit, event, running };
}

function jsonFields(content: string): Fields | undefined {
	let object: Record<string, unknown>;
	try {
		object = JSON.parse(content) as Record<string, unknown>;
	} catch {
		return undefined;
	}
	const text = (key: string) => (object[key] === undefined ? undefined : String(object[key]).trim());
	const [time, value, event] = [text("interval"), text("counter-value"), text("event")];
	if (time === undefined || value === undefined || event === undefined) return undefined;
	const place = text("socket") ?? text("die");
	return { time, place, value, unit: text("unit"), event, running: text("pcnt-running") };
}

/** time,[place,counters,]value,unit,event,runtime,percent,… */
function separatedFields(fields: readonly string[]): Fields | undefined {
	const [time, ...rest] = fields;
	const placed = /^S\d+/.test(rest[0] ?? "");
	const [value, unit, event, , running] = placed ? rest.slice(2) : rest;
	if (time === undefined || value === undefined || event === undefined) return undefined;
	if (!/^(-?\d+(\.\d+)?|<not \w+>)$/.test(value)) return undefined;
	return { time, place: placed ? rest[0] : undefined, value, unit, event, running };
}

function recordingOf(file: string, counts: readonly Count[]): Omit<PerfRecording, "started"> {
	const ends: number[] = [];
	const energies: Record<Domain, number[]> = { package: [], dram: [] };
	const first = counts[0] as Count;
	const keyOf = ({ place, domain }: Count) => `${place} ${domain}`.trim();
	const wanted = new Set(counts.filter(({ end_s }) => end_s === first.end_s).map(keyOf));
	const domains = new Set(counts.map(({ domain }) => domain));
	if (!domains.has("package"))
		throw new InputError({ file, line: first.line, rule: "no-energy: must count power/energy-pkg/" });
	let seen = new Set<string>();
	let began_s = 0;
	const close = ({ line, end_s }: Count) => {
		const lacking = [...wanted].find((key) => !seen.has(key));
		if (lacking !== undefined)
			throw new InputError({
				file,
				line,
				rule: `missing: the interval before must count ${lacking} too`,
				value: end_s,
			});
	};
	for (const count of counts) {
		const { line, end_s, domain, energy_j } = count;
		const last = ends.at(-1);
		const fail = (rule: string, value: unknown): never => {
			throw new InputError({ file, line, rule, value });
		};
		if (last !== undefined && end_s < last) fail(`clock-went-back: must not be before ${last} s`, end_s);
		if (end_s !== last) {
			if (last !== undefined) close(count);
			began_s = last ?? 0;
			ends.push(end_s);
			for (const each of domains) energies[each].push(0);
			seen = new Set();
		}
		// Without a place it is the sum over the machine's sockets.
		const ceiling_w = count.place === "" ? ceilings_w.psys : ceilings_w[domain];
		if (energy_j > ceiling_w * (end_s - began_s + raplUpdate_s))
			fail(`malformed: must be at most ${ceiling_w} W over the interval`, energy_j);
		const key = keyOf(count);
		if (seen.has(key)) fail("repeated: must count each domain once an interval; are two recordings in one file?", key);
		if (!wanted.has(key)) fail("missing: must be counted from the first interval on", key);
		seen.add(key);
		const own = energies[domain];
		own[own.length - 1] = (own.at(-1) as number) + energy_j;
	}
	close(counts.at(-1) as Count);
	return {
		end_s: Float64Array.from(ends),
		package_j: Float64Array.from(energies.package),
		...(domains.has("dram") ? { dram_j: Float64Array.from(energies.dram) } : {}),
	};
}
