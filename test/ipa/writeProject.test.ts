import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ipaYamlText } from "../../src/ipa/experiment.js";
import { readIpaPipeline } from "../../src/ipa/readIpaPipeline.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { writeProject } from "../../src/ipa/writeProject.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { ipaProfiles, type ParsedProfile } from "./ipaParser.js";
import { temporary } from "./series.js";

const settings = { generate: ["all"], optimization_method: "brute-force", num_state_limit: null } as const;
const names = ["video", "audio-qa", "audio-sent", "sum-qa", "nlp"];

async function written(spec: PipelineSpec): Promise<{ project: string; file: string }> {
	const project = temporary();
	await writeProject(project, spec, "mine", { ...settings, generate: ["all"] });
	return { project, file: join(project, "data/configs/pipeline-simulation/mine.yaml") };
}

/** The bounds of IPA's file format: no energies, a batching cap of its own, and initial replicas that are said. */
function told(spec: PipelineSpec): PipelineSpec {
	const batches = spec.stages.flatMap(({ points }) => points.map(({ batch }) => batch));
	return {
		...spec,
		batching_cap: spec.batching_cap ?? Math.max(...batches),
		stages: spec.stages.map((stage) => ({
			...stage,
			initial_replicas: stage.initial_replicas ?? 1,
			points: stage.points.map(({ energy: _, ...point }) => point),
		})),
	};
}

describe("a pipeline of ours as IPA's files", () => {
	test.each(names)("%s comes back as it was, kinds and all", async (name) => {
		const given = await readPipeline(name);
		const { project, file } = await written(given);
		expect(await readIpaPipeline(file)).toEqual({ ...told(given), semantics: "published" });
		// From another folder, with the checkout named; and with another rate.
		const copy = join(temporary(), "copy.yaml");
		writeFileSync(copy, readFileSync(file));
		const options = { ipaHome: project, arrival_rate_rps: 7 };
		expect((await readPipeline(copy, options)).arrival_rate_rps).toBe(7);
	});

	test("every key is carried", async () => {
		const given: PipelineSpec = {
			...(await readPipeline()),
			accuracy_method: "product",
			normalize_accuracy: false,
			allocation_mode: "fix",
			only_measured_profiles: false,
			scaling_cap: 3,
			batching_cap: 16,
			weights: { alpha: 1.5, beta: 0.25, gamma: 1e-7, delta: 0 },
			arrival_rate_rps: 12.5,
			threshold_rps: 3,
			sla_factor: 2,
			baseline: "switch",
		};
		expect(await readIpaPipeline((await written(given)).file)).toEqual(told(given));
	});

	test.each([
		[{ sla_s: 1 }, "sla_s: must be left to IPA"],
		[{ weights: { alpha: 1, beta: 1, gamma: 0, delta: 0.1 } }, "weights.delta: must be 0"],
		[{ prices: { eur_per_kwh: 0.2, eur_per_core_hour: 0.05 } }, "prices: must not be there"],
	])("what IPA has no place for is refused: %j", async (changed, message) => {
		await expect(written({ ...(await readPipeline()), ...changed })).rejects.toThrow(message);
	});

	test.each(["1e3", "12", "NaN", "null", "True", " a", "N/A"])(
		"a variant's name %j, which pandas reads as something else",
		async (variant) => {
			const video = await readPipeline();
			const [first, ...rest] = video.stages;
			const points = first?.points.map((point) => ({ ...point, variant })) ?? [];
			const stages = [{ name: "crop", points, initial_variant: variant, initial_cores: 1 }, ...rest];
			await expect(written({ ...video, stages })).rejects.toThrow(
				/crop.points.0.variant: must be a name that pandas reads/,
			);
		},
	);

	test("two stages of one name, which IPA takes for one", async () => {
		const video = await readPipeline();
		const stages = [...video.stages, ...video.stages.slice(0, 1)];
		await expect(written({ ...video, stages })).rejects.toThrow(/stages: must have names of their own/);
	});
});

