import { adaptationDefaults, type WindowStudy } from "../adaptation/compareSystems.js";
import type { Served } from "../adaptation/serve.js";
import { footprint } from "../carbon/footprint.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { PublishedComparison } from "../published/comparePublished.js";
import type { Change, Place } from "../studies/runs.js";
import { weakestKind } from "../units.js";
import { bars } from "./bars.js";
import { drawn, significant } from "./format.js";
import type { Figure } from "./house.js";
import { type EvenLine, type LineStyle, panels } from "./panels.js";

/** Means over blocks of `every` values. */
function blockMeans(values: Float64Array, every: number): number[] {
	return blocks(values, every, (sum, count) => sum / count);
}

/** Running totals at the end of each block of `every` values. */
function runningTotals(values: Float64Array, every: number): number[] {
	let total = 0;
	return blocks(values, every, (sum) => {
		total += sum;
		return total;
	});
}

function blocks(values: Float64Array, every: number, of: (sum: number, count: number) => number): number[] {
	return Array.from({ length: Math.ceil(values.length / every) }, (_, block) => {
		const own = values.subarray(block * every, (block + 1) * every);
		const shown = of(
			own.reduce((sum, value) => sum + value, 0),
			own.length,
		);
		return drawn(shown);
	});
}

/** What every figure and table of a run over a trace has to say of its numbers. */
export function caveat({ stages }: PipelineSpec): string {
	const points = stages.flatMap((stage) => stage.points);
	const measured = points.filter(({ kind }) => kind === "measured").length;
	return `Queues are simulated on the profile's latencies (${measured} of ${points.length} points measured, the rest modelled). ${energyCaveat(points)}`;
}

function energyCaveat(points: PipelineSpec["stages"][number]["points"]): string {
	const energies = points.flatMap(({ energy }) => energy ?? []);
	if (energies.length === 0) return "The profile has no energies.";
	const busy = weakestKind(energies.map(({ kind }) => kind));
	const idle = weakestKind(energies.map(({ kind, idle_kind }) => idle_kind ?? kind));
	return busy === "modelled"
		? "Energies are modelled from cores and latency: coupled with them by construction, no evidence."
		: `Energies are the profile's own: those of batches ${busy}, idle powers ${idle}.`;
}

/** A colour and a dash for each system, apart where lines lie on each other: the wide ones are drawn first. */
const systemStyles: Readonly<Record<string, LineStyle>> = {
	"fa2-low": { color: "#56b4e9", width: 4 },
	"fa2-high": { color: "#e69f00", width: 4 },
	rim: { color: "#999999", width: 2.5 },
	ipa: { color: "#000000", width: 1.6 },
	"ipa-energy": { color: "#d55e00", dash: "dash", width: 1.8 },
};

/** A metric of a run, one value an interval; undefined where there is none. */
export type Metric = (served: Served) => Float64Array | undefined;

/** Decisions that one point of a line stands for: 30 s, and more where a window is long. */
function decisionsPerPoint({ runs }: WindowStudy): number {
	const most = Math.max(
		...runs.flatMap(({ rows }) => rows.map(({ outcome }) => (outcome.status === "served" ? outcome.steps.length : 0))),
	);
	return Math.max(3, Math.ceil(most / 300));
}

/** Time that one point stands for, in words. */
function pointText(study: WindowStudy): string {
	return `${significant(decisionsPerPoint(study) * adaptationDefaults.interval_s)} s`;
}

/** The lines of a metric: a panel a window, a line a system. Means over a point's decisions, or running totals. */
function windowPanels(study: WindowStudy, metric: Metric, cumulated = false): EvenLine[][] {
	const every = decisionsPerPoint(study);
	return study.runs.map(({ rows }) =>
		rows.flatMap(({ system, outcome }) => {
			const values = outcome.status === "served" ? metric(outcome.served) : undefined;
			return values === undefined ? [] : [line(system, values, every, cumulated)];
		}),
	);
}

