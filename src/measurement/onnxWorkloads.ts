import { join } from "node:path";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { cachedModel } from "../inference/modelCache.js";
import { isModelName, type ModelName, modelNames } from "../inference/models.js";
import { type OnnxProcess, onnxProcess } from "../inference/onnxProcess.js";
import type { Perhaps } from "../outcome.js";
import type { Environment } from "./environment.js";
import { fileFault } from "./journal.js";
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
	return { check: () => checkFiles(plan, runner), prepare: (cell) => prepare(plan, runner, cell) };
}

/** Loads each file of the user's once: what it takes is known before the first cell, not in the middle. */
async function checkFiles(plan: Plan, runner: OnnxRunner): Promise<Environment> {
	const found: Record<string, Perhaps<string>> = {};
	for (const [key, file] of Object.entries(runner.files)) {
		const cells = planCells(plan).filter(({ variant }) => partsOf(runner, variant).includes(key));
		const [cell] = cells;
		if (cell === undefined) continue;
		const process = await start(plan, runner, cell, [file]);
		await process.close();
		const [takes] = process.inputs;
		const other = cells.find(({ batch }) => takes?.batch !== undefined && batch !== takes.batch);
		if (takes?.batch !== undefined && other !== undefined)
			throw new InputError({
				file: plan.name,
				field: "batches",
				rule: `must be [${takes.batch}]: the file of ${key} was exported with a batch of ${takes.batch} only (or export it again with a dynamic batch: yolo export dynamic=True)`,
				value: other.batch,
			});
		if (takes?.freeSide === true)
			found[`input of ${key}`] = {
				status: "available",
				value: `${takes.side_px} x ${takes.side_px} px, which its file leaves open (${runner.side_px === undefined ? "the default" : "side_px of the plan"})`,
			};
	}
	return found;
}

async function prepare(plan: Plan, runner: OnnxRunner, cell: PlanCell): Promise<Workload> {
	const models: string[] = [];
	for (const part of partsOf(runner, cell.variant)) {
		const file = fileFor(plan, runner, part);
		models.push(file ?? (isModelName(part) ? await made(part, runner.weights_seed) : part));
	}
	const process = await start(plan, runner, cell, models);
	return {
		runBatch: async () => ({
			latency_s: await process.runBatch(cell.batch).catch((error) => failed(plan, cell, error)),
			counted: {},
		}),
		cpuOf: { pids: [process.pid] },
		close: process.close,
	};
}

async function made(name: ModelName, seed: number): Promise<string> {
	try {
		return await cachedModel(name, seed);
	} catch (error) {
		throw fileFault("the cache of models (XDG_CACHE_HOME names another place)", error);
	}
}

function start(plan: Plan, runner: OnnxRunner, cell: PlanCell, models: readonly string[]): Promise<OnnxProcess> {
	const { image: own = image, side_px } = runner;
	const setting = { models, cores: cell.cores, image: own, ...(side_px === undefined ? {} : { side_px }) };
	return onnxProcess(setting).catch((error) => failed(plan, cell, error));
}

function failed(plan: Plan, { variant }: PlanCell, error: unknown): never {
	const rule = `must run: ${(error as Error).message}`;
	throw new InputError({ file: plan.name, field: "variants", rule, value: variant });
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
