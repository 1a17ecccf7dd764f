import { adaptationDefaults, type SystemRow } from "../adaptation/compareSystems.js";
import type { Served } from "../adaptation/serve.js";
import { startHours } from "../carbon/footprint.js";
import { hourlyFrom } from "../carbon/series.js";
import { intensitySeries } from "../datasets/carbon.js";
import type { CarbonIntensity } from "../datasets/carbonFile.js";
import type { Perhaps } from "../outcome.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { type EnergyFront, energyFront, tradeOff } from "../search/energyFront.js";
import { weakestKind } from "../units.js";
import { describeChoice } from "./energyAwareTables.js";
import type { Figure } from "./house.js";
import { lines } from "./lines.js";
import { scatterByGroup } from "./scatter.js";
import { blockMeans, runningTotals } from "./traceFigures.js";

/** Rows for a table: what each system came to over a load. */
export function systemRows(rows: readonly SystemRow[]): Record<string, string | number>[] {
	return rows.map(({ system, outcome }) => {
		if (outcome.status !== "served") return { system, result: `${outcome.status}: ${outcome.reason}` };
		const { served } = outcome;
		return {
			system,
			"accuracy (as the objective counts it)": Number(served.meanAccuracy.toFixed(3)),
			"cost (core-hours)": Number((served.core_seconds / 3600).toFixed(1)),
			"late or dropped (%)": Number(((100 * served.violations) / served.requests).toFixed(2)),
			"energy (kJ)":
				served.energy.status === "available" ? Number((served.energy.total_j / 1000).toFixed(1)) : "unavailable",
			kind: served.energy.status === "available" ? served.energy.kind : "",
			changes: served.changes,
		};
	});
}

const series = {
	accuracy: {
		label: "accuracy (as the objective counts it)",
		cumulated: false,
		of: ({ accuracy }: Served) => accuracy,
	},
	cost: { label: "allocated cores", cumulated: false, of: ({ cost_cores }: Served) => cost_cores },
	energy: {
		label: "cumulated energy (kJ)",
		cumulated: true,
		of: ({ energy }: Served) =>
			energy.status === "available" ? energy.joules.map((joules) => joules / 1000) : undefined,
	},
	violations: {
		label: "cumulated requests late or dropped",
		cumulated: true,
		of: ({ violationsByInterval }: Served) => violationsByInterval,
	},
} as const;

/** A metric of every system over the time of the load: means over `every` decisions, or the sum up to then. */
export function systemLines(
	rows: readonly SystemRow[],
	metric: keyof typeof series,
	{ load, source, every = 30 }: { readonly load: string; readonly source: string; readonly every?: number },
): Figure {
	const { label, cumulated, of } = series[metric];
	const { interval_s } = adaptationDefaults;
	const shown = rows.flatMap(({ system, outcome }) => {
		const values = outcome.status === "served" ? of(outcome.served) : undefined;
		if (values === undefined) return [];
		const y = cumulated ? runningTotals(values, every) : blockMeans(values, every);
		return [{ name: system, x: y.map((_, i) => ((i + 1) * every * interval_s) / 3600), y }];
	});
	const kinds = rows.flatMap(({ outcome }) =>
		metric === "energy" && outcome.status === "served" && outcome.served.energy.status === "available"
			? [outcome.served.energy.kind]
			: [],
	);
	return lines({
		title: `${label[0]?.toUpperCase()}${label.slice(1)}`,
		caption: `${load}, a decision every ${interval_s} s; queues simulated on the profile's latencies.`,
		kind: weakestKind([...kinds, "modelled"]),
		source,
		x: "time (h)",
		y: label,
		lines: shown,
	});
}

/** The same of a pipeline, or why there is none: energies that nobody measured or modelled, or nothing feasible. */
export function tradeOffOutcome(spec: PipelineSpec, source: string): Perhaps<Figure> {
	if (spec.stages.some(({ points }) => points.some(({ energy }) => energy === undefined)))
		return {
			status: "unavailable",
			reason: "not every point of the profile has an energy (--model-energy models one)",
		};
	const front = energyFront(spec);
	if (front.status === "infeasible") return { status: "unavailable", reason: front.detail };
	const name = `${spec.name} at ${spec.arrival_rate_rps} requests/s`;
	return { status: "available", value: tradeOffFigure(name, front, source) };
}

