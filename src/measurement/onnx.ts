import { join } from "node:path";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { cachedModel } from "../inference/modelCache.js";
import { isModelName, modelNames } from "../inference/models.js";
import { type OnnxProcess, onnxProcess } from "../inference/onnxProcess.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells } from "./planCells.js";
import type { Workload, WorkloadSource } from "./workload.js";

type OnnxRunner = Extract<Plan["runner"], { type: "onnx" }>;

const image = join(packageRoot, "data/test-image.jpg");

/**
 * Models in onnxruntime, each cell in a process of its own that is kept on its cores. Throws InputError, before anything
 * is measured, for a variant that is no model.
 */
export function onnxWorkloads(plan: Plan, runner: OnnxRunner): WorkloadSource {
	for (const { variant } of planCells(plan)) for (const part of partsOf(runner, variant)) fileFor(plan, runner, part);
	return { prepare: (cell) => prepare(plan, runner, cell) };
}

async function prepare(plan: Plan, runner: OnnxRunner, { variant, cores, batch }: PlanCell): Promise<Workload> {
	const models: string[] = [];
	for (const part of partsOf(runner, variant)) {
		const file = fileFor(plan, runner, part);
		models.push(file ?? (isModelName(part) ? await cachedModel(part, runner.weights_seed) : part));
	}
	const failed = (error: unknown): never => {
		throw new InputError({
			file: plan.name,
			field: "variants",
			rule: `must run: ${(error as Error).message}`,
			value: variant,
		});
	};
	const process: OnnxProcess = await onnxProcess({ models, cores, image: runner.image ?? image }).catch(failed);
	return {
		runBatch: async () => ({ latency_s: await process.runBatch(batch).catch(failed), counted: {} }),
		cpuOf: { pid: process.pid },
		close: process.close,
	};
}

/** The stages of a variant: a key of `files` is one, whatever it is called. */
function partsOf({ files }: OnnxRunner, variant: string): readonly string[] {
	return Object.hasOwn(files, variant) ? [variant] : variant.split("+");
}

function fileFor(plan: Plan, { files }: OnnxRunner, part: string): string | undefined {
	if (Object.hasOwn(files, part)) return files[part];
	if (isModelName(part)) return undefined;
	throw new InputError({
		file: plan.name,
		field: "variants",
		rule: `must be one of ${modelNames.join(", ")}, two of them joined by +, or a key of runner.files`,
		value: part,
	});
}
