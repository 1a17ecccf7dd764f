import { stageEnergy } from "../pipeline/energy.js";
import { fewestReplicas } from "../pipeline/objective.js";
import { queueing } from "../pipeline/options.js";
import { type Pairs, type Population, pairsOf, type StudyCell } from "./population.js";
import type { Thresholds } from "./settings.js";

/** The cells of several populations in one list, with what sums are taken over. */
export interface Grid {
	readonly populations: readonly Population[];
	/** Median throughput of a replica in each population, 1/s. */
	readonly medians_rps: readonly number[];
	readonly cells: readonly StudyCell[];
	/** Index of each cell's population. */
	readonly populationOf: Int32Array;
	readonly machines: readonly string[];
	readonly networks: readonly string[];
	/** A unit is a network on a machine. */
	readonly unitOf: Int32Array;
	readonly unitMachine: readonly number[];
	readonly unitNetwork: readonly number[];
	/** The pairs of each knob over all populations; knobs that never vary alone are absent. */
	readonly knobs: readonly { readonly name: string; readonly pairs: Pairs }[];
}

/** What a cell costs at one rate, under one accounting, with one idle power. */
export interface Charged {
	readonly energy_j: Float64Array;
	readonly log_energy: Float64Array;
	/** Standard error of energy_j as a share of it: the cell's power is uncertain, its idle power is taken as it is. */
	readonly relative_error: Float64Array;
	/** The part of energy_j that does not depend on the cell's power. */
	readonly idle_j: Float64Array;
	/** Each metric times its direction, so that larger means more energy; NaN where unknown. */
	readonly metrics: Readonly<Record<MetricName, Float64Array>>;
}

/** What IPA knows of a configuration. `core_seconds` are the busy ones, allocation / throughput (GPU-seconds). */
export type MetricName = "cost" | "core_seconds" | "latency" | "throughput" | "accuracy";

/** A metric with the direction that is fixed beforehand. */
export interface Metric {
	readonly name: MetricName;
	/** 1: energy is expected to rise with it, -1: to fall. */
	readonly direction: 1 | -1;
	/** Its value, NaN where it is unknown. */
	readonly of: (cell: StudyCell, configuration: StudyConfiguration) => number;
}

/** The metrics in the order in which tables show them. */
export const metrics: readonly Metric[] = [
	{ name: "throughput", direction: -1, of: ({ throughput_rps }) => throughput_rps },
	{ name: "core_seconds", direction: 1, of: ({ allocation, throughput_rps }) => allocation / throughput_rps },
	{ name: "cost", direction: 1, of: (_, { cost }) => cost },
	{ name: "latency", direction: 1, of: (_, { latency_s }) => latency_s ?? Number.NaN },
	{ name: "accuracy", direction: 1, of: ({ accuracy_pct }) => accuracy_pct ?? Number.NaN },
];

/** How idle power is charged where it was not measured, and how little may be left of a cell's energy. */
export interface IdleRule {
	readonly accounting: Accounting;
	/** Idle power as a share of the least power seen on the machine. */
	readonly share: number;
	/** Shared accounting: a measured idle power counts at most as this share of the least power. */
	readonly measured_most: number;
	/** Shared accounting: least share of a cell's energy that is left. */
	readonly least_left: number;
}

/** The accountings, and the idle powers at which each is worked out. */
export function idleRules(t: Thresholds): Readonly<Record<Accounting, readonly IdleRule[]>> {
	const rules = (accounting: Accounting, shares: readonly number[]) =>
		shares.map(
			(share): IdleRule => ({
				accounting,
				share,
				measured_most: t.idle_measured_most,
				least_left: t.shared_least_left,
			}),
		);
	return {
		dedicated: rules("dedicated", [t.idle_dedicated_low, t.idle_dedicated_high]),
		shared: rules("shared", [t.idle_shared_low, t.idle_shared_high]),
	};
}

