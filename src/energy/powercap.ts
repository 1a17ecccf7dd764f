import { type Count, type Counter, type CountFault, countFrom, countOn, type Observation } from "./counter.js";
import { type Coverage, ceilingOf, ceilings_w } from "./plausible.js";
import { isVirtualMachine, type RaplZone, raplUpdate_s, raplZones, type ZoneFault, zoneEnergy } from "./raplZones.js";
import { type DomainEnergy, type Outcome, type Probe, type ProbeRun, readingOf, refuse } from "./reading.js";
import { dieMirrors } from "./twinDies.js";

export interface PowercapOptions {
	/** The tree: `/sys/class/powercap`, or where a container has it mounted. */
	readonly root?: string;
	/** Between two readings of the counters, s; shortened to a third of what the ceiling needs for their range. */
	readonly period_s?: number;
	/** More than any one domain draws, W (psys: five times as much); less where the machine tells a limit that is in force. */
	readonly ceiling_w?: number;
	/** Whether this is a virtual machine: as its processor says, where not given. */
	readonly virtual?: boolean;
}

const name = "powercap";
const totalled: ReadonlySet<Coverage> = new Set(["package", "dram"]);
const totalRule = "sum of packages and DRAM; a package contains its cores and uncore, psys contains packages";

/** RAPL's counters in the kernel's powercap tree, polled so that none passes its maximum unseen. */
export function powercapProbe({
	root = "/sys/class/powercap",
	period_s = 0.1,
	ceiling_w = ceilings_w.package,
	virtual = isVirtualMachine(),
}: PowercapOptions = {}): Probe {
	return {
		name,
		// 0.1 % of a second is one update.
		minimumWindow_s: 1,
		detect: async () => {
			const found = raplZones(root, virtual);
			const unreadable =
				found.status === "fault"
					? found
					: found.zones
							.filter(isTotalled)
							.map(zoneEnergy)
							.find((value) => typeof value !== "number");
			if (found.status === "fault" || unreadable !== undefined) {
				const { status, ...fault } = unreadable ?? (found as ZoneFault);
				return { status: "unavailable", ...fault };
			}
			const domains = found.zones.filter(isTotalled);
			const covers = [...new Set(domains.map(({ covers }) => covers))];
			return { status: "available", covers, detail: `${root}: ${domains.map(({ domain }) => domain).join(", ")}` };
		},
		start: async () => {
			const found = raplZones(root, virtual);
			return found.status === "fault" ? refused(found) : watch(found.zones, found.caveats, { period_s, ceiling_w });
		},
	};
}

function watch(
	zones: readonly RaplZone[],
	caveats: readonly string[],
	{ period_s, ceiling_w }: { readonly period_s: number; readonly ceiling_w: number },
): ProbeRun {
	const states = zones.map((zone) => {
		const counter: Counter = {
			range_j: zone.range_j,
			ceiling_w: Math.min(zone.covers === "psys" ? 5 * ceiling_w : ceiling_w, ceilingOf(zone.covers, zone.limit_w)),
			update_s: raplUpdate_s,
		};
		const first = observe(zone);
		return { zone, counter, count: "status" in first ? first : (countFrom(first) as Count | CountFault | ZoneFault) };
	});
	const poll = (polled: typeof states, last = false) => {
		for (const state of polled) {
			if (state.count.status !== "counted") continue;
			const next = observe(state.zone);
			// A read that fails is made up for by the next one: the counter has gone on.
			if (!("status" in next)) state.count = countOn(state.counter, state.count, next);
			else if (last) state.count = next;
		}
	};
	// A counter of 64 bits is safe for years, and a timer of more than 24 days fires at once, and always.
	const safe_s = Math.min(3600, ...states.map(({ counter }) => counter.range_j / counter.ceiling_w / 3));
	const inTotal = states.filter(({ zone }) => isTotalled(zone));
	const timers = [
		setInterval(() => poll(inTotal), 1000 * Math.min(period_s, safe_s)).unref(),
		// What is only shown is read no more often than its range asks for: each read costs the machine that is measured.
		setInterval(() => poll(states), 1000 * safe_s).unref(),
	];
	return {
		stop: async () => {
			timers.forEach(clearInterval);
			poll(states, true);
			return outcomeOf(states, caveats);
		},
	};
}

interface State {
	readonly zone: RaplZone;
	readonly count: Count | CountFault | ZoneFault;
}

function outcomeOf(states: readonly State[], found: readonly string[]): Outcome {
	const caveats = [...found];
	const counted: { zone: RaplZone; count: Count }[] = [];
	for (const { zone, count } of states) {
		if (count.status === "counted") counted.push({ zone, count });
		else if (isTotalled(zone))
			return refuse(name, count.cause, `${zone.domain}: ${count.reason}`, "remedy" in count ? count.remedy : undefined);
		else caveats.push(`${zone.domain} is left out: ${count.reason}`);
	}
	const dies = counted.filter(({ zone }) => zone.covers === "package");
	const mirrors = dieMirrors(
		counted
			.filter(({ zone }) => isTotalled(zone))
			.map(({ zone: { domain, covers, socket }, count }) => ({ domain, covers, socket, count })),
		raplUpdate_s,
	);
	if (mirrors.status === "ambiguous")
		return refuse(
			name,
			"overlapping-domains",
			`${mirrors.domains.join(", ")} counted the same: one counter, or several?`,
		);
	if (mirrors.status === "mirrored")
		caveats.push(`${[...mirrors.dropped].join(", ")}: the same counter as another die's, counted once`);

	const domains = counted.flatMap(({ zone, count }): DomainEnergy[] => {
		// Some processors list DRAM and never count it.
		if (zone.covers === "dram" && count.first.value_j === 0 && count.last.value_j === 0) {
			caveats.push(`${zone.domain} has stood at 0 since the machine started: the processor does not count it`);
			return [];
		}
		const seconds = count.last.notAfter_s - count.first.notAfter_s;
		return [
			{
				domain: zone.domain,
				covers: zone.covers,
				energy_j: count.energy_j,
				resolution_j: Math.max(1e-6, (count.energy_j / seconds) * raplUpdate_s),
				wraps: count.wraps,
				inTotal: isTotalled(zone) && !(mirrors.status === "mirrored" && mirrors.dropped.has(zone.domain)),
			},
		];
	});
	const [{ count }] = dies as [(typeof dies)[number]];
	return readingOf(name, {
		domains,
		totalRule,
		duration_s: count.last.notAfter_s - count.first.notAfter_s,
		samples: count.samples,
		caveats,
	});
}

function isTotalled({ covers }: RaplZone): boolean {
	return totalled.has(covers);
}

/** Read again where the kernel is busy for a moment. */
function observe(zone: RaplZone, attempts = 3): Observation | ZoneFault {
	const notBefore_s = performance.now() / 1000;
	const value_j = zoneEnergy(zone);
	if (typeof value_j === "number") return { value_j, notBefore_s, notAfter_s: performance.now() / 1000 };
	return attempts > 1 && value_j.cause === "not-supported" ? observe(zone, attempts - 1) : value_j;
}

function refused({ cause, reason, remedy }: ZoneFault): ProbeRun {
	return { stop: async () => refuse(name, cause, reason, remedy) };
}
