import type { RefusalCause } from "../../src/energy/reading.js";
import { type FakeZone, range_uj } from "./fakePowercap.js";

/** A powercap tree, what its counters go through, and what a reader of that window must say. */
export interface RaplScenario {
	readonly title: string;
	readonly zones: Readonly<Record<string, FakeZone>>;
	/** One after another: the counters that move, and the microjoules that each then shows. */
	readonly steps: readonly Readonly<Record<string, number>>[];
	/** What the packages and their DRAM drew, J; or why nobody who reads this tree can know. */
	readonly truth: number | string;
	/** What the packages alone drew, where there is DRAM beside them, J. */
	readonly packages_j?: number;
	/** Zones whose energy_uj the reader may not read. */
	readonly unreadable?: readonly string[];
	/** Nobody reads between the first step and the last: every reader is stopped meanwhile. */
	readonly held?: true;
	/** The reader's first window begins right before the first step. */
	readonly cold?: true;
	/** Options by which CodeCarbon's user asks for what the scenario needs, where the defaults do not give it. */
	readonly codecarbon?: { readonly measure_power_secs?: number; readonly rapl_include_dram?: boolean };
	/** CodeCarbon's window is a task (`start_task`, `stop_task`), not a whole run of its tracker. */
	readonly task?: true;
	/** What ours must say: the truth, or a refusal of this cause. */
	readonly ours: "truth" | RefusalCause;
}

/** No counter rises by more at once: a counter of 1000 W moves by so much in its update of 1 ms. */
const step_uj = 800_000;

/** Steps in which each counter rises by so many joules, evenly and all together, and wraps at its range. */
function rising(zones: RaplScenario["zones"], joules: Readonly<Record<string, number>>): Record<string, number>[] {
	const count = Math.ceil((1e6 * Math.max(...Object.values(joules))) / step_uj);
	return Array.from({ length: count }, (_, i) =>
		Object.fromEntries(
			Object.entries(joules).map(([id, rise_j]) => {
				const { energy_uj = 0, max_energy_range_uj = range_uj } = zones[id] ?? {};
				return [id, (Number(energy_uj) + Math.round((rise_j * 1e6 * (i + 1)) / count)) % max_energy_range_uj];
			}),
		),
	);
}

function scenario(
	title: string,
	zones: RaplScenario["zones"],
	joules: Readonly<Record<string, number>>,
	rest: Pick<RaplScenario, "truth" | "ours"> & Partial<RaplScenario>,
): RaplScenario {
	return { title, zones, steps: rising(zones, joules), ...rest };
}

const zone = (name: string, joules: number, range_j?: number): FakeZone => ({
	name,
	energy_uj: Math.round(joules * 1e6),
	...(range_j === undefined ? {} : { max_energy_range_uj: range_j * 1e6 }),
});
const range_j = range_uj / 1e6;
const package0 = { "intel-rapl:0": zone("package-0", 1000) };
const sockets = { ...package0, "intel-rapl:1": zone("package-1", 3000) };
const memory = { ...package0, "intel-rapl:0:0": zone("dram", 2000, 65712) };
/** So short a range that it is passed twice in seconds: a real one of 262 kJ is passed in 22 minutes at 200 W. */
const short = { "intel-rapl:0": zone("package-0", 400, 500) };
const dies = (second_j: number) => ({
	"intel-rapl:0": zone("package-0-die-0", 7),
	"intel-rapl:1": zone("package-0-die-1", second_j),
});
const fallen = rising(package0, { "intel-rapl:0": 4 });

