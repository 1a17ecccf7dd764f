import { inMessage } from "../units.js";
/**
 * What a number of joules covers. `package`: a CPU socket with its cores and caches; `core`, `uncore`: parts of a
 * package; `dram`: the memory that a socket's controllers feed, not in the package; `psys`: the platform as the
 * firmware sees it, packages included; `board`: a whole GPU board; `node`: everything behind the power supply;
 * `process`: a share of a package or board attributed by a model to a process, container or pod.
 */
export type Coverage = "package" | "core" | "uncore" | "dram" | "psys" | "board" | "node" | "process";

/*
 * What a watt, a joule, a count and an instant can be. Every reader asks here, so that what no machine draws is refused
 * by all of them alike: a blank of a controller, a number in another base, a clock that was set.
 */

/**
 * More than what any one domain draws, W. `package`, `core`, `uncore`: the largest sockets sold are rated at 500 W.
 * `dram`: a socket's 24 modules at 15 W are 360 W. `psys`: eight sockets. `board`: the largest sold is rated at 1400 W.
 * `node`: eight such boards with their host draw 15 kW; a controller's blanks (65535, 32767) lie above. `process`: a share
 * of a node.
 */
export const ceilings_w: Readonly<Record<Coverage, number>> = {
	package: 1000,
	core: 1000,
	uncore: 1000,
	dram: 1000,
	psys: 5000,
	board: 2000,
	node: 20_000,
	process: 20_000,
};

/** A sum over machines, as of a cluster's Prometheus, W. */
export const sumCeiling_w = 1e6;

/** Mean power of a cell that somebody else measured, over however many machines, W: ten power stations. */
export const tableCeiling_w = 1e10;

/** Energy of a request or a batch, J: 1 TWh, what no run of any study used. */
export const energyCeiling_j = 3.6e15;

/** How far over a limit that the machine tells its power may go for moments: boosts end within milliseconds. */
const excursion = 2;

/** The ceiling of a domain, W: the known one, or less where the machine tells a limit of its own. */
export function ceilingOf(covers: Coverage, limit_w?: number): number {
	const known = ceilings_w[covers];
	return limit_w !== undefined && limit_w > 0 ? Math.min(known, excursion * limit_w) : known;
}

/** A number as tools print it: plain decimal. Undefined for hex, blanks, Infinity, NaN, separators, endless digits. */
export function decimal(text: string): number | undefined {
	if (text.length > 40 || !/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return undefined;
	const value = Number(text);
	return Number.isFinite(value) ? value : undefined;
}

/** Seconds since 1970 of a date and time (month from 1), or undefined where the calendar has no such moment. */
export function calendarInstant(parts: readonly number[]): number | undefined {
	const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] = parts;
	const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milli));
	const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
	const inDay = hour < 24 && minute < 60 && second < 60;
	const time_s = date.getTime() / 1000;
	return same && inDay && isInstant(time_s) ? time_s : undefined;
}

/** Can this be a time at which something was measured, s since 1970? From 2000 to 2100: milliseconds are not. */
export function isInstant(time_s: number): boolean {
	return time_s >= 946_684_800 && time_s < 4_102_444_800;
}

/** How long a window was by this process' own clock: the work alone, and with starting and ending the tool around it. */
export interface OwnWindow {
	readonly inner_s: number;
	readonly outer_s: number;
}

/** What a tool's start and its rounding may differ by, s. */
const clockSlack_s = 1;

/** Why a source's own time cannot be that of the window; undefined where it can. */
export function clockFault(source_s: number, { inner_s, outer_s }: OwnWindow): string | undefined {
	const least_s = Math.max(inner_s / 2 - clockSlack_s, inner_s / 20);
	if (source_s <= outer_s * 1.01 + clockSlack_s && source_s >= least_s) return undefined;
	return `its own clock says ${source_s} s of a window of ${inMessage(inner_s)} to ${inMessage(outer_s)} s`;
}
