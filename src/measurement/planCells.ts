import { InputError } from "../errors.js";
import { isModelName, stageOf } from "../inference/models.js";
import { seeded, shuffled } from "../random.js";
import type { Plan } from "./plan.js";

/** Part `index` (from 0, as a Kubernetes Indexed Job counts) of `count`. */
export interface Shard {
	readonly index: number;
	readonly count: number;
}

export const wholePlan: Shard = { index: 0, count: 1 };

/** Reads "i/n", i from 0 to n - 1. Throws InputError. */
export function parseShard(text: string): Shard {
	const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
	if (index === undefined || count === undefined || index >= count)
		throw new InputError({ file: "--shard", rule: "must be i/n with i from 0 to n - 1", value: text });
	return { index, count };
}

/**
 * The cells of a shard. Cells are dealt out in an order shuffled with the plan's seed, so that the shards' loads are
 * alike and no node gets all the large variants; over the shards of one count each cell occurs exactly once.
 */
export function shardCells(plan: Plan, { index, count }: Shard): readonly PlanCell[] {
	return shuffled(seeded(plan.seed), planCells(plan)).filter((_, i) => i % count === index);
}

/** One point of a plan: what a variant is measured with. */
export interface PlanCell {
	/** Names the cell in the journal: the knobs as a JSON text, so that no variant name can collide or break out. */
	readonly id: string;
	readonly variant: string;
	readonly accuracy_pct?: number;
	/** What the variant does, where the plan or its name says so. */
	readonly stage?: string;
	readonly cores: number;
	readonly batch: number;
	/** What else the plan varies, a value each. */
	readonly knobs: KnobValues;
}

export type KnobValues = Readonly<Record<string, string | number>>;

/** Every cell of a plan, in the plan's order: variants, then cores, batches and knobs. What is repeated counts once. */
export function planCells(plan: Plan): readonly PlanCell[] {
	const cells = plan.variants.flatMap(({ name: variant, accuracy_pct, stage = builtInStage(plan, variant), ...own }) =>
		(own.cores ?? plan.cores).flatMap((cores) =>
			(own.batches ?? plan.batches).flatMap((batch) =>
				combinations({ ...plan.knobs, ...own.knobs }).map(
					(knobs): PlanCell => ({
						id: idOf(variant, cores, batch, knobs),
						variant,
						...(accuracy_pct === undefined ? {} : { accuracy_pct }),
						...(stage === undefined ? {} : { stage }),
						cores,
						batch,
						knobs,
					}),
				),
			),
		),
	);
	return [...new Map(cells.map((cell) => [cell.id, cell])).values()];
}

/** The cell that a plan's control is, where it is one. */
export function controlCell({ control: { cell } }: Plan): PlanCell | undefined {
	if (cell === undefined) return undefined;
	const { variant, cores, batch, knobs = {} } = cell;
	return { id: idOf(variant, cores, batch, knobs), variant, cores, batch, knobs };
}

/** What a cell is allocated: cores, or boards where the plan's runner works on those. */
export function allocationOf({ runner, boards }: Plan, { cores }: PlanCell): number {
	return runner.type === "command" && runner.device === "gpu" ? (boards?.length ?? 1) : cores;
}

/** A cell's name, as a person reads it: "yolov5n, 2 cores, batch 4, precision fp16". */
export function cellName({ variant, cores, batch, knobs }: PlanCell): string {
	const others = Object.entries(knobs).map(([name, value]) => `, ${name} ${value}`);
	return `${variant}, ${cores} ${cores === 1 ? "core" : "cores"}, batch ${batch}${others.join("")}`;
}

/** Knobs by their names' order, so that a plan that lists them otherwise names the same cell. */
function idOf(variant: string, cores: number, batch: number, knobs: KnobValues): string {
	const sorted = Object.entries(knobs).sort(([a], [b]) => (a < b ? -1 : 1));
	return JSON.stringify([variant, cores, batch, ...(sorted.length === 0 ? [] : [Object.fromEntries(sorted)])]);
}

function combinations(knobs: Readonly<Record<string, readonly (string | number)[]>>): readonly KnobValues[] {
	return Object.entries(knobs).reduce<readonly KnobValues[]>(
		(cells, [name, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
		[{}],
	);
}

/** Of the Video pipeline's networks, and of two in a row: a detector's joules an image are not a classifier's. */
function builtInStage({ runner }: Plan, variant: string): string | undefined {
	if (runner.type !== "onnx" || Object.hasOwn(runner.files, variant)) return undefined;
	const stages = variant.split("+").map((part) => (isModelName(part) ? stageOf(part) : part));
	return stages.join("+");
}
