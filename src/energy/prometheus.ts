import { inMessage } from "../units.js";
import { type Board, type BoardChoice, chosenBoards } from "./boards.js";
import { type Server, serverAt } from "./credentials.js";
import { type Coverage, ceilings_w } from "./plausible.js";
import {
	type PrometheusAnswer,
	prometheusPrefix,
	rawSamples,
	type ScrapedCount,
	type Series,
	scrapedCount,
} from "./prometheusApi.js";
import {
	type Detection,
	type DomainEnergy,
	type Outcome,
	type Probe,
	type Reading,
	type Refusal,
	readingOf,
	refuse,
} from "./reading.js";

/** A counter of energy that an exporter serves and Prometheus scrapes. */
export interface ScrapedMetric {
	/** The selector of its series; `{}` of matchers included. */
	readonly selector: string;
	/** Joules in one unit of the counter. */
	readonly joules: number;
	/** What a series covers, by its labels. */
	readonly covers: (labels: Series["labels"]) => Coverage;
	/** What names a series' domain: two series that name one domain count the same energy. */
	readonly domain: (labels: Series["labels"]) => string;
	/**
	 * It shows hardware counters as they stand, or the sum of several: where it falls, one of them wrapped or the exporter
	 * began anew, at no value that is known. Otherwise a counter that falls began at 0.
	 */
	readonly raw?: true;
	/** Which machine a series is of, where the total is of whole machines: a sum over several is said to be one. */
	readonly machine?: (labels: Series["labels"]) => string;
	/** What must be said of a series, by its labels; nothing where undefined. */
	readonly caveat?: (labels: Series["labels"]) => string | undefined;
	/** Why a series is no meter's, by its labels; nothing where undefined. */
	readonly refusal?: (labels: Series["labels"]) => string | undefined;
	/** The board that a series is of, where boards can be chosen. */
	readonly board?: (labels: Series["labels"]) => Board;
	/** A value that stands for "no value". */
	readonly blank?: number;
	/** Whether a model gave it, by its labels; measured where not given. */
	readonly kind?: (labels: Series["labels"]) => Reading["kind"];
}

export interface ScrapedSource {
	readonly name: string;
	/** Where Prometheus answers: `http://localhost:9090`. A name and a password in it are sent, and told nowhere. */
	readonly url: string;
	/** Variables of credentials, as `serverAt` reads them; by default this process' own. */
	readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
	/** Which boards count; by default all. */
	readonly boards?: BoardChoice | undefined;
	/** By preference: the first of which there are series is read. */
	readonly metrics: readonly ScrapedMetric[];
	readonly totalRule: string;
	/** How to have the series there. */
	readonly remedy: string;
	/** Between two scrapes, s: a window needs several. */
	readonly scrape_s?: number;
}

/** Clocks that differ by less are taken for one: Prometheus tells its own in whole seconds. */
const clocksDiffer_s = 2;
/** More than this between the wall clock and the monotonic one over a window is a clock that was set. */
const clockSet_s = 1;

/** Within this time before now a series must have a sample to count as there, s: Prometheus' own look-back. */
const lookBack_s = 300;

/**
 * Counters scraped by Prometheus. Energy is the difference of raw samples within the window, per series before summing;
 * the reading is of the time between the first and the last scrape in it, which is shorter than the window.
 */
export function scrapedProbe(source: ScrapedSource): Probe {
	const { name, scrape_s = 15, url, environment } = source;
	const found = serverAt(url, prometheusPrefix, environment);
	if (found.status === "fault") return brokenProbe(name, 10 * scrape_s, found.reason, found.remedy);
	const { server } = found;
	return {
		name,
		minimumWindow_s: 10 * scrape_s,
		detect: () => detect(source, server),
		start: async () => {
			const known = await knownDomains(source, server, scrape_s);
			const [from_s, began_ms] = [Date.now() / 1000, performance.now()];
			return {
				stop: async () => {
					const [until_s, lasted_s] = [Date.now() / 1000, (performance.now() - began_ms) / 1000];
					const set_s = until_s - from_s - lasted_s;
					return Math.abs(set_s) > clockSet_s
						? refuse(name, "clock-went-back", `this machine's clock was set by ${inMessage(set_s)} s in the window`)
						: outcomeOf(source, server, [from_s, until_s], known);
				},
			};
		},
	};
}

