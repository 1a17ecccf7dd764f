import type { Kind } from "../units.js";
import { type Coverage, ceilings_w, clockFault, type OwnWindow } from "./plausible.js";

/** Energy of one counter or sensor over a window. */
export interface DomainEnergy {
	/** The source's own name: `package-0`, `dram-0`, a GPU's UUID. */
	readonly domain: string;
	readonly covers: Coverage;
	readonly energy_j: number;
	/** The smallest step that the source can show over this window, J. */
	readonly resolution_j: number;
	/** How often its counter passed its maximum in the window. */
	readonly wraps: number;
	/** Whether this domain is part of the reading's total: one that another domain contains is not. */
	readonly inTotal: boolean;
}

/** Energy of a window, by one probe. */
export interface Reading {
	readonly status: "reading";
	readonly probe: string;
	readonly domains: readonly DomainEnergy[];
	/** Sum of the domains that are in the total, J. Never zero or negative: those are refusals. */
	readonly energy_j: number;
	/** Which domains make the total, in words: "sum of packages and DRAM". */
	readonly totalRule: string;
	/** What the total covers, each once. */
	readonly covers: readonly Coverage[];
	/** From the source's first to its last observation, s: what `energy_j` is of. */
	readonly duration_s: number;
	/** Observations of the source in the window. */
	readonly samples: number;
	/** Of the total, J: the sum of its domains' resolutions. */
	readonly resolution_j: number;
	readonly wraps: number;
	/** `modelled` where a source attributes energy by a model (a container's share, a MIG slice). */
	readonly kind: Exclude<Kind, "digitised">;
	/** What a reader must know of this number: mirrored dies dropped, gaps in the samples. */
	readonly caveats: readonly string[];
	/** Means over the window of what else the source saw, units in the name: temperature_c, sm_clock_mhz. */
	readonly observed?: Readonly<Record<string, number>>;
	/** What makes the window suspect, by the source's own words. */
	readonly flags?: readonly { readonly name: string; readonly meaning: string }[];
	/** Names of machines that may stand in the texts above, where the source tells any: not to be published. */
	readonly machines?: readonly string[];
}

/**
 * Why there is no number. `no-access`: there, but this user may not read it; `absent`: not on this machine;
 * `not-supported`: the hardware or driver does not offer it; `not-counted`: the counter never ran in the window;
 * `wrapped-twice`: the counter may have passed its maximum twice between two observations; `zero`, `negative`: what no
 * window of a running machine consumes; `overlapping-domains`: domains that count the same energy and cannot be told
 * apart; `command-failed`: the tool or the command that it watched failed; `clock-went-back`: the source's clock is not
 * monotonic over the window; `too-few-samples`: the window is too short for the source; `reset`: the counter began anew
 * and what it had counted is lost; `malformed`: the source said something that is not in its documented form.
 */
export type RefusalCause =
	| "no-access"
	| "absent"
	| "not-supported"
	| "not-counted"
	| "wrapped-twice"
	| "zero"
	| "negative"
	| "overlapping-domains"
	| "command-failed"
	| "clock-went-back"
	| "too-few-samples"
	| "reset"
	| "malformed";

/** A window without a number, and why. */
export interface Refusal {
	readonly status: "refused";
	readonly probe: string;
	readonly cause: RefusalCause;
	/** A sentence that names the file, field or command and the value it gave. */
	readonly reason: string;
	/** The exact command, or the change, that would make the source readable; absent where none would. */
	readonly remedy?: string;
	/** As of a reading. */
	readonly machines?: readonly string[];
}

export type Outcome = Reading | Refusal;

/** A refusal, composed in one place. */
export function refuse(probe: string, cause: RefusalCause, reason: string, remedy?: string): Refusal {
	return { status: "refused", probe, cause, reason, ...(remedy === undefined ? {} : { remedy }) };
}

type ReadingParts = Pick<Reading, "domains" | "totalRule" | "duration_s" | "samples"> &
	Partial<Pick<Reading, "kind" | "caveats">> & {
		/** More than what a domain draws, W; by default the ceiling of what it covers. */
		readonly ceilingOf_w?: (domain: DomainEnergy) => number;
		/** The window by this process' clock, where the source tells its time by one of its own. */
		readonly own?: OwnWindow;
	};