/** A grid of populations. In strata of more than `most_cells` cells a sample of the pairs stands for all. */
export function gridOf(populations: readonly Population[], most_cells: number): Grid {
	const cells = populations.flatMap((population) => population.cells);
	const populationOf = Int32Array.from(populations.flatMap((population, p) => population.cells.map(() => p)));
	const machines = indexed();
	const networks = indexed();
	const units = indexed();
	const unitMachine: number[] = [];
	const unitNetwork: number[] = [];
	const unitOf = Int32Array.from(cells, ({ network }, i) => {
		const machine = machines.of((populations[populationOf[i] as number] as Population).machine);
		const unit = units.of(`${machine} ${networks.of(network)}`);
		unitMachine[unit] = machine;
		unitNetwork[unit] = networks.of(network);
		return unit;
	});
	const parts = new Map<string, { first: number[]; second: number[]; weight: number[] }>();
	let offset = 0;
	for (const population of populations) {
		for (const knob of population.knobs) {
			const found = pairsOf(population.cells, knob, most_cells);
			if (found.first.length === 0) continue;
			const part = parts.get(knob.name) ?? { first: [], second: [], weight: [] };
			parts.set(knob.name, part);
			for (let p = 0; p < found.first.length; p++) {
				part.first.push(offset + (found.first[p] as number));
				part.second.push(offset + (found.second[p] as number));
				part.weight.push(found.weight[p] as number);
			}
		}
		offset += population.cells.length;
	}
	const knobs = [...parts].map(([name, { first, second, weight }]) => ({
		name,
		pairs: { first: Int32Array.from(first), second: Int32Array.from(second), weight: Float64Array.from(weight) },
	}));
	return {
		populations,
		medians_rps: populations.map((population) => medianThroughput(population.cells)),
		cells,
		populationOf,
		machines: machines.names,
		networks: networks.names,
		unitOf,
		unitMachine,
		unitNetwork,
		knobs,
	};
}

/** What is taken for a cell's error where its source does not say. */
export interface ErrorRule {
	/** No cell is better known than this. */
	readonly error_least: number;
	/** Of a cell that was run once and whose source repeats nothing. */
	readonly error_unknown: number;
}

/** Every cell as a configuration at a multiple of its population's median throughput. */
export function chargedAt(grid: Grid, multiple: number | "limit", idle: IdleRule, errors: ErrorRule): Charged {
	const configurations: StudyConfiguration[] = [];
	for (const [p, population] of grid.populations.entries()) {
		const rate: Rate = multiple === "limit" ? multiple : multiple * (grid.medians_rps[p] as number);
		const idle_w = (cell: StudyCell) => idlePower(population, cell, idle);
		for (const one of configurationsAt(population.cells, rate, idle.accounting, idle_w, idle.least_left))
			configurations.push(one);
	}
	const column = (of: (configuration: StudyConfiguration, i: number) => number) => {
		const values = new Float64Array(configurations.length);
		for (let i = 0; i < values.length; i++) values[i] = of(configurations[i] as StudyConfiguration, i);
		return values;
	};
	const energy_j = column((configuration) => configuration.energy_j);
	return {
		energy_j,
		log_energy: energy_j.map(Math.log),
		relative_error: relativeErrors(grid, energy_j, errors),
		idle_j: column(({ idle_j }) => idle_j),
		metrics: Object.fromEntries(
			metrics.map(({ name, direction, of }) => [
				name,
				column((configuration, i) => direction * of(grid.cells[i] as StudyCell, configuration)),
			]),
		) as Record<MetricName, Float64Array>,
	};
}

/** Standard errors of what cells cost, as shares of it. */
export function relativeErrors(
	{ cells }: Pick<Grid, "cells">,
	energy_j: Float64Array,
	{ error_least, error_unknown }: ErrorRule,
): Float64Array {
	return energy_j.map((energy, i) => {
		const { relative_error = error_unknown, energy_j_per_request } = cells[i] as StudyCell;
		return (Math.max(error_least, relative_error) * energy_j_per_request) / energy;
	});
}