/** A probe that cannot be asked, and why. */
export function brokenProbe(name: string, minimumWindow_s: number, reason: string, remedy: string): Probe {
	const refusal = refuse(name, "absent", reason, remedy);
	return {
		name,
		minimumWindow_s,
		detect: async () => unavailable(refusal),
		start: async () => ({ stop: async () => refusal }),
	};
}

async function detect(source: ScrapedSource, server: Server): Promise<Detection> {
	const now_s = Date.now() / 1000;
	const found = await firstSeries(source, server, now_s - lookBack_s, now_s);
	if (found.status === "refused") return unavailable(found);
	const { metric, series } = found;
	const made = series.flatMap(({ labels }) => metric.refusal?.(labels) ?? []);
	if (made[0] !== undefined) return unavailable(refuse(source.name, "not-supported", made[0]));
	return {
		status: "available",
		covers: [...new Set(series.map(({ labels }) => metric.covers(labels)))],
		detail: `${server.url}: ${metric.selector}, ${series.length} series`,
	};
}

function unavailable({ cause, reason, remedy }: Refusal): Detection {
	return { status: "unavailable", cause, reason, ...(remedy === undefined ? {} : { remedy }) };
}

interface Found {
	readonly status: "found";
	readonly metric: ScrapedMetric;
	readonly series: readonly Series[];
	/** By how much Prometheus' clock is ahead, where that is told at all, s. */
	readonly ahead_s: number;
}

/** The series of the first metric that has any, by Prometheus' own clock. */
async function firstSeries(
	source: ScrapedSource,
	server: Server,
	from_s: number,
	until_s: number,
): Promise<Found | Refusal> {
	for (const metric of source.metrics) {
		const answer = await rawSamples(server, metric.selector, from_s, until_s);
		if (answer.status === "fault") return refused(source, answer);
		const ahead_s = Math.abs(answer.ahead_s) > clocksDiffer_s ? answer.ahead_s : 0;
		const own = ahead_s === 0 ? answer : await rawSamples(server, metric.selector, from_s + ahead_s, until_s + ahead_s);
		if (own.status === "fault") return refused(source, own);
		if (own.series.length > 0) return { status: "found", metric, series: own.series, ahead_s };
	}
	const { name, metrics, remedy } = source;
	const selectors = metrics.map(({ selector }) => selector).join(", ");
	return refuse(name, "absent", `${server.url} has no series ${selectors}`, remedy);
}

/** What a window must have: the domains that were scraped just before it. Shares of containers come and go with them. */
async function knownDomains(source: ScrapedSource, server: Server, scrape_s: number): Promise<readonly string[]> {
	const now_s = Date.now() / 1000;
	const found = await firstSeries(source, server, now_s - 2 * scrape_s, now_s);
	if (found.status === "refused") return [];
	const { metric, series } = found;
	return series.flatMap(({ labels }) => (metric.covers(labels) === "process" ? [] : [metric.domain(labels)]));
}

async function outcomeOf(
	source: ScrapedSource,
	server: Server,
	[from_s, until_s]: readonly [number, number],
	known: readonly string[],
): Promise<Outcome> {
	const found = await firstSeries(source, server, from_s, until_s);
	if (found.status === "refused") return found;
	const { metric, series, ahead_s } = found;
	const machines = [...new Set(series.flatMap(({ labels }) => machineLabels.flatMap((label) => labels[label] ?? [])))];
	const there = new Set(series.map(({ labels }) => metric.domain(labels)));
	const gone = known.find((domain) => !there.has(domain));
	const outcome =
		gone === undefined
			? readingOfSeries(source, metric, series)
			: refuse(source.name, "absent", `${gone} was scraped before the window, and not in it`);
	if (ahead_s === 0 || outcome.status === "refused") return { ...outcome, machines };
	const caveat = `Prometheus' clock is ${inMessage(ahead_s)} s ahead of this machine's: its samples were asked for by its own clock, to within 1 s`;
	return { ...outcome, machines, caveats: [...outcome.caveats, caveat] };
}

