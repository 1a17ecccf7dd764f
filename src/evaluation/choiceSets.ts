import { groupBy } from "../group.js";
import { stageItems } from "../pipeline/objective.js";
import { type PipelineOptions, pipelineOptions, queueing, stageSla, variantAccuracies } from "../pipeline/options.js";
import type { ProfilePoint } from "../pipeline/profile.js";
import type { Weights } from "../pipeline/spec.js";
import { type Grid, medianThroughput } from "./grid.js";
import { type Population, type StudyCell, settingOf } from "./population.js";

/** Cells of one population that IPA could choose from for one stage: what cannot be chosen is fixed. */
export interface ChoiceSet {
	readonly population: Population;
	/** Indices of the cells in the grid, in file order. */
	readonly members: readonly number[];
	readonly cells: readonly StudyCell[];
	/** May the variant be chosen? Only where every accuracy is known. */
	readonly variants: boolean;
	/** Accuracy of each cell's variant, percent; 0 where it is fixed. */
	readonly accuracy_pct: readonly number[];
	/** Of one replica, 1/s. */
	readonly throughput: Float64Array;
	/** Busy ones a request. */
	readonly core_seconds: Float64Array;
	readonly median_rps: number;
	readonly sla_s: number;
	/** The set as a pipeline of one stage: an option a cell, accuracies as IPA's normalised ranks. */
	readonly pipeline: PipelineOptions;
}

/** What IPA makes of a choice set at one rate: the options in file order. */
export interface RatedChoices {
	readonly set: ChoiceSet;
	readonly rate_rps: number;
	/** alpha x accuracy - beta x cost - gamma x batch; -Infinity where the configuration breaks the SLA. */
	readonly objective: Float64Array;
	/** Allocated cores or GPUs over all replicas. */
	readonly cost: Float64Array;
	readonly replicas: Float64Array;
}

/** Knobs that IPA chooses in any case, those that change accuracy and are chosen where it is known. */
const always = ["batch", "allocation"];
const priced = ["variant", "precision", "resolution"];

/**
 * The choice sets of a grid. Every knob that is neither IPA's own nor named as free is fixed.
 *
 * @param free knobs that may be chosen beside variant, batch and allocation: runtime, power
 * @example choiceSetsOf(grid, ["runtime", "power"])
 */
export function choiceSetsOf({ populations }: Pick<Grid, "populations">, free: readonly string[] = []): ChoiceSet[] {
	let offset = 0;
	return populations.flatMap((population) => {
		const { cells, knobs } = population;
		const known = cells.every(({ accuracy_pct }) => accuracy_pct !== undefined);
		const chosen = new Set([...always, ...free, ...(known ? priced : [])]);
		const fixed = knobs.filter(({ name }) => !chosen.has(name)).flatMap(({ columns }) => columns);
		const usable = [...cells.keys()].filter((i) => cells[i]?.latency_s !== undefined);
		const groups = groupBy(usable, (i) =>
			JSON.stringify(fixed.map(({ name }) => settingOf(cells[i] as StudyCell, name))),
		);
		const start = offset;
		offset += cells.length;
		return [...groups.values()]
			.filter(({ length }) => length > 1)
			.map((members) =>
				choiceSet(
					population,
					members.map((i) => start + i),
					members.map((i) => cells[i] as StudyCell),
					known,
				),
			);
	});
}

function choiceSet(
	population: Population,
	members: readonly number[],
	cells: readonly StudyCell[],
	variants: boolean,
): ChoiceSet {
	const label = (cell: StudyCell) =>
		JSON.stringify(priced.map((name) => settingOf(cell, nameOf(population, name, cell))));
	const accuracies = new Map(
		[...groupBy(cells, label)].map(([name, own]) => [
			name,
			own.reduce((sum, { accuracy_pct = 0 }) => sum + accuracy_pct, 0) / own.length,
		]),
	);
	const points = cells.map(
		(cell): ProfilePoint => ({
			...pointOf(cell),
			variant: label(cell),
			accuracy_pct: accuracies.get(label(cell)) as number,
		}),
	);
	const ranks = variantAccuracies(points, true);
	// IPA's rule takes a variant's last allocation; it is the largest where they rise.
	const sla_s = stageSla(
		[...points].sort((a, b) => a.cores - b.cores),
		1,
	);
	const pipeline = pipelineOptions({
		name: `${population.dataset}, ${population.name}`,
		stages: [
			{
				name: "stage",
				// Cells that differ in a runtime or in parallelism alone are options of their own: each is a variant here.
				points: points.map((point, i) => ({
					...point,
					variant: `${i}`,
					accuracy_pct: 100 * (ranks.get(point.variant) as number),
				})),
				initial_variant: "0",
				initial_cores: points[0]?.cores as number,
			},
		],
		threshold_rps: 0,
		sla_factor: 1,
		sla_s,
		accuracy_method: "sum",
		normalize_accuracy: false,
		allocation_mode: "variable",
		only_measured_profiles: true,
		scaling_cap: Number.MAX_SAFE_INTEGER,
		weights: { alpha: 0, beta: 0, gamma: 0, delta: 0 },
		arrival_rate_rps: 1,
		semantics: "published",
		baseline: "none",
	});
	return {
		population,
		members,
		cells,
		variants,
		accuracy_pct: points.map(({ accuracy_pct }) => accuracy_pct),
		throughput: Float64Array.from(cells, ({ throughput_rps }) => throughput_rps),
		core_seconds: Float64Array.from(cells, ({ allocation, throughput_rps }) => allocation / throughput_rps),
		median_rps: medianThroughput(cells),
		sla_s,
		pipeline,
	};
}