/** Idle power of a replica, W: measured, else the named share of the least power seen on its machine. */
export function idlePower({ device, least_power_w }: Population, cell: StudyCell, idle: IdleRule): number {
	const least_w = least_power_w * (device === "gpu" ? cell.allocation : 1);
	if (cell.idle_power_w === undefined) return idle.share * least_w;
	return idle.accounting === "dedicated"
		? cell.idle_power_w
		: Math.min(cell.idle_power_w, idle.measured_most * least_w);
}

function indexed(): { readonly names: string[]; readonly of: (name: string) => number } {
	const names: string[] = [];
	const index = new Map<string, number>();
	return {
		names,
		of: (name) => {
			const known = index.get(name);
			if (known !== undefined) return known;
			index.set(name, names.length);
			return names.push(name) - 1;
		},
	};
}

/** An arrival rate, 1/s, or `limit`: so many replicas that none is partly idle (n = rate / throughput, real-valued). */
export type Rate = number | "limit";

/**
 * Who pays for idle power. `dedicated`: a replica pays for its machine, n (u P + (1 - u) P_idle). `shared`: the machine
 * runs anyway, (P - P_idle) / throughput a request.
 */
export type Accounting = "dedicated" | "shared";

/** A cell as IPA's configuration at a rate: the fewest replicas that carry it. All per request but cost and latency. */
export interface StudyConfiguration {
	readonly replicas: number;
	/** Share of the replicas' time that is busy. */
	readonly utilisation: number;
	/** Allocated cores or GPUs over all replicas; at the limit per 1/s of rate. */
	readonly cost: number;
	/** Of a batch and the wait for it, s; absent where the source has none. */
	readonly latency_s?: number;
	/** What is charged, J. */
	readonly energy_j: number;
	/** The part of energy_j that does not depend on the cell's power, J: negative where idle power is taken off. */
	readonly idle_j: number;
}

/** A throughput this near under the rate carries it: a rate is a multiple of a throughput, and products round. */
const rounding = 1e-9;

/**
 * Cells as configurations at one rate, by the pipeline's own formulas.
 *
 * @param idle_w power of one idle replica of each cell, W
 * @param least_share shared accounting: the least share of a cell's energy that is left once idle power is taken off
 * @example configurationsAt(population.cells, 20, "dedicated", () => 0, 0.02)
 */
export function configurationsAt(
	cells: readonly StudyCell[],
	rate: Rate,
	accounting: Accounting,
	idle_w: (cell: StudyCell) => number,
	least_share: number,
): StudyConfiguration[] {
	return cells.map((cell) => {
		const { throughput_rps, energy_j_per_request, batch, allocation } = cell;
		// At the limit energy and cost per request do not depend on the rate: 1/s with a real number of replicas.
		const rate_rps = rate === "limit" ? 1 : rate;
		const replicas =
			rate === "limit" ? 1 / throughput_rps : fewestReplicas(throughput_rps, rate_rps - rounding * throughput_rps);
		const energy = stageEnergy(
			{ energy_j_per_batch: energy_j_per_request * batch, idle_power_w: idle_w(cell), kind: "measured" },
			// The time that a batch keeps a replica busy, by the throughput that was measured.
			{ latency_s: batch / throughput_rps, batch, replicas },
			rate_rps,
		);
		const energy_j =
			accounting === "dedicated"
				? energy.energy_j_per_request
				: Math.max(energy.dynamic_j_per_request, least_share * energy_j_per_request);
		const wait_s = rate === "limit" || cell.continuous_batching ? 0 : queueing("published", batch, rate_rps);
		return {
			replicas,
			utilisation: energy.utilisation,
			cost: allocation * replicas,
			...(cell.latency_s === undefined ? {} : { latency_s: cell.latency_s + wait_s }),
			energy_j,
			idle_j: energy_j - energy_j_per_request,
		};
	});
}

/** The median throughput of one replica over all cells, 1/s: what rates are multiples of. */
export function medianThroughput(cells: readonly StudyCell[]): number {
	const sorted = Float64Array.from(cells, ({ throughput_rps }) => throughput_rps).sort();
	const middle = sorted.length >> 1;
	const upper = sorted[middle] as number;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
