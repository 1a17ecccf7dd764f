import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { measurePlan } from "../../src/measurement/measurePlan.js";
import { parsePlan, planHash, planSchema, readPlan } from "../../src/measurement/plan.js";
import { planCells } from "../../src/measurement/planCells.js";
import { tinyPlan } from "./plans.js";

const text = (plan: object) => JSON.stringify(plan);

describe("a plan", () => {
	test.each(readdirSync("data/plans"))("%s is shipped and valid", async (file) => {
		const plan = await readPlan(join("data/plans", file));
		expect(file).toBe(`${plan.name}.yaml`);
		expect(planCells(plan).length).toBeGreaterThan(1);
	});

	test.each([
		[{ batches: [0] }, "batches.0", "0"],
		[{ window_s: -1 }, "window_s", "-1"],
		[{ name: "../escape" }, "name", "../escape"],
		[{ repetitions: { min: 5, max: 3, target_relative_interval: 0.1 } }, "repetitions.max", "3"],
		[{ blocks: 9 }, "blocks", "9"],
		[{ variants: [{ name: "a" }, { name: "a" }] }, "variants.1.name", '"a"'],
		[{ runner: { type: "shell", argv: ["x"] } }, "runner.type", "shell"],
		[{ windows: 3 }, "windows", "3"],
		[{ variants: [{ name: "a\0b" }] }, "variants.0.name", "NUL"],
		[{ runner: { type: "command", argv: ["cat", "\0"], request_unit: "x" } }, "runner.argv.1", "NUL"],
	])("%j names the file, the field and the value", (change, field, value) => {
		expect(() => parsePlan(text({ ...tinyPlan(), ...change }), "p.yaml")).toThrow(
			expect.objectContaining({ name: "InputError", message: expect.stringContaining(`p.yaml, ${field}: `) }),
		);
		expect(() => parsePlan(text({ ...tinyPlan(), ...change }), "p.yaml")).toThrow(value);
	});

	test("more cores than the machine has are refused before anything runs; a server's are its own", async () => {
		const plan = { cores: [1, 4096], variants: [{ name: "resnet18" }] };
		for (const runner of [
			{ type: "onnx" },
			{ type: "arithmetic", work: 1 },
			{ type: "command", argv: ["true"], request_unit: "x" },
		])
			await expect(measurePlan(tinyPlan({ ...plan, runner }))).rejects.toThrow(
				/cores: must be at most .* received 4096/,
			);
		const runner = { type: "mlserver", url: "http://127.0.0.1:9", rate_rps: 1 };
		await expect(measurePlan(tinyPlan({ ...plan, runner }))).rejects.toThrow(/runner.model: must be ready/);
	});

	test("a shard without a cell is refused", async () =>
		expect(measurePlan(tinyPlan(), { shard: { index: 4, count: 5 } })).rejects.toThrow(
			'shard: must hold cells: the plan has 4 for 5 shards, received "4/5"',
		));

	test("a missing file and text that is not YAML are named", async () => {
		await expect(readPlan("no-such.yaml")).rejects.toThrow("no-such.yaml: must be a readable plan file");
		expect(() => parsePlan("a: [", "p.yaml")).toThrow("p.yaml:1:5: must be YAML");
	});

	test("its hash is of what it says, not of the order it says it in", () => {
		const plan = tinyPlan();
		const turned = Object.fromEntries(Object.entries(plan).reverse()) as typeof plan;
		expect(planHash(turned)).toBe(planHash(plan));
		expect(planHash({ ...plan, seed: 8 })).not.toBe(planHash(plan));
	});

	test("its cells are every variant with every core count and batch, its own where it has some", () => {
		const plan = tinyPlan({ variants: [{ name: "a" }, { name: "b", batches: [4] }], cores: [1, 2] });
		expect(planCells(plan).map(({ variant, cores, batch }) => `${variant}${cores}${batch}`)).toEqual([
			"a11",
			"a12",
			"a21",
			"a22",
			"b14",
			"b24",
		]);
	});
});

test("no plan is shipped without saying how long it takes", () => {
	for (const file of readdirSync("data/plans"))
		expect(readFileSync(join("data/plans", file), "utf8")).toMatch(/^# .*(minute|hour)/m);
});

test("docs/plans.md names every field of a plan and of each runner", () => {
	const text = readFileSync("docs/plans.md", "utf8");
	const { runner, ...fields } = planSchema.shape;
	const names = [
		...Object.keys(fields),
		...runner.options.flatMap(({ shape }) => Object.keys(shape)),
		...runner.options.map(({ shape }) => shape.type.value),
	];
	expect(names.length).toBeGreaterThan(30);
	expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test("the stage of a variant: as the plan has it, else that of the built-in networks", () => {
	const runner = { type: "onnx", files: { resnet18: "mine.onnx" } };
	const stagesOf = (variants: readonly object[]) =>
		planCells(tinyPlan({ runner, variants, batches: [1] })).map(({ stage }) => stage);
	expect(
		stagesOf([{ name: "yolov5n" }, { name: "resnet50" }, { name: "yolov5x+resnet50" }, { name: "resnet18" }]),
	).toEqual(["detection", "classification", "detection+classification", undefined]);
	expect(stagesOf([{ name: "yolov5n", stage: "crop" }])).toEqual(["crop"]);
	expect(planCells(tinyPlan()).every(({ stage }) => stage === undefined)).toBe(true);
});
