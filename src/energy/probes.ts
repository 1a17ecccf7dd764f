import { InputError } from "../errors.js";
import { type BoardChoice, type BoardEnvironment, boardChoice } from "./boards.js";
import { dcgmiProbe } from "./dcgmi.js";
import { dcmiProbe } from "./dcmi.js";
import { etrace2Probe } from "./etrace2.js";
import { nvidiaSmiProbe } from "./nvidiaSmi.js";
import { perfProbe } from "./perf.js";
import { decimal } from "./plausible.js";
import { powercapProbe } from "./powercap.js";
import { brokenProbe } from "./prometheus.js";
import { prometheusPrefix } from "./prometheusApi.js";
import type { Detection, Probe } from "./reading.js";
import { dcgmProbe, keplerProbe, scaphandreProbe } from "./scrapedSources.js";

/** The variables by which a user says where a source is. */
export interface ProbeEnvironment extends BoardEnvironment, Readonly<Record<string, string | undefined>> {
	/** The powercap tree where it is not at /sys/class/powercap, as in a container that mounts the host's /sys elsewhere. */
	readonly SUSTAINABLE_IPA_POWERCAP_ROOT?: string | undefined;
	/**
	 * Where the Prometheus answers that scrapes Kepler, dcgm-exporter or Scaphandre: `http://localhost:9090`. Credentials:
	 * `..._USER` and `..._PASSWORD` (basic) or `..._TOKEN` (bearer) in place of `..._URL`, the last two also as `..._FILE`.
	 */
	readonly SUSTAINABLE_IPA_PROMETHEUS_URL?: string | undefined;
	/** Matchers of the series that count: `pod=~"video.*"`; for Kepler it asks for containers instead of nodes. */
	readonly SUSTAINABLE_IPA_PROMETHEUS_SELECTOR?: string | undefined;
	/** Between two scrapes, s; default 15. */
	readonly SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S?: string | undefined;
}

/**
 * Every known probe, in order of preference: the first that is available gives the energy of a cell, the others are
 * read beside it. Counters of the CPU first, then what integrates samples of power.
 *
 * @param boards the GPU boards that count, by index, UUID or its beginning; by default those that CUDA_VISIBLE_DEVICES
 *   names, else all
 */
export function knownProbes(
	environment: ProbeEnvironment = process.env,
	boards?: readonly (string | number)[],
): readonly Probe[] {
	const { SUSTAINABLE_IPA_POWERCAP_ROOT: root } = environment;
	const tree = root === undefined || root === "" ? {} : { root };
	const choice = boardChoice(environment, boards);
	return [
		powercapProbe(tree),
		perfProbe(),
		etrace2Probe(tree),
		dcgmiProbe({ boards: choice }),
		nvidiaSmiProbe({ boards: choice }),
		dcmiProbe(),
		// The boards behind a Prometheus may be another machine's: this process' variable says nothing of them.
		...scrapedProbes(environment, boards === undefined ? undefined : choice),
	];
}

const scraped = { kepler: keplerProbe, "dcgm-exporter": dcgmProbe, scaphandre: scaphandreProbe } as const;

function scrapedProbes(environment: ProbeEnvironment, boards: BoardChoice | undefined): readonly Probe[] {
	const {
		SUSTAINABLE_IPA_PROMETHEUS_URL: url = "",
		SUSTAINABLE_IPA_PROMETHEUS_SELECTOR: selector = "",
		SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S: scrape = "15",
	} = environment;
	const scrape_s = decimal(scrape) ?? 0;
	if (!(scrape_s > 0 && scrape_s <= longestScrape_s))
		throw new InputError({
			file: "environment",
			field: "SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S",
			rule: `must be a number of seconds above 0 and at most ${longestScrape_s}`,
			value: scrape,
		});
	return Object.entries(scraped).map(([name, probe]) =>
		url === ""
			? brokenProbe(name, 150, "no Prometheus is named", `export ${prometheusPrefix}_URL=http://localhost:9090`)
			: probe({ url, scrape_s, boards, environment, ...(selector === "" ? {} : { selector }) }),
	);
}

/** A window is ten scrapes. */
const longestScrape_s = 3600;

export interface Detected {
	readonly probe: Probe;
	readonly detection: Detection;
}

/**
 * What each probe can read here, in their order; by default every probe that there is.
 *
 * @example
 * const never = { name: "never", detect: async () => ({ status: "unavailable", reason: "no such machine" }) };
 * (await energy.detectProbes([never]))[0].detection.reason; // → "no such machine"
 * (await energy.detectProbes())[0].probe.name; // → "powercap"
 */
export function detectProbes(probes: readonly Probe[] = knownProbes()): Promise<Detected[]> {
	return Promise.all(probes.map(async (probe) => ({ probe, detection: await probe.detect() })));
}
