import { access } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { cachedModel } from "../inference/modelCache.js";
import { inputWords, type ModelInput } from "../inference/modelInputs.js";
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
 *
 * @param folder the plan's, from which its paths are taken
 */
export function onnxWorkloads(plan: Plan, runner: OnnxRunner, folder: string): WorkloadSource {
	const at = (file: string) => (isAbsolute(file) ? file : join(folder, file));
	const { image: own } = runner;
	const files = Object.fromEntries(Object.entries(runner.files).map(([key, file]) => [key, at(file)]));
	const placed = { ...runner, files, image: own === undefined ? image : at(own) };
	for (const { variant } of planCells(plan)) for (const part of partsOf(placed, variant)) fileFor(plan, placed, part);
	return { check: () => checkFiles(plan, placed), prepare: (cell) => prepare(plan, placed, cell) };
}

/**
 * Loads each variant with a file of the user's once, and runs its smallest batch: what would fail does so before the first
 * cell. What the inputs are goes into the record.
 */
async function checkFiles(plan: Plan, runner: OnnxRunner): Promise<Environment> {
	const found: Record<string, Perhaps<string>> = {};
	const open = new Set<string>();
	const used = new Set<string>();
	for (const cells of groupBy(planCells(plan), ({ variant }) => variant).values()) {
		const cell = cells.reduce((least, other) => (other.batch < least.batch ? other : least));
		const parts = partsOf(runner, cell.variant);
		const own = parts.filter((part) => Object.hasOwn(runner.files, part));
		if (own.length === 0) continue;
		for (const part of own) {
			used.add(part);
			await access(runner.files[part] as string).catch((cause) => {
				const rule = "must be a readable file (a path is taken from the plan's folder)";
				throw new InputError(
					{ file: plan.name, field: `runner.files.${part}`, rule, value: runner.files[part] },
					{ cause },
				);
			});
		}
		const process = await start(plan, runner, cell);
		try {
			for (const [i, part] of parts.entries()) {
				const inputs = process.inputs[i] ?? [];
				checkBatches(plan, part, inputs, cells);
				for (const input of inputs) for (const { name } of input.open) open.add(name);
				const [data] = inputs;
				if (!own.includes(part) || data === undefined) continue;
				if (data.content !== "image" && runner.request_unit === "image")
					throw new InputError({
						file: plan.name,
						field: "runner.request_unit",
						rule: `must say what a request is (text, for instance): ${data.name} of ${part} is no image`,
						value: runner.request_unit,
					});
				found[`input of ${part}`] = { status: "available", value: inputs.map(inputWords).join("; ") };
			}
			await process.runBatch(cell.batch).catch((error) => failed(plan, cell, error));
		} finally {
			await process.close();
		}
	}
	const idle = Object.keys(runner.dimensions ?? {}).find((name) => used.size > 0 && !open.has(name));
	if (idle !== undefined)
		throw new InputError({
			file: plan.name,
			field: `runner.dimensions.${idle}`,
			rule: `must be a dimension that a file leaves open: ${open.size === 0 ? "there is none" : [...open].join(", ")}`,
			value: runner.dimensions?.[idle],
		});
	return found;
}

function checkBatches(plan: Plan, part: string, inputs: readonly ModelInput[], cells: readonly PlanCell[]): void {
	for (const { batch: only } of inputs) {
		const other = cells.find(({ batch }) => only !== undefined && batch !== only);
		if (other !== undefined)
			throw new InputError({
				file: plan.name,
				field: "batches",
				rule: `must be [${only}]: the file of ${part} was exported with a batch of ${only} only (or export it again with a dynamic batch: yolo export dynamic=True)`,
				value: other.batch,
			});
	}
}

async function prepare(plan: Plan, runner: OnnxRunner, cell: PlanCell): Promise<Workload> {
	const process = await start(plan, runner, cell);
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

async function start(plan: Plan, runner: OnnxRunner, cell: PlanCell): Promise<OnnxProcess> {
	const models: string[] = [];
	for (const part of partsOf(runner, cell.variant)) {
		const file = fileFor(plan, runner, part);
		models.push(file ?? (isModelName(part) ? await made(part, runner.weights_seed) : part));
	}
	const { image: own = image, side_px, dimensions, tokens_below } = runner;
	const setting = { models, cores: cell.cores, image: own, sizes: { side_px, dimensions, tokens_below } };
	return onnxProcess(setting).catch((error) => failed(plan, cell, error));
}

function failed(plan: Plan, { variant, batch }: PlanCell, error: unknown): never {
	if (error instanceof InputError) throw error;
	const rule = `must run with a batch of ${batch}: ${(error as Error).message}`;
	throw new InputError({ file: plan.name, field: "variants", rule, value: variant }, { cause: error });
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
