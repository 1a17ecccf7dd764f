import {
	type Accounting,
	configurationsAt,
	medianThroughput,
	type Rate,
	type StudyConfiguration,
} from "./configurations.js";
import { type MetricName, metrics } from "./misranked.js";
import { type Pairs, pairsOf } from "./pairs.js";
import type { Population, StudyCell } from "./population.js";

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
export function chargedAt(
	grid: Grid,
	multiple: number | "limit",
	idle: IdleRule,
	{ error_least, error_unknown }: ErrorRule,
): Charged {
	const configurations: StudyConfiguration[] = [];
	for (const [p, population] of grid.populations.entries()) {
		const rate: Rate = multiple === "limit" ? multiple : multiple * (grid.medians_rps[p] as number);
		const idle_w = (cell: StudyCell) => idlePower(population, cell, idle);
		for (const one of configurationsAt(population.cells, rate, idle.accounting, idle_w, idle.least_left))
			configurations.push(one);
	}
	const column = (of: (configuration: StudyConfiguration, i: number) => number) =>
		Float64Array.from(configurations, of);
	return {
		energy_j: column(({ energy_j }) => energy_j),
		log_energy: column(({ energy_j }) => Math.log(energy_j)),
		relative_error: column(({ energy_j }, i) => {
			const { relative_error = error_unknown, energy_j_per_request } = grid.cells[i] as StudyCell;
			return (Math.max(error_least, relative_error) * energy_j_per_request) / energy_j;
		}),
		idle_j: column(({ idle_j }) => idle_j),
		metrics: Object.fromEntries(
			metrics.map(({ name, direction, of }) => [
				name,
				column((configuration, i) => direction * of(grid.cells[i] as StudyCell, configuration)),
			]),
		) as Record<MetricName, Float64Array>,
	};
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