/** A line of values by interval, over minutes. */
function line(name: string, values: Float64Array, every: number, cumulated = false): EvenLine {
	const y = cumulated ? runningTotals(values, every) : blockMeans(values, every);
	const dx = (every * adaptationDefaults.interval_s) / 60;
	// A mean stands at the middle of its block, a total at the end.
	return { name, x0: cumulated ? dx : dx / 2, dx, y };
}

/** A pipeline under every window: power, energy, and the emissions of the run at a place and hour. */
function energyOverTime(study: WindowStudy, source: string, place: Place | undefined): Perhaps<Figure> {
	const reason = whyNoEnergy(study);
	if (reason !== undefined) return unavailable(reason);
	const { interval_s } = adaptationDefaults;
	const joules = ({ energy }: Served) => (energy.status === "available" ? energy.joules : undefined);
	const grams = (served: Served) => {
		const known = joules(served);
		return known === undefined || place === undefined
			? undefined
			: footprint(known, interval_s, place.hourly_g_per_kwh).grams;
	};
	return available(
		panels({
			title: `${study.spec.name}: energy${place === undefined ? "" : " and carbon"}, modelled`,
			caption: `Means over ${pointText(study)} and running totals. ${place === undefined ? "" : carbonText(place)}${caveat(study.spec)}`,
			kind: "modelled",
			source,
			x: "minutes",
			columns: study.runs.map(({ window }) => window),
			styles: new Map(Object.entries(systemStyles)),
			rows: [
				{ y: "power (W)", panels: windowPanels(study, (served) => joules(served)?.map((j) => j / interval_s)) },
				{ y: "energy (kJ)", panels: windowPanels(study, (served) => joules(served)?.map((j) => j / 1000), true) },
				...(place === undefined
					? []
					: [
							{
								y: "g CO2e/h",
								panels: windowPanels(study, (served) => grams(served)?.map((g) => (3600 * g) / interval_s)),
							},
							{ y: "g CO2e", panels: windowPanels(study, grams, true) },
						]),
			],
		}),
	);
}

function carbonText({ start, zone, basis, hourly_g_per_kwh: [first = Number.NaN] }: Place): string {
	return `Carbon: every window begun at ${start}, ${zone}, average ${basis} intensity ${significant(first, 3)} g/kWh, so within the hour it is the energy on another scale. `;
}

/** Why no system of a study has an energy; undefined where one has. */
function whyNoEnergy({ runs }: WindowStudy): string | undefined {
	const reasons = runs.flatMap(({ rows }) =>
		rows.map(({ outcome }) => {
			if (outcome.status === "unavailable") return outcome.reason;
			return outcome.served.energy.status === "unavailable" ? outcome.served.energy.reason : undefined;
		}),
	);
	return reasons.includes(undefined) ? undefined : (reasons[0] ?? "there are no systems");
}

/** A pipeline under every window, as the paper's Figures 8 to 12: load, accuracy, cost, and late or dropped requests. */
function service(study: WindowStudy, source: string): Figure {
	const { interval_s } = adaptationDefaults;
	return panels({
		title: `${study.spec.name}: what each system serves`,
		caption: `Means over ${pointText(study)}, a decision every ${interval_s} s; cores of starting replicas included; accuracy as the objective counts it. ${caveat(study.spec)}`,
		kind: "modelled",
		source,
		x: "minutes",
		columns: study.runs.map(({ window }) => window),
		styles: new Map<string, LineStyle>([
			["arrivals", { color: "#009e73", width: 1.6 }],
			["load decided for", { color: "#cc79a7", dash: "dot" }],
			...Object.entries(systemStyles),
		]),
		rows: [
			{ y: "requests/s", panels: loads(study) },
			{ y: "accuracy", panels: windowPanels(study, ({ accuracy }) => accuracy) },
			{ y: "cores", panels: windowPanels(study, ({ cost_cores }) => cost_cores) },
			{ y: "late (1/s)", panels: windowPanels(study, ({ violationsByInterval: v }) => v.map((n) => n / interval_s)) },
			{ y: "late, sum", panels: windowPanels(study, ({ violationsByInterval }) => violationsByInterval, true) },
		],
	});
}

