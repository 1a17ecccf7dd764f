import type { BoardChoice } from "./boards.js";
import type { Coverage } from "./plausible.js";
import { type ScrapedMetric, type ScrapedSource, scrapedProbe } from "./prometheus.js";
import type { Series } from "./prometheusApi.js";
import type { Probe } from "./reading.js";

export interface ScrapedOptions {
	readonly url: string;
	/** Matchers of the pods or containers whose share is asked for: `namespace="ipa",pod=~"video.*"`. Default: the node. */
	readonly selector?: string;
	readonly scrape_s?: number;
	/** Variables of credentials; by default this process' own. */
	readonly environment?: ScrapedSource["environment"];
	/** Which boards count; by default all. */
	readonly boards?: BoardChoice | undefined;
}

/** Sources of Kepler that are counters of the hardware; where it names none, it is an older one that had no other. */
const counters = /^(rapl.*)?$/;
const estimates = /^(trained_power_model|estimator)$/;

/** What an exporter says of itself (its own `instance`, which Prometheus renames), or else where it was scraped. */
const machine = ({ node_name: node, exported_instance: own, instance = "" }: Series["labels"]) =>
	node ?? own ?? instance;

/** Labels that tell machines and sockets apart, in the order in which they name a domain. */
const nameOf = (labels: Series["labels"], ...keys: readonly string[]) =>
	keys.flatMap((key) => labels[key] ?? []).join("/");

/**
 * Kepler, both generations: >= 0.10 counts joules per zone, of which package and DRAM do not overlap (core and uncore lie
 * in the package, psys holds it); <= 0.9 splits a package's joules into dynamic and idle, counts both from 0 at its start,
 * and where it finds no counter estimates them (of kind `modelled`). So are joules that Kepler integrates from a sensor's
 * power (X-Gene's and other hwmon chips'); those that its fake meter makes up for tests are refused. With a selector: what
 * its model attributes to the containers, of kind `modelled`.
 */
export function keplerProbe({ selector, ...options }: ScrapedOptions): Probe {
	const zone = ({ zone: given = "" }: Series["labels"]): Coverage => (given.startsWith("dram") ? "dram" : "package");
	const node: readonly ScrapedMetric[] = [
		{
			selector: 'kepler_node_cpu_joules_total{zone=~"package.*|dram.*"}',
			joules: 1,
			// It begins with what the zone's counters show at Kepler's start.
			raw: true,
			covers: zone,
			machine,
			...byMeter,
			domain: (labels) => nameOf(labels, "instance", "node_name", "zone", "path"),
		},
		{
			selector: '{__name__=~"kepler_node_(package|dram)_joules_total"}',
			joules: 1,
			covers: ({ __name__: metric = "" }) => (metric.includes("_dram_") ? "dram" : "package"),
			machine,
			// Without counters, as in a virtual machine, it serves its model's estimate under the same name.
			...byMeter,
			domain: (labels) => nameOf(labels, "instance", "exported_instance", "__name__", "package", "mode", "source"),
		},
	];
	const container = (matchers: string): readonly ScrapedMetric[] => [
		{
			selector: `kepler_container_cpu_joules_total{zone=~"package.*|dram.*",${matchers}}`,
			joules: 1,
			kind: () => "modelled",
			covers: () => "process",
			domain: (labels) => nameOf(labels, "instance", "pod_id", "container_id", "container_name", "zone", "state"),
		},
		{
			selector: `{__name__=~"kepler_container_(package|dram)_joules_total",${matchers}}`,
			joules: 1,
			kind: () => "modelled",
			covers: () => "process",
			domain: (labels) =>
				nameOf(
					labels,
					"instance",
					"container_namespace",
					"pod_name",
					"container_name",
					"container_id",
					"__name__",
					"mode",
				),
		},
	];
	return scrapedProbe({
		...options,
		name: "kepler",
		metrics: selector === undefined ? node : container(selector),
		totalRule: "sum of packages and DRAM over the nodes that are scraped",
		remedy: "run Kepler on the nodes and let Prometheus scrape it (https://sustainable-computing.io)",
	});
}

/** A chip's sensor of power, by the path that Kepler reads. */
const sampled = /hwmon|xgene/i;

/** Is it a counter of the hardware, by the path that 0.10 tells and the source that older ones do? */
function isCounter({ path = "", source = "" }: Series["labels"]): boolean {
	return counters.test(source) && !sampled.test(path);
}

/** What is said of a node's series by the meter that Kepler reads. */
const byMeter: Pick<ScrapedMetric, "kind" | "refusal" | "caveat"> = {
	kind: (labels) => (isCounter(labels) ? "measured" : "modelled"),
	refusal: (labels) => madeUp(labels),
	caveat: (labels) => {
		const { path = "", source = "" } = labels;
		return isCounter(labels) || estimates.test(source)
			? undefined
			: `is of Kepler's ${source || path}: integrated from a sensor's power, or computed, and no counter of energy`;
	},
};

/** Kepler's meter for trying it out draws its joules at random; its zones lie at `energy_<zone>`. */
function madeUp(labels: Series["labels"]): string | undefined {
	const { path = "", source = "" } = labels;
	return /(^|\/)energy_(package|core|dram|uncore|psys)(-\d+)?$/.test(path) ||
		/\bfake\b|^dummy$/i.test(`${path} ${source}`)
		? "is made up by Kepler's fake meter"
		: undefined;
}

/** NVIDIA's dcgm-exporter: the boards' own energy counters, in millijoules. */
export function dcgmProbe({ selector, ...options }: ScrapedOptions): Probe {
	return scrapedProbe({
		...options,
		name: "dcgm-exporter",
		metrics: [
			{
				selector: `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION${selector === undefined ? "" : `{${selector}}`}`,
				joules: 1e-3,
				covers: () => "board",
				machine,
				board: ({ UUID, gpu = "", modelName }) => ({
					index: /^\d+$/.test(gpu) ? Number(gpu) : -1,
					...(UUID === undefined ? {} : { uuid: UUID }),
					...(modelName === undefined ? {} : { model: modelName }),
				}),
				// The pod that a board serves is a label too: a change of pods begins a new series of the same counter.
				domain: ({ UUID, gpu = "", instance = "" }) => UUID ?? `${instance}/${gpu}`,
				caveat: ({ GPU_I_ID: slice = "" }) =>
					slice === "" ? undefined : "is split by MIG: the energy is of the whole board, never of a slice",
				// DCGM's blank of a 64-bit integer, as near as a number comes to it.
				blank: Number("9223372036854775794"),
			},
		],
		totalRule: "sum of the boards; a slice of a board has no counter of its own",
		remedy: "run dcgm-exporter on the nodes and let Prometheus scrape it (port 9400)",
	});
}

/** Scaphandre 1.x: the host's energy in microjoules. */
export function scaphandreProbe({ selector, ...options }: ScrapedOptions): Probe {
	return scrapedProbe({
		...options,
		name: "scaphandre",
		metrics: [
			{
				selector: `scaph_host_energy_microjoules${selector === undefined ? "" : `{${selector}}`}`,
				joules: 1e-6,
				// The sum of the host's counters as they stand: where one wraps, the others do not.
				raw: true,
				machine,
				// The platform's counter where there is one, else packages and DRAM; newer versions say which.
				covers: ({ value_source: from = "" }) => (from.endsWith("_psys") ? "psys" : "package"),
				domain: (labels) => nameOf(labels, "instance"),
			},
		],
		totalRule: "sum of the hosts, each its platform (psys) or else its packages and DRAM",
		remedy: "run scaphandre prometheus on the nodes and let Prometheus scrape it (port 8080)",
	});
}