/** Labels that hold the name of a machine. */
const machineLabels = ["instance", "exported_instance", "node_name", "node", "nodename", "Hostname", "hostname"];

function refused({ name }: ScrapedSource, { cause, reason, remedy }: Extract<PrometheusAnswer, { status: "fault" }>) {
	return refuse(name, cause, reason, remedy);
}

/** A reading from the series of a window, as they were scraped. */
export function readingOfSeries(
	{ name, totalRule, boards: choice }: Pick<ScrapedSource, "name" | "totalRule" | "boards">,
	metric: ScrapedMetric,
	all: readonly Series[],
): Outcome {
	const { board } = metric;
	const chosen = chosenBoards(
		board === undefined ? undefined : choice,
		all.map((own) => ({ index: -1, ...board?.(own.labels), own })),
	);
	if (chosen.status === "fault") return refuse(name, chosen.cause, chosen.reason, chosen.remedy);
	const series = chosen.boards.map(({ own }) => own);
	const counted: { domain: DomainEnergy; count: Extract<ScrapedCount, { status: "counted" }> }[] = [];
	const caveats: string[] = [];
	const machines = new Set(series.flatMap(({ labels }) => metric.machine?.(labels) ?? []));
	if (machines.size > 1) caveats.push(`the sum of ${machines.size} machines: ${[...machines].sort().join(", ")}`);
	const modelled = series.filter(({ labels }) => metric.kind?.(labels) === "modelled");
	for (const own of series) {
		const domain = metric.domain(own.labels);
		const covers = metric.covers(own.labels);
		const refusal = metric.refusal?.(own.labels);
		if (refusal !== undefined) return refuse(name, "not-supported", `${domain} ${refusal}`);
		if (own.values.some((value) => value === metric.blank))
			return refuse(name, "not-supported", `${domain}: the exporter gives its blank value ${metric.blank}`);
		if (counted.some((other) => other.domain.domain === domain))
			return refuse(name, "overlapping-domains", `${domain} has several series that count the same energy`);
		const caveat = metric.caveat?.(own.labels);
		if (caveat !== undefined) caveats.push(`${domain} ${caveat}`);
		const count = scrapedCount(own, ceilingOf_w(covers) / metric.joules);
		if (count.status === "fault") return refuse(name, count.cause, `${domain}: ${count.reason}`);
		if (count.resets > 0 && metric.raw)
			return refuse(name, "reset", `${domain} fell: a counter of its sum wrapped, or the exporter began anew`);
		if (count.resets > 0)
			caveats.push(`${domain} began anew ${count.resets} times: what it had counted since the scrape before is lost`);
		if (count.longestGap_s > 3 * count.usualGap_s)
			caveats.push(`${domain} was not scraped for ${inMessage(count.longestGap_s)} s`);
		counted.push({
			count,
			domain: {
				domain,
				covers,
				energy_j: count.counted * metric.joules,
				resolution_j: count.resolution * metric.joules,
				wraps: 0,
				inTotal: true,
			},
		});
	}
	const durations = counted.map(({ count: { duration_s } }) => duration_s);
	const [shortest, longest] = [Math.min(...durations), Math.max(...durations)];
	const usual_s = Math.max(...counted.map(({ count: { usualGap_s } }) => usualGap_s));
	// A series that came late or ended early counted for a part of the window alone.
	if (longest - shortest > 1.5 * usual_s)
		return refuse(name, "too-few-samples", `series cover ${shortest} to ${longest} s of the window, not the same time`);
	return readingOf(name, {
		domains: counted.map(({ domain }) => domain),
		totalRule,
		duration_s: durations.reduce((sum, duration_s) => sum + duration_s, 0) / durations.length,
		samples: Math.min(...counted.map(({ count: { samples } }) => samples)),
		kind: modelled.length > 0 ? "modelled" : "measured",
		caveats,
		ceilingOf_w: (domain) => ceilingOf_w(domain.covers),
	});
}

/** A series may be a host's, summed over its sockets; one of a board is of that board. */
function ceilingOf_w(covers: Coverage): number {
	return covers === "board" ? ceilings_w.board : ceilings_w.node;
}