/** The column of a knob that has several, in which the cell has a setting. */
function nameOf({ knobs }: Population, name: string, cell: StudyCell): string {
	const columns = knobs.find((knob) => knob.name === name)?.columns ?? [];
	return columns.find((column) => settingOf(cell, column.name) !== undefined)?.name ?? name;
}

function pointOf({
	allocation,
	batch,
	latency_s,
	throughput_rps,
}: StudyCell): Omit<ProfilePoint, "variant" | "accuracy_pct"> {
	return { cores: allocation, batch, latency_s: latency_s as number, throughput_rps, kind: "measured" };
}

/**
 * IPA's objective over a choice set at one rate, by the pipeline's and the search's own functions. Requests that join a
 * running batch wait for none to fill.
 *
 * @example ratedChoices(set, 2 * set.median_rps, { alpha: 2, beta: 1, gamma: 1e-6, delta: 0 }).objective
 */
export function ratedChoices(set: ChoiceSet, rate_rps: number, weights: Weights): RatedChoices {
	const { cells, pipeline, sla_s } = set;
	const stage = pipeline.stages[0] as PipelineOptions["stages"][number];
	const options = stage.options.map((option, i) => ({
		...option,
		queueing_s: cells[i]?.continuous_batching ? 0 : queueing("published", option.batch, rate_rps),
	}));
	const rated = { ...pipeline, spec: { ...pipeline.spec, weights, arrival_rate_rps: rate_rps } };
	const objective = new Float64Array(cells.length).fill(Number.NEGATIVE_INFINITY);
	const cost = new Float64Array(cells.length);
	const replicas = new Float64Array(cells.length);
	for (const item of stageItems(rated, { ...stage, options })) {
		cost[item.option] = item.cost_cores;
		replicas[item.option] = item.replicas;
		if (item.latency_s <= sla_s) objective[item.option] = weights.alpha * item.accuracy - item.penalty;
	}
	return { set, rate_rps, objective, cost, replicas };
}

/** IPA's choice among the allowed options, the first in file order at ties; undefined where none is feasible. */
export function ipaChoice({ objective }: RatedChoices, allowed?: Uint8Array): number | undefined {
	let best: number | undefined;
	let value = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < objective.length; i++) {
		if (allowed?.[i] === 0 || !((objective[i] as number) > value)) continue;
		best = i;
		value = objective[i] as number;
	}
	return best;
}

/** Sums of products differ in their last digits: a bound at a choice's own value lets it through. */
const slack = 1e-12;

/**
 * Options as good as a choice to whoever looks at accuracy and cost: feasible, at least (1 - tolerance) of its accuracy
 * at no more than (1 + tolerance) of its cost.
 */
export function equallyGood(
	{ set, objective, cost }: RatedChoices,
	choice: number,
	tolerance: number,
	allowed?: Uint8Array,
): number[] {
	const most = (1 + tolerance) * (cost[choice] as number) * (1 + slack);
	const least = (1 - tolerance) * (set.accuracy_pct[choice] as number) * (1 - slack);
	const good: number[] = [];
	for (let i = 0; i < objective.length; i++)
		if (
			allowed?.[i] !== 0 &&
			objective[i] !== Number.NEGATIVE_INFINITY &&
			(cost[i] as number) <= most &&
			(set.accuracy_pct[i] as number) >= least
		)
			good.push(i);
	return good;
}