/**
 * A reading from its domains. The total is the sum of those in it. Refused: no domain in the total, an energy that is
 * zero, negative, not finite or above what the domain can draw in any domain of the total, a duration that is not positive
 * (`clock-went-back`) or not that of the window. A domain beside the total that is no energy is left out, with a caveat.
 */
export function readingOf(
	probe: string,
	{
		domains: all,
		totalRule,
		duration_s,
		samples,
		kind = "measured",
		caveats = [],
		ceilingOf_w = ({ covers }) => ceilings_w[covers],
		own,
	}: ReadingParts,
): Outcome {
	const total = all.filter(({ inTotal }) => inTotal);
	if (total.length === 0) return refuse(probe, "absent", "no domain that makes a total was read");
	if (!(duration_s > 0)) return refuse(probe, "clock-went-back", `the window lasted ${duration_s} s by its own clock`);
	const clock = own === undefined ? undefined : clockFault(duration_s, own);
	if (clock !== undefined) return refuse(probe, "malformed", clock);
	const faults = new Map<DomainEnergy, Refusal>();
	for (const domain of all) {
		const fault = energyFault(probe, domain, duration_s, ceilingOf_w(domain));
		if (fault !== undefined && domain.inTotal) return fault;
		if (fault !== undefined && fault.cause !== "zero") faults.set(domain, fault);
	}
	const sum = (of: (domain: DomainEnergy) => number) => total.reduce((so, domain) => so + of(domain), 0);
	return {
		status: "reading",
		probe,
		domains: all.filter((domain) => !faults.has(domain)),
		energy_j: sum(({ energy_j }) => energy_j),
		totalRule,
		covers: [...new Set(total.map(({ covers }) => covers))],
		duration_s,
		samples,
		resolution_j: sum(({ resolution_j }) => resolution_j),
		wraps: sum(({ wraps }) => wraps),
		kind,
		caveats: [...caveats, ...[...faults.values()].map(({ reason }) => `left out: ${reason}`)],
	};
}

/** What a counter shows may be so late, s: DCGM caches the boards' for a second, and NVML moves it every 0.1 s. */
const longestUpdate_s = 1.1;

/** Why a domain's energy over a window is none. */
function energyFault(
	probe: string,
	{ domain, energy_j, resolution_j }: DomainEnergy,
	duration_s: number,
	ceiling_w: number,
): Refusal | undefined {
	const counted = `${domain} counted ${energy_j} J over ${duration_s} s`;
	if (energy_j === 0) return refuse(probe, "zero", counted);
	if (energy_j < 0) return refuse(probe, "negative", counted);
	if (!Number.isFinite(energy_j)) return refuse(probe, "malformed", counted);
	if (!(resolution_j >= 0 && Number.isFinite(resolution_j)))
		return refuse(probe, "malformed", `${domain} has a resolution of ${resolution_j} J`);
	if (energy_j > ceiling_w * (duration_s + longestUpdate_s))
		return refuse(probe, "malformed", `${counted}, more than ${ceiling_w} W`);
	return undefined;
}

/** One source of energy readings on this machine or reachable from it. */
export interface Probe {
	/** `powercap`, `perf`, `etrace2`, `nvidia-smi`, `dcgm`, `dcmi`, `kepler`, `dcgm-exporter`, `scaphandre`, or a program's own. */
	readonly name: string;
	/** The shortest window that the source resolves well, s. */
	readonly minimumWindow_s: number;
	/** Whether it can be read now, by this user: tried, not guessed. Changes nothing on the machine. */
	readonly detect: () => Promise<Detection>;
	/** Begins a window. Where the source cannot be read, `stop` says so; `start` rejects for no cause of the source's. */
	readonly start: () => Promise<ProbeRun>;
}

export interface ProbeRun {
	/** Ends the window: its reading, or why there is none. Frees what `start` took, in either case. */
	readonly stop: () => Promise<Outcome>;
}

/** `available`: what it covers, and how it was found out, in a line. `unavailable`: the refusal that a window would get. */
export type Detection =
	| { readonly status: "available"; readonly covers: readonly Coverage[]; readonly detail: string }
	| ({ readonly status: "unavailable" } & Pick<Refusal, "cause" | "reason" | "remedy">);
