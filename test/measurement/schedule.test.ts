import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseShard, planCells, shardCells, wholePlan } from "../../src/measurement/planCells.js";
import { blockCount, blockOf, type Step } from "../../src/measurement/schedule.js";
import { tinyPlan } from "./plans.js";

const plans = fc
	.record({
		variants: fc.integer({ min: 1, max: 6 }),
		batches: fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 }),
		min: fc.integer({ min: 2, max: 9 }),
		more: fc.integer({ min: 0, max: 9 }),
		blocks: fc.integer({ min: 1, max: 9 }),
		every: fc.integer({ min: 1, max: 5 }),
		seed: fc.integer(),
	})
	.map(({ variants, batches, min, more, blocks, every, seed }) =>
		tinyPlan({
			variants: Array.from({ length: variants }, (_, i) => ({ name: `v${i}` })),
			batches,
			repetitions: { min, max: min + more, target_relative_interval: 0.1 },
			blocks: Math.min(blocks, min),
			control: { steps: 1, every },
			seed,
		}),
	);

const visits = (steps: readonly Step[]) => steps.flatMap((step) => (step.type === "visit" ? [step] : []));

describe("a schedule", () => {
	test("runs each repetition of each cell once: the least in the required blocks, all up to the cap in the rest", () => {
		fc.assert(
			fc.property(plans, (plan) => {
				const blocks = Array.from({ length: blockCount(plan) }, (_, i) => blockOf(plan, wholePlan, i, () => true));
				const numbers = (required: boolean, id: string) =>
					blocks
						.filter((block) => !required || block.required)
						.flatMap(({ steps }) => visits(steps))
						.filter(({ cell }) => cell.id === id)
						.flatMap(({ repetitions }) => repetitions);
				for (const { id } of planCells(plan)) {
					const { min, max } = plan.repetitions;
					expect(numbers(true, id)).toEqual(Array.from({ length: min }, (_, i) => i));
					expect(numbers(false, id)).toEqual(Array.from({ length: max }, (_, i) => i));
				}
			}),
		);
	});

	test("is the same for the same seed, and interleaved with controls at both ends", () => {
		fc.assert(
			fc.property(plans, (plan) => {
				const block = blockOf(plan, wholePlan, 0, () => true);
				expect(blockOf(plan, wholePlan, 0, () => true)).toEqual(block);
				expect([block.steps[0]?.type, block.steps.at(-1)?.type]).toEqual(["control", "control"]);
				const run = block.steps.map(({ type }) => (type === "visit" ? "v" : "c")).join("");
				expect(run).not.toContain("v".repeat(plan.control.every + 1));
			}),
		);
	});

	test("numbers the controls of a block from 0, each once: a journal tells them apart by it", () =>
		fc.assert(
			fc.property(plans, (plan) => {
				const { steps } = blockOf(plan, wholePlan, 0, () => true);
				const positions = steps.flatMap((step) => (step.type === "control" ? [step.position] : []));
				expect(positions).toEqual(positions.map((_, i) => i));
			}),
		));

	test("each block has an order of its own, and so has each seed", () => {
		const plan = tinyPlan({ batches: [1, 2, 3, 4, 5, 6, 7, 8] });
		const order = (seed: number, index: number) =>
			visits(blockOf({ ...plan, seed }, wholePlan, index, () => true).steps).map(({ cell }) => cell.id);
		expect(order(1, 0)).not.toEqual(order(1, 1));
		expect(order(1, 0)).not.toEqual(order(5, 0));
		expect([...order(1, 0)].sort()).toEqual([...order(1, 1)].sort());
	});

	test("later blocks visit only the cells that are not settled", () => {
		const plan = tinyPlan();
		const [first] = planCells(plan);
		const { steps, required } = blockOf(plan, wholePlan, plan.blocks, (cell) => cell.id === first?.id);
		expect(required).toBe(false);
		expect(visits(steps).map(({ cell }) => cell.id)).toEqual([first?.id]);
		expect(blockOf(plan, wholePlan, plan.blocks, () => false).steps).toEqual([]);
	});
});

describe("shards", () => {
	test("together are exactly the plan, and each that has cells has controls", () => {
		fc.assert(
			fc.property(plans, fc.integer({ min: 1, max: 12 }), (plan, count) => {
				const shards = Array.from({ length: count }, (_, index) => ({ index, count }));
				const ids = shards.flatMap((shard) => shardCells(plan, shard).map(({ id }) => id));
				expect([...ids].sort()).toEqual(
					planCells(plan)
						.map(({ id }) => id)
						.sort(),
				);
				for (const shard of shards) {
					const { steps } = blockOf(plan, shard, 0, () => true);
					expect(steps.filter(({ type }) => type === "control").length).toBeGreaterThanOrEqual(
						shardCells(plan, shard).length > 0 ? 2 : 0,
					);
				}
			}),
		);
	});

	test.each(["1/1", "-1/2", "a/2", "1", "2/2", "0/0", "0/2/3", "0.5/2"])("%s is refused", (text) => {
		expect(() => parseShard(text)).toThrow("--shard: must be i/n with i from 0 to n - 1");
	});
	test("0/2 is the first of two", () => expect(parseShard("0/2")).toEqual({ index: 0, count: 2 }));
});