/** The front of energy and objective, and which of its points some weight of energy makes optimal. */
export function tradeOffFigure(name: string, front: EnergyFront, source: string): Figure {
	if (front.status === "infeasible") throw new RangeError(`${name}: ${front.detail}`);
	const { points: path, knee } = tradeOff(front.points);
	const onPath = new Map(path.map((point) => [point.configuration, point]));
	return scatterByGroup({
		title: "What energy costs in IPA's objective",
		caption: `${name}: every configuration that none beats in both; ${path.length} of ${front.points.length} are optimal for some delta. Best: up and to the left.`,
		kind: weakestKind(
			front.points.flatMap(({ configuration: { energy } }) => (energy.status === "available" ? [energy.kind] : [])),
		),
		source,
		x: "energy (J/request)",
		y: "objective without energy",
		colourTitle: "delta",
		markerTitle: "knee",
		points: front.points.map(({ configuration, energy_j_per_request, objective_without_energy }) => {
			const point = onPath.get(configuration);
			return {
				x: energy_j_per_request,
				y: objective_without_energy,
				colour: point === undefined ? "optimal for none" : "optimal for some",
				marker: point !== undefined && point === knee ? "the knee" : "other",
				hover: `${describeChoice(configuration)}${point === undefined ? "" : `; delta ${shown(point.delta_from)} to ${shown(point.delta_to)}`}`,
			};
		}),
	});
}

function shown(delta: number): string {
	return Number.isFinite(delta) ? delta.toPrecision(3) : "any larger";
}

export interface Places {
	readonly zones: readonly string[];
	readonly basis: CarbonIntensity["basis"];
	/** First hours of the year from which the run begins. */
	readonly hours: number;
	readonly interval_s: number;
}

/** Emissions of the same run by place and by the hour at which it begins. */
export function startHourLines(served: Served, intensities: readonly CarbonIntensity[], places: Places): Figure {
	const { zones, basis, interval_s } = places;
	const { energy } = served;
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return lines({
		title: "The same run at another place and hour",
		caption: `Grams of CO2-equivalent of the run (average intensity, ${basis}) by the hour of 2023 at which it begins.`,
		kind: weakestKind([energy.kind, "modelled"]),
		source: "data/raw/carbon-intensity-2023 times the run's energy",
		x: "hour of the year at which the run begins",
		y: "g CO2e",
		lines: zones.map((zone) => {
			const y = gramsByHour(energy.joules, interval_s, intensities, zone, places);
			return { name: zone, x: y.map((_, hour) => hour), y };
		}),
	});
}

/** Rows for a table: the best, mean and worst hour of the year by place. */
export function startHourRows(
	served: Served,
	intensities: readonly CarbonIntensity[],
	{ zones, basis, interval_s }: Omit<Places, "hours">,
): Record<string, string | number>[] {
	const { energy } = served;
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return zones.map((zone) => {
		const all = startHours(energy.joules, interval_s, hourly(intensities, zone, basis));
		return {
			zone,
			"best hour (g)": Number(all.best.total_g.toPrecision(3)),
			"mean (g)": Number(all.mean_g.toPrecision(3)),
			"worst hour (g)": Number(all.worst.total_g.toPrecision(3)),
			"worst / best": Number((all.worst.total_g / all.best.total_g).toFixed(1)),
			kind: weakestKind([energy.kind, "modelled"]),
		};
	});
}

function gramsByHour(
	joules: Float64Array,
	interval_s: number,
	intensities: readonly CarbonIntensity[],
	zone: string,
	{ basis, hours }: Places,
): number[] {
	const runHours = Math.ceil((joules.length * interval_s) / 3600);
	return [...startHours(joules, interval_s, hourly(intensities, zone, basis).slice(0, hours + runHours - 1)).total_g];
}

function hourly(intensities: readonly CarbonIntensity[], zone: string, basis: CarbonIntensity["basis"]): Float64Array {
	const series = intensitySeries(intensities, zone, basis);
	return hourlyFrom(series, series.start_ms, { name: `carbon intensity of ${zone}` });
}
