import { type InstrumentRow, instruments } from "../../src/datasets/dataFiles.js";
import type { Evaluation, StudyGroup } from "../../src/evaluation/evaluate.js";
import type { Grid, IdleRule } from "../../src/evaluation/grid.js";
import { gridLabels, type KnobLabels, type Label } from "../../src/evaluation/label.js";
import { gridTallies } from "../../src/evaluation/misranked.js";
import { type StudyCell, settingOf } from "../../src/evaluation/population.js";
import type { PowerFormula } from "../../src/evaluation/powerFormula.js";
import { type Thresholds, thresholdsOf } from "../../src/evaluation/settings.js";
import { type Random, seeded, shuffled } from "../../src/random.js";

/** How often to draw, with which noises, from which seed. */
export interface InstrumentPlan {
	readonly draws: number;
	readonly noises: readonly Pick<InstrumentRow, "noise" | "told">[];
	readonly seed: number;
}

/** Runs every instrument on every device class of a study: the limit of many replicas, no idle power. */
export function runInstruments(
	{ groups, settings }: Pick<Evaluation, "groups" | "settings">,
	plan: InstrumentPlan,
): InstrumentRow[] {
	const thresholds = thresholdsOf(settings);
	return groups
		.filter(({ trajectory }) => trajectory === undefined)
		.flatMap((group) =>
			instruments.flatMap((instrument) =>
				plan.noises.map((noise) => instrumentRow(group, instrument, noise, plan, thresholds)),
			),
		);
}

function instrumentRow(
	{ device, grid, formulas }: StudyGroup,
	instrument: InstrumentRow["instrument"],
	{ noise, told }: Pick<InstrumentRow, "noise" | "told">,
	{ draws, seed }: InstrumentPlan,
	thresholds: Thresholds,
): InstrumentRow {
	const random = seeded(seed);
	const formula = formulas.slice(0, 1);
	const labels: Record<Label, number> = { "stands-in": 0, derivable: 0, independent: 0, undetermined: 0 };
	const sums = { scored: 0, right: 0, intervals: 0, covering: 0 };
	for (let draw = 0; draw < draws; draw++) {
		const energies = madeUp(grid, instrument, random);
		const noisy = energies.map((energy) => energy * Math.exp(noise * normal(random)));
		const truth = labelsAt(gridWith(grid, energies, 0), { ...thresholds, noise_z: 0 }, formula);
		const found = labelsAt(gridWith(grid, noisy, told), thresholds, formula);
		for (const [k, label] of found.entries()) {
			const exact = truth[k] as KnobLabels;
			if (networksOf(exact) < thresholds.minimum_variants) continue;
			for (const [m, { ends }] of label.metrics.entries()) {
				const interval = ends[0]?.misranked;
				const share = exact.metrics[m]?.ends[0]?.misranked?.share;
				if (interval === undefined || share === undefined || ends[0]?.reason === "stands-still") continue;
				sums.intervals++;
				if (interval.low <= share && share <= interval.high) sums.covering++;
			}
			const right = rightLabel(exact, thresholds.misranked_bound);
			if (right === undefined) continue;
			sums.scored++;
			labels[label.label]++;
			if (label.label === right) sums.right++;
		}
	}
	return { device, instrument, noise, told, draws, labels, ...sums };
}

/** The label of noise-free shares, undefined where one that matters lies within half to twice the bound. */
function rightLabel({ metrics, formula }: KnobLabels, bound: number): Label | undefined {
	const shares = metrics.flatMap(({ ends, reason }) => {
		const share = ends[0]?.misranked?.share;
		return share === undefined || reason === "stands-still" ? [] : [Math.min(share, 1 - share)];
	});
	const byFormula = formula.ends[0]?.misranked?.share;
	if (shares.length === 0 || byFormula === undefined) return undefined;
	const least = Math.min(...shares);
	if (least < bound / 2) return "stands-in";
	if (least <= 2 * bound) return undefined;
	if (byFormula < bound / 2) return "derivable";
	return byFormula > 2 * bound ? "independent" : undefined;
}