/** What arrived, and what was decided for: the same for every system. */
function loads(study: WindowStudy) {
	const { interval_s } = adaptationDefaults;
	const every = decisionsPerPoint(study);
	return study.runs.map(({ rows }) => {
		const first = rows.find(({ outcome }) => outcome.status === "served")?.outcome;
		if (first?.status !== "served") return [];
		return [
			line(
				"arrivals",
				first.served.requestsByInterval.map((count) => count / interval_s),
				every,
			),
			line(
				"load decided for",
				Float64Array.from(first.steps, ({ predicted_rps = 0 }) => predicted_rps),
				every,
			),
		];
	});
}

/**
 * The energy that IPA with energy saves against IPA: a bar a pipeline and window, from `studies.changes`.
 *
 * @example
 * figures.saved([], "data/published").data; // → []
 */
export function saved(changes: readonly Change[], source: string): Figure {
	return bars({
		title: "Energy saved by IPA with energy, against IPA",
		caption:
			"Modelled energies, coupled with cores and latency by construction: how the objective works, no evidence of what a machine would save. Read beside the table: where cores or accuracy fall, that is what saves.",
		kind: "modelled",
		source,
		y: "energy saved (%)",
		bars: changes.map(({ pipeline, window, energy_saved_share }) => ({
			label: pipeline,
			group: window,
			value: 100 * energy_saved_share,
		})),
	});
}

const metrics = { cost_cores: "cores", accuracy: "accuracy" } as const;

/**
 * The published line and ours, at every decision: a row a system, a column a window, of one figure of IPA's.
 *
 * @example
 * figures.publishedRuns([], "paper-fig8", "cost_cores", "data/raw/ipa-published").data; // → []
 */
export function publishedRuns(
	runs: readonly PublishedComparison[],
	figure: string,
	metric: keyof typeof metrics,
	source: string,
): Figure {
	const own = runs.filter((run) => run.figure === figure);
	const [windows, systems] = [
		[...new Set(own.map(({ workload }) => workload))],
		[...new Set(own.map(({ system }) => system))],
	];
	const line = (name: string, steps: PublishedComparison["ourSteps"]): EvenLine => ({
		name,
		x0: 0,
		dx: 1,
		y: steps.map((step) => drawn(step[metric])),
	});
	return panels({
		title: `${own[0]?.pipeline}: ${metrics[metric]} at every decision, ${figure} and ours`,
		caption: `Published lines by decision (10 s, and the time to decide and apply); ours the exact optimum under the same settings for forecasts of our LSTM. ${own[0]?.family === "sum" ? "Accuracy: sum of ranks" : "Accuracy: 100 x product of accuracies"}. Nothing is fitted.`,
		kind: "modelled",
		source,
		x: "decision",
		columns: windows,
		styles: new Map([
			["published", { color: "#56b4e9", width: 3.2 }],
			["ours", { color: "#000000", width: 1.2 }],
		]),
		rows: systems.map((system) => ({
			y: system,
			panels: windows.map((window) =>
				own
					.filter((run) => run.workload === window && run.system === system)
					.flatMap(({ publishedSteps, ourSteps }) => [line("published", publishedSteps), line("ours", ourSteps)]),
			),
		})),
	});
}

/** A pipeline under every window: a panel a window and metric, a line a system. */
export interface RunsOverTime {
	/** Load, accuracy, cores, late or dropped requests, as the paper's Figures 8 to 12. */
	readonly service: Figure;
	/** Power and energy, and emissions where a place is given; or why no system has an energy. */
	readonly energy: Perhaps<Figure>;
}

/**
 * What every system serves and what energy it takes, over the time of each window.
 *
 * @example
 * const { spec } = await pipeline.readPreset("sum-qa");
 * const load = [{ name: "a minute", rps_damped8: Array(60).fill(5) }];
 * const study = adaptation.compareWindows({ spec }, load, { predictor: "max", only: ["ipa"] });
 * figures.overTime(study, "made up").energy.status; // → "unavailable"
 */
export function overTime(study: WindowStudy, source: string, place?: Place): RunsOverTime {
	return { service: service(study, source), energy: energyOverTime(study, source, place) };
}
