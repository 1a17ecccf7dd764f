import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { readAccuracies, readExperiment } from "../../src/ipa/experiment.js";
import { experimentText, temporary } from "./series.js";

function written(text: string, name = "e.yaml"): string {
	const file = join(temporary(), name);
	writeFileSync(file, text);
	return file;
}

describe("an experiment of IPA's", () => {
	test("is read with its tasks; the simulator's defaults stand in for the runner's keys", async () => {
		const file = written(experimentText());
		const experiment = await readExperiment(file);
		expect(experiment.tasks).toEqual([
			{
				name: "crop",
				model: "yolo",
				series: 71,
				load: 20,
				initial_variant: "yolov5n",
				initial_cores: 1,
				initial_replicas: 1,
			},
			{
				name: "classification",
				model: "resnet-human",
				series: 72,
				load: 20,
				initial_variant: "resnet18",
				initial_cores: 1,
				initial_replicas: 2,
			},
		]);
		expect(experiment).toMatchObject({
			file,
			gamma: 1e-6,
			baseline_mode: null,
			reference_latency: "p99",
			reference_throughput: "max",
			latency_margin: 0,
			throughput_margin: 0,
		});
	});

	test("keys of IPA's that we do not use, and a key that repeats, are fine: the last one holds", async () => {
		const text = `pipeline_name: first\n${experimentText()}predictor_type: lstm\nbatching_cap: 4 # again\n`;
		const experiment = await readExperiment(written(text));
		expect(experiment.pipeline_name).toBe("video");
		expect(experiment.batching_cap).toBe(4);
	});

	test("the key of our own plugin, and of IPA's forks, is read: nothing here goes by it", async () => {
		for (const optimization_method of ["exact", "q-learning", "gurobi"])
			expect((await readExperiment(written(experimentText({ optimization_method })))).optimization_method).toBe(
				optimization_method,
			);
	});

	test("YAML is 1.1, as PyYAML reads it", async () => {
		const text = experimentText().replace('"normalize_accuracy": true', "normalize_accuracy: no");
		expect((await readExperiment(written(text))).normalize_accuracy).toBe(false);
	});

	test("loads by task; entries past number_tasks are left alone", async () => {
		const experiment = await readExperiment(
			written(experimentText({ profiling_load: [20, "1301160-1302360", 5], number_tasks: 2 })),
		);
		expect(experiment.tasks.map(({ load }) => load)).toEqual([20, "1301160-1302360"]);
	});

	test.each([
		[{ alpha: "much" }, 'alpha: must be a number, received "much"'],
		[{ alpha: -1 }, "alpha: must be 0 or more, received -1"],
		[{ scaling_cap: 0 }, "scaling_cap: must be 1 or more, received 0"],
		[{ scaling_cap: 2.5 }, "scaling_cap: must be a whole number, received 2.5"],
		[{ task_name: ["crop"] }, "task_name: must have 2 entries, one a task, received 1"],
		[{ model_name: "yolo" }, 'model_name: must be a list, an entry a task, received "yolo"'],
		[{ profiling_series: [71, "../72"] }, 'profiling_series.1: must be a whole number, received "../72"'],
		[{ series: "../../x" }, 'series: must be a whole number, received "../../x"'],
		[{ profiling_load: "20" }, 'profiling_load: must be a whole number, or a list of loads, one a task, received "20"'],
		[{ profiling_load: [20] }, "profiling_load: must have 2 entries, one a task, received 1"],
		[{ accuracy_method: "mean" }, 'accuracy_method: must be one of sum, average, multiply, received "mean"'],
		[{ baseline_mode: "sum" }, 'baseline_mode: must be one of switch, scale, received "sum"'],
		[{ normalize_accuracy: 1 }, "normalize_accuracy: must be true or false, received 1"],
		[{ reference_latency: "var" }, 'reference_latency: must be one of avg, p50, p95, p99, min, max, received "var"'],
		[{ latency_margin: -100 }, "latency_margin: must be above -100, received -100"],
		[{ generate: ["everything"] }, 'generate.0: must be one of all, feasible, optimal, received "everything"'],
	])("%j is an error that says where and why", async (changed, message) => {
		const file = written(experimentText(changed));
		const error = await readExperiment(file).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(InputError);
		expect(String(error).replace(/:\d+:\d+, /, ", ")).toContain(`${file}, ${message}`);
	});

	test.each(["alpha", "task_name", "profiling_load", "baseline_mode", "batching_cap", "sla_factor"])(
		"a missing %s is an error that names it",
		async (key) => {
			const lines = experimentText().split("\n");
			const file = written(lines.filter((line) => !line.startsWith(`"${key}"`)).join("\n"));
			await expect(readExperiment(file)).rejects.toThrow(`${file}, ${key}: must be`);
		},
	);

	test("text that is not YAML, or no keys at all", async () => {
		await expect(readExperiment(written("a: [1,\nb"))).rejects.toThrow(/must be YAML/);
		await expect(readExperiment(written("- 1\n"))).rejects.toThrow(InputError);
		await expect(readExperiment("/nowhere/e.yaml")).rejects.toThrow("/nowhere/e.yaml: must exist");
	});
});

describe("accuracies.yaml", () => {
	const text =
		"video:\n  crop:\n    yolov5n: 45.7\n    # yolov5s: 56.8\n  other: {a: 1}\nbroken:\n  t: 7\nmock:\n  t: {1: 100}\n";

	test("one pipeline's tasks and variants; names that are numbers are text", async () => {
		const file = written(text);
		expect(await readAccuracies(file, "video")).toEqual(
			new Map([
				["crop", new Map([["yolov5n", 45.7]])],
				["other", new Map([["a", 1]])],
			]),
		);
		expect((await readAccuracies(file, "mock")).get("t")).toEqual(new Map([["1", 100]]));
	});

	test("a pipeline that is not there, and a task without variants", async () => {
		const file = written(text);
		await expect(readAccuracies(file, "nlp")).rejects.toThrow(`${file}, nlp: the pipeline must be there`);
		await expect(readAccuracies(file, "broken")).rejects.toThrow(/broken.t: must list variants/);
		await expect(readAccuracies(written("video: {crop: {a: high}}"), "video")).rejects.toThrow(
			/video.crop.a: must be a number, in percent, received "high"/,
		);
	});
});

describe.runIf(process.env.IPA_HOME !== undefined)("every experiment of the checkout", () => {
	test("is read, with its pipeline's accuracies", async () => {
		const configs = join(process.env.IPA_HOME as string, "data", "configs");
		const files = ["pipeline-simulation", "final"].flatMap((folder) =>
			readdirSync(join(configs, folder)).map((name) => join(configs, folder, name)),
		);
		expect(files.length).toBeGreaterThan(30);
		for (const file of files) {
			const { pipeline_name, tasks } = await readExperiment(file);
			const accuracies = await readAccuracies(join(configs, "accuracies.yaml"), pipeline_name);
			for (const { name } of tasks) expect(accuracies.get(name)?.size).toBeGreaterThan(0);
		}
	});
});