function networksOf({ metrics }: KnobLabels): number {
	return Math.max(...metrics.map(({ ends }) => ends[0]?.variants ?? 0));
}

function labelsAt(grid: Grid, thresholds: Thresholds, formula: readonly PowerFormula[]): KnobLabels[] {
	const rule: IdleRule = { accounting: "dedicated", share: 0, measured_most: 0, least_left: 0 };
	const bands = [{ name: "limit", multiples: ["limit"] as const }];
	return gridLabels(grid, gridTallies(grid, thresholds, bands, formula, { dedicated: [rule] }), thresholds, formula);
}

function gridWith(grid: Grid, energies: Float64Array, relative_error: number): Grid {
	const cells = grid.cells.map(
		(cell, i): StudyCell => ({ ...cell, energy_j_per_request: energies[i] as number, relative_error }),
	);
	let offset = 0;
	const populations = grid.populations.map((population) => {
		const own = cells.slice(offset, offset + population.cells.length);
		offset += own.length;
		return { ...population, cells: own };
	});
	return { ...grid, cells, populations };
}

function madeUp(grid: Grid, instrument: InstrumentRow["instrument"], random: Random): Float64Array {
	const { cells } = grid;
	const coupled = (power: (cell: StudyCell) => number) =>
		Float64Array.from(cells, (cell) => power(cell) / cell.throughput_rps);
	switch (instrument) {
		case "throughput":
			return coupled(() => 100);
		case "core_seconds":
			return coupled(({ allocation }) => 10 * allocation);
		case "latency":
			return coupled(({ throughput_rps, latency_s, batch }) => throughput_rps * (latency_s ?? batch / throughput_rps));
		case "derivable":
			return coupled(derivablePower(grid, random));
		case "independent":
			return permuted(
				grid,
				Float64Array.from(cells, ({ energy_j_per_request }) => energy_j_per_request),
				() => true,
				random,
			);
		case "mixed": {
			const networks = shuffled(random, grid.networks);
			const moved = new Set(networks.slice(0, Math.round(0.4 * networks.length)));
			const energies = coupled(() => 100);
			return permuted(grid, energies, ({ network }) => moved.has(network), random);
		}
	}
}

function derivablePower({ populations }: Grid, random: Random): (cell: StudyCell) => number {
	const terms = new Map<string, number>();
	// Parallelism is no knob of its own: it moves with the number of devices, whose term is the allocation's.
	const chosen = new Set(
		populations.flatMap(({ knobs }) => knobs.flatMap(({ columns }) => columns.map(({ name }) => name))),
	);
	return (cell) => {
		let log_power = 0.5 * Math.log(cell.allocation) + 0.1 * Math.log(cell.batch);
		for (const name of Object.keys(cell.knobs)) {
			if (!chosen.has(name)) continue;
			const setting = settingOf(cell, name);
			if (setting === undefined) continue;
			const key = `${name} ${setting}`;
			const term = terms.get(key) ?? normal(random);
			terms.set(key, term);
			log_power += term;
		}
		return Math.exp(log_power);
	};
}

/** Energies of the cells that are moved, exchanged within their populations. */
function permuted(
	{ cells, populationOf, populations }: Grid,
	energies: Float64Array,
	moves: (cell: StudyCell) => boolean,
	random: Random,
): Float64Array {
	const result = Float64Array.from(energies);
	const members: number[][] = populations.map(() => []);
	cells.forEach((cell, i) => {
		if (moves(cell)) members[populationOf[i] as number]?.push(i);
	});
	for (const own of members) {
		const from = shuffled(random, own);
		for (const [k, i] of own.entries()) result[i] = energies[from[k] as number] as number;
	}
	return result;
}

/** A standard normal number (Box and Muller 1958). */
function normal(random: Random): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