describe("IPA's pipeline from its files", () => {
	/** The Video pipeline's files with one of them changed by a replacement of text. */
	async function changed(file: "mine" | "accuracies", from: string | RegExp, to: string) {
		const { project, file: experiment } = await written(await readPipeline());
		const path = file === "mine" ? experiment : join(project, "data/configs/accuracies.yaml");
		const before = readFileSync(path, "utf8");
		const after = before.replace(from, to);
		expect(after).not.toBe(before);
		writeFileSync(path, after);
		return readIpaPipeline(experiment);
	}

	test("error rates with a minus sign are 100 - rate where accuracies are normalised, an error where not", async () => {
		const rates = '"crop": {"yolov5n": -40.5, "yolov5s": -30, "yolov5m": -20, "yolov5l": -10, "yolov5x": -5}';
		const spec = await changed("accuracies", /"crop": \{[^}]*\}/, rates);
		expect(spec.stages[0]?.points[0]).toMatchObject({ variant: "yolov5n", accuracy_pct: 59.5 });
		const { project, file } = await written({ ...(await readPipeline()), normalize_accuracy: false });
		const path = join(project, "data/configs/accuracies.yaml");
		writeFileSync(path, readFileSync(path, "utf8").replace(/"crop": \{[^}]*\}/, rates));
		await expect(readIpaPipeline(file)).rejects.toThrow(
			/accuracies.yaml, video.crop.yolov5n: must be a number from 0 to 100 .*received -40.5/,
		);
	});

	test("a task without accuracies, an initial variant without a profile, no arrival rate", async () => {
		await expect(changed("accuracies", '"crop"', '"crops"')).rejects.toThrow(/video.crop: the task must be there/);
		await expect(changed("mine", /"initial_cpu_allocation": \[1,/, '"initial_cpu_allocation": [3,')).rejects.toThrow(
			/initial_active_model: must be a variant of crop that was profiled on its initial_cpu_allocation of 3/,
		);
		await expect(changed("mine", /"arrival_rate": .*\n/, "")).rejects.toThrow(
			/arrival_rate: must be there, or be given/,
		);
	});

	test("margins and statistics are gone by, unless what the simulator does is wanted", async () => {
		const { file } = await written(await readPipeline());
		const plain = await readIpaPipeline(file);
		writeFileSync(file, `${readFileSync(file, "utf8")}latency_margin: 100\nthroughput_margin: -50\n`);
		const [point, before] = [await readIpaPipeline(file), plain].map(({ stages }) => stages[0]?.points[0]);
		expect(point?.latency_s).toBeCloseTo(2 * (before?.latency_s as number), 12);
		expect(point?.throughput_rps).toBeCloseTo((before?.throughput_rps as number) / 2, 12);
		expect(await readIpaPipeline(file, { asSimulated: true })).toEqual(plain);
	});
});

describe.runIf(process.env.IPA_HOME !== undefined)("what we write, read by IPA's own side", () => {
	test.each(names)("%s: every latency and throughput comes back to the last digit", async (name) => {
		const spec = await readPipeline(name);
		const { project } = await written(spec);
		for (const [s, stage] of spec.stages.entries()) {
			const accuracies = Object.fromEntries(stage.points.map((point) => [point.variant, point.accuracy_pct]));
			const theirs = ipaProfiles({ project, series: s + 1, model: stage.name, load: 1, accuracies }) as ParsedProfile[];
			const flat = theirs.flatMap(([variant, cores, , own]) => own.map((profile) => [variant, cores, ...profile]));
			expect(flat).toEqual(
				stage.points.map((own) => [own.variant, own.cores, own.batch, own.latency_s, own.throughput_rps]),
			);
		}
	});

	test("PyYAML reads our YAML to the same values", () => {
		const content = {
			small: 1e-7,
			large: 1.5e21,
			no: ["no", "1:30", "1e5", "=", "~", "a: b", "ä\n\"'\\", 0.1, -3, true, null],
			nested: { "1": { x: 5e-324 } },
		};
		const program = "import json,sys,yaml; print(json.dumps(yaml.safe_load(sys.stdin.read())))";
		const { stdout, stderr } = spawnSync(process.env.IPA_PYTHON ?? "python3", ["-c", program], {
			input: ipaYamlText(content),
			encoding: "utf8",
		});
		if (stdout === "") throw new Error(stderr);
		expect(JSON.parse(stdout)).toEqual(content);
	});
});