export const raplScenarios: readonly RaplScenario[] = [
	scenario("one package", package0, { "intel-rapl:0": 20 }, { truth: 20, ours: "truth" }),
	scenario(
		"one wrap, in the middle",
		{ "intel-rapl:0": zone("package-0", range_j - 50) },
		{ "intel-rapl:0": 300 },
		{ truth: 300, ours: "truth" },
	),
	scenario(
		"one wrap, right before the end",
		{ "intel-rapl:0": zone("package-0", range_j - 50) },
		{ "intel-rapl:0": 50.4 },
		{ truth: 50.4, ours: "truth" },
	),
	scenario(
		"one wrap, right after a reader's first window began",
		{ "intel-rapl:0": zone("package-0", range_j - 10) },
		{ "intel-rapl:0": 300 },
		{ truth: 300, cold: true, ours: "truth" },
	),
	scenario(
		"two wraps of a short range, polled often",
		short,
		{ "intel-rapl:0": 850 },
		{ truth: 850, ours: "truth", codecarbon: { measure_power_secs: 0.5 } },
	),
	scenario(
		"two wraps of a short range, within one interval of 15 s",
		short,
		{ "intel-rapl:0": 850 },
		{ truth: 850, ours: "truth" },
	),
	scenario(
		"two wraps of a short range, polled often, as a task of CodeCarbon's",
		short,
		{ "intel-rapl:0": 850 },
		{ truth: 850, ours: "truth", codecarbon: { measure_power_secs: 0.5 }, task: true },
	),
	scenario(
		"two wraps while every reader is stopped",
		short,
		{ "intel-rapl:0": 850 },
		{ truth: 850, held: true, ours: "wrapped-twice" },
	),
	scenario("two sockets", sockets, { "intel-rapl:0": 12, "intel-rapl:1": 7 }, { truth: 19, ours: "truth" }),
	scenario(
		"package with core and uncore in it",
		{ ...package0, "intel-rapl:0:0": zone("core", 400), "intel-rapl:0:1": zone("uncore", 50) },
		{ "intel-rapl:0": 10, "intel-rapl:0:0": 6, "intel-rapl:0:1": 1 },
		{ truth: 10, ours: "truth" },
	),
	scenario(
		"package and DRAM",
		memory,
		{ "intel-rapl:0": 10, "intel-rapl:0:0": 3 },
		{ truth: 13, packages_j: 10, ours: "truth" },
	),
	scenario(
		"package and DRAM, CodeCarbon asked for DRAM",
		memory,
		{ "intel-rapl:0": 10, "intel-rapl:0:0": 3 },
		{ truth: 13, packages_j: 10, ours: "truth", codecarbon: { rapl_include_dram: true } },
	),
	scenario(
		"DRAM that is listed and never counts",
		{ ...package0, "intel-rapl:0:0": zone("dram", 0) },
		{ "intel-rapl:0": 10 },
		{ truth: 10, ours: "truth" },
	),
	scenario(
		"psys beside the package that it contains",
		{ ...package0, "intel-rapl:1": zone("psys", 5000) },
		{ "intel-rapl:0": 10, "intel-rapl:1": 25 },
		{ truth: 10, ours: "truth" },
	),
	scenario(
		"the package a second time, as intel-rapl-mmio",
		{ ...package0, "intel-rapl-mmio:0": zone("package-0", 1000) },
		{ "intel-rapl:0": 10, "intel-rapl-mmio:0": 10 },
		{ truth: 10, ours: "truth" },
	),
	scenario(
		"two dies that mirror one counter",
		dies(7),
		{ "intel-rapl:0": 10, "intel-rapl:1": 10 },
		{
			truth: 10,
			ours: "truth",
		},
	),
	scenario(
		"two dies of their own",
		dies(900),
		{ "intel-rapl:0": 10, "intel-rapl:1": 15 },
		{
			truth: 25,
			ours: "truth",
		},
	),
	scenario(
		"two dies of their own, under the same load",
		dies(900),
		{ "intel-rapl:0": 10, "intel-rapl:1": 10 },
		{
			truth: 20,
			ours: "overlapping-domains",
		},
	),
	scenario(
		"permission denied",
		package0,
		{ "intel-rapl:0": 10 },
		{
			truth: 10,
			unreadable: ["intel-rapl:0"],
			ours: "no-access",
		},
	),
	scenario(
		"one of two sockets may not be read",
		sockets,
		{ "intel-rapl:0": 12, "intel-rapl:1": 7 },
		{
			truth: 19,
			unreadable: ["intel-rapl:1"],
			ours: "no-access",
		},
	),
	{
		title: "a counter that stands still",
		zones: package0,
		steps: Array.from({ length: 100 }, () => ({ "intel-rapl:0": 1_000_000_000 })),
		truth: "not known: no running package draws 0 J",
		ours: "zero",
	},
	{
		title: "a counter that begins anew",
		zones: package0,
		steps: [...fallen, ...fallen.map((_, i) => ({ "intel-rapl:0": i * step_uj }))],
		truth: "not known: at least 7.2 J; what was counted since the last look is lost",
		ours: "reset",
	},
];
