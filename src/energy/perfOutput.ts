import { decimal } from "./plausible.js";

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
