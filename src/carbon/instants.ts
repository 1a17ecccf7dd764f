/** What a text says of an instant: milliseconds since 1970 UTC; two candidates where a clock put back shows it twice. */
export type InstantText =
	| { readonly status: "instant"; readonly at_ms: number }
	| { readonly status: "twice"; readonly earlier_ms: number; readonly later_ms: number }
	| { readonly status: "fault"; readonly rule: string };

const pattern =
	/^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?)?\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * Reads a time as data files write it: 2023-01-31 13:00, 2023-01-31T13:00:00Z, 2023-01-31T14:00:00+01:00. An offset in the
 * text holds; without one it is the clock of `timeZone`. A time that this clock never showed (an hour skipped in spring, 30
 * February) is a fault; one that it showed twice (autumn) has both instants.
 *
 * @param timeZone a name of the IANA database (UTC, Europe/Berlin)
 * @example
 * readInstant("2023-03-26 03:00", "Europe/Berlin"); // { status: "instant", at_ms: 1679792400000 }, 01:00 UTC
 */
export function readInstant(text: string, timeZone = "UTC"): InstantText {
	const found = pattern.exec(text.trim());
	const fault = (rule: string): InstantText => ({ status: "fault", rule });
	if (found === null) return fault("must be a time as 2023-01-31 13:00:00");
	const [, year, month, day, hour = "00", minute = "00", second = "00", offset] = found;
	const clock = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second);
	// What a calendar does not have rolls over instead of failing, so what is read must come back.
	if (isoSeconds(clock) !== `${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
		return fault("must be a time as 2023-01-31 13:00:00 that the calendar has");
	if (offset === undefined) return onClock(clock, timeZone);
	if (offset === "Z" || offset === "UTC") return { status: "instant", at_ms: clock };
	const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(":", "") || "0")];
	if (hours > 14 || minutes > 59) return fault("must have an offset from UTC of at most 14 hours");
	const sign = offset.startsWith("-") ? -1 : 1;
	return { status: "instant", at_ms: clock - sign * (hours * 60 + minutes) * 60_000 };
}

/** 2023-01-31T13:00:00Z. */
export function isoSeconds(at_ms: number): string {
	return Number.isFinite(at_ms) ? `${new Date(at_ms).toISOString().slice(0, 19)}Z` : String(at_ms);
}

/** Whether the runtime knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}

const day_ms = 86_400_000;

/** The instants at which a clock of the zone shows a time: one, none, or two. */
function onClock(clock: number, timeZone: string): InstantText {
	if (timeZone === "UTC") return { status: "instant", at_ms: clock };
	// A zone changes its offset far less than once a day, so the offsets around the time are those that can hold at it.
	const candidates = new Set([-day_ms, day_ms].map((shift) => clock - offsetAt(clock + shift, timeZone)));
	const shown = [...candidates].filter((at) => at + offsetAt(at, timeZone) === clock).sort((a, b) => a - b);
	const [first, second] = shown;
	if (first === undefined)
		return { status: "fault", rule: `must be a time that a clock in ${timeZone} showed (it was put forward over it)` };
	return second === undefined
		? { status: "instant", at_ms: first }
		: { status: "twice", earlier_ms: first, later_ms: second };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Offset of a zone's clock from UTC at an instant, ms. */
function offsetAt(at_ms: number, timeZone: string): number {
	let format = formats.get(timeZone);
	if (format === undefined) {
		format = new Intl.DateTimeFormat("en-US", {
			timeZone,
			hourCycle: "h23",
			year: "numeric",
			month: "numeric",
			day: "numeric",
			hour: "numeric",
			minute: "numeric",
			second: "numeric",
		});
		formats.set(timeZone, format);
	}
	const part = Object.fromEntries(format.formatToParts(at_ms).map(({ type, value }) => [type, Number(value)]));
	return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!) - at_ms;
}
