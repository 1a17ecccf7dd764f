import { InputError } from "../errors.js";
import { dcgmiProbe } from "./dcgmi.js";
import { dcmiProbe } from "./dcmi.js";
import { etrace2Probe } from "./etrace2.js";
import { nvidiaSmiProbe } from "./nvidiaSmi.js";
import { perfProbe } from "./perf.js";
import { powercapProbe } from "./powercap.js";
import type { Probe } from "./probe.js";
import { refuse } from "./reading.js";
import { dcgmProbe, keplerProbe, scaphandreProbe } from "./scrapedSources.js";

/** The variables by which a user says where a source is. */
export interface ProbeEnvironment {
	/** The powercap tree where it is not at /sys/class/powercap, as in a container that mounts the host's /sys elsewhere. */
	readonly SUSTAINABLE_IPA_POWERCAP_ROOT?: string | undefined;
	/** Where the Prometheus answers that scrapes Kepler, dcgm-exporter or Scaphandre: `http://localhost:9090`. */
	readonly SUSTAINABLE_IPA_PROMETHEUS_URL?: string | undefined;
	/** Matchers of the series that count: `pod=~"video.*"`; for Kepler it asks for containers instead of nodes. */
	readonly SUSTAINABLE_IPA_PROMETHEUS_SELECTOR?: string | undefined;
	/** Between two scrapes, s; default 15. */
	readonly SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S?: string | undefined;
}

/**
 * Every known probe, in order of preference: the first that is available gives the energy of a cell, the others are
 * read beside it. Counters of the CPU first, then what integrates samples of power.
 */
export function knownProbes(environment: ProbeEnvironment = process.env): readonly Probe[] {
	const { SUSTAINABLE_IPA_POWERCAP_ROOT: root } = environment;
	const tree = root === undefined || root === "" ? {} : { root };
	return [
		powercapProbe(tree),
		perfProbe(),
		etrace2Probe(tree),
		dcgmiProbe(),
		nvidiaSmiProbe(),
		dcmiProbe(),
		...scrapedProbes(environment),
	];
}

const scraped = { kepler: keplerProbe, "dcgm-exporter": dcgmProbe, scaphandre: scaphandreProbe } as const;

function scrapedProbes({
	SUSTAINABLE_IPA_PROMETHEUS_URL: url = "",
	SUSTAINABLE_IPA_PROMETHEUS_SELECTOR: selector = "",
	SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S: scrape = "15",
}: ProbeEnvironment): readonly Probe[] {
	const scrape_s = Number(scrape);
	if (!(scrape_s > 0 && Number.isFinite(scrape_s)))
		throw new InputError({
			file: "environment",
			field: "SUSTAINABLE_IPA_PROMETHEUS_SCRAPE_S",
			rule: "must be a number of seconds above 0",
			value: scrape,
		});
	return Object.entries(scraped).map(([name, probe]) =>
		url === "" ? withoutPrometheus(name) : probe({ url, scrape_s, ...(selector === "" ? {} : { selector }) }),
	);
}

function withoutPrometheus(name: string): Probe {
	const reason = "no Prometheus is named";
	const remedy = "export SUSTAINABLE_IPA_PROMETHEUS_URL=http://localhost:9090";
	return {
		name,
		minimumWindow_s: 150,
		detect: async () => ({ status: "unavailable", cause: "absent", reason, remedy }),
		start: async () => ({ stop: async () => refuse(name, "absent", reason, remedy) }),
	};
}
