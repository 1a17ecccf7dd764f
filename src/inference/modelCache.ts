import { mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { seeded } from "../random.js";
import type { Graph } from "./graph.js";
import { type ModelName, modelGraph } from "./models.js";
import { elements, onnxFile } from "./onnxFile.js";

const modelFile = "model.onnx";
const weightsFile = "weights.bin";
/** Changes where what a cached file holds does. */
const version = 1;

/** Where models are kept: `$XDG_CACHE_HOME/sustainable-ipa/models`, by default in `~/.cache`. */
export function modelFolder(): string {
	const { XDG_CACHE_HOME: cache = "" } = process.env;
	return join(cache === "" ? join(home(), ".cache") : cache, "sustainable-ipa", "models");
}

/** A container that runs under a bare number has no home. */
function home(): string {
	try {
		return homedir();
	} catch (cause) {
		throw new InputError(
			{ file: "environment", field: "XDG_CACHE_HOME", rule: "must name a folder for models: this user has no home" },
			{ cause },
		);
	}
}

/**
 * The file of a variant with weights drawn from the seed, made when it is not there yet: up to 350 MB (yolov5x). The
 * folder appears whole or not at all; one that was cut or changed is made again.
 */
export async function cachedModel(name: ModelName, seed: number, folder = modelFolder()): Promise<string> {
	const graph = modelGraph(name);
	const home = join(folder, `${name}-seed${seed}-v${version}`);
	const file = join(home, modelFile);
	const content = onnxFile(graph, weightsFile);
	if (await whole(home, graph, content)) return file;
	await mkdir(folder, { recursive: true });
	const aside = await mkdtemp(join(folder, `.${name}-`));
	try {
		await writeWeights(join(aside, weightsFile), graph, seed);
		await writeFile(join(aside, modelFile), content);
		await rm(home, { recursive: true, force: true });
		await rename(aside, home).catch(async (error: NodeJS.ErrnoException) => {
			// Another process was faster: what it made is the same.
			if (!(await whole(home, graph, content))) throw error;
		});
	} finally {
		await rm(aside, { recursive: true, force: true });
	}
	return file;
}

async function whole(home: string, { weights }: Graph, content: Uint8Array): Promise<boolean> {
	const bytes = 4 * weights.reduce((sum, weight) => sum + elements(weight), 0);
	try {
		const { size } = await stat(join(home, weightsFile));
		return size === bytes && Buffer.compare(await readFile(join(home, modelFile)), content) === 0;
	} catch {
		return false;
	}
}

async function writeWeights(file: string, { weights }: Graph, seed: number): Promise<void> {
	const random = seeded(seed);
	const handle = await open(file, "wx");
	try {
		for (const weight of weights) {
			const values = new Float32Array(elements(weight));
			for (let i = 0; i < values.length; i++) values[i] = weight.bound * (2 * random() - 1);
			await handle.write(new Uint8Array(values.buffer));
		}
		await handle.sync();
	} finally {
		await handle.close();
	}
}
