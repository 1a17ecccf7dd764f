/**
 * Runs a model, or two as a pipeline, in a process of its own. The first argument is its setting as JSON; then a batch
 * size a line on standard input, and an answer a line on standard output.
 */
import { createInterface } from "node:readline";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { InputError } from "../errors.js";
import { missingPart } from "../parts.js";
import { seeded } from "../random.js";
import { type Box, fillInput, type Pixels, readJpeg } from "./image.js";
import {
	imageValues,
	inputValues,
	isFiniteOutput,
	type ModelInput,
	modelInputs,
	type Output,
	strongest,
} from "./modelInputs.js";
import type { WorkerAnswer, WorkerSetting } from "./onnxProcess.js";

const onnxruntime = await import("onnxruntime-node").catch((cause) => {
	say({ status: "failed", reason: missingPart(["onnxruntime-node"], "running a model", cause).message });
	process.exit(1);
});
const setting = JSON.parse(process.argv[2] as string) as WorkerSetting;
const image = readJpeg(setting.image);

interface Stage {
	readonly session: InferenceSession;
	/** The outputs that are tensors: a sequence or a map cannot be fetched. */
	readonly outputs: readonly string[];
	readonly takes: readonly [ModelInput, ...ModelInput[]];
}

async function load(model: string): Promise<Stage> {
	const session = await onnxruntime.InferenceSession.create(model, {
		executionProviders: ["cpu"],
		intraOpNumThreads: setting.threads,
		interOpNumThreads: 1,
		executionMode: "sequential",
		graphOptimizationLevel: "all",
	});
	const declared = session.inputMetadata.map((input) =>
		input.isTensor ? input : { name: input.name, type: "no tensor", shape: [] },
	);
	const outputs = session.outputMetadata.filter(({ isTensor }) => isTensor).map(({ name }) => name);
	return { session, outputs, takes: modelInputs(model, declared, setting.sizes) };
}

/** What a model is given of a batch: its image's parts, or values of its own. */
function feedsOf({ takes }: Stage, boxes: readonly Box[]): Record<string, Tensor> {
	const random = seeded(1);
	return Object.fromEntries(
		takes.map((input) => {
			const data =
				input.content === "image"
					? imageValues(input, boxes.length, pixelsOf(sidesOf(input), boxes))
					: inputValues(input, boxes.length, random, setting.sizes?.tokens_below);
			// The array is the one that the type's tensor holds.
			const tensor = new onnxruntime.Tensor(input.type as "float32", data as Float32Array, [
				boxes.length,
				...input.shape,
			]);
			return [input.name, tensor];
		}),
	);
}

/** Height and width of an image's input. */
function sidesOf({ shape }: ModelInput): readonly [number, number] {
	const [first = 0, second = 0, third = 0] = shape;
	return first === 3 || first === 1 ? [second, third] : [first, second];
}

/** Images of a batch differ: each looks at another part of the picture. */
function pixelsOf(sides_px: readonly [number, number], boxes: readonly Box[]): Float32Array {
	const plane = 3 * sides_px[0] * sides_px[1];
	const data = new Float32Array(boxes.length * plane);
	for (const [i, box] of boxes.entries()) fillInput(image, box, sides_px, data, i * plane);
	return data;
}

function parts({ width, height }: Pixels, batch: number): Box[] {
	return Array.from({ length: batch }, (_, i) => {
		const share = 0.6 + (0.4 * ((i * 7) % 16)) / 16;
		return {
			left: (width * (1 - share)) / 2,
			top: (height * (1 - share)) / 2,
			width: width * share,
			height: height * share,
		};
	});
}

async function run({ session, outputs }: Stage, feeds: Record<string, Tensor>): Promise<Tensor> {
	const found = await session.run(feeds, outputs);
	return found[outputs[0] as string] as Tensor;
}

/** Of each image the part around its strongest detection, a third of the picture's side. */
function crops(detections: Tensor, { takes: [input] }: Stage, given: readonly Box[]): Box[] {
	const middles = strongest(detections as Output, sidesOf(input));
	return given.map((box, i) => {
		const [x, y] = middles[i] ?? [0.5, 0.5];
		const width = box.width / 3;
		const height = box.height / 3;
		return {
			left: box.left + x * box.width - width / 2,
			top: box.top + y * box.height - height / 2,
			width,
			height,
		};
	});
}

function say(answer: WorkerAnswer): void {
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}

// Ctrl-C in a terminal reaches every process there is: the harness decides, and ends this one by its input.
process.on("SIGINT", () => undefined);

try {
	const [first, second] = [
		await load(setting.models[0] as string),
		setting.models[1] && (await load(setting.models[1])),
	];
	const inputs = new Map<number, Record<string, Tensor>>();
	say({
		status: "ready",
		pid: process.pid,
		inputs: [first, ...(second ? [second] : [])].map(({ takes }) => [...takes]),
	});
	for await (const line of createInterface({ input: process.stdin })) {
		const batch = Number(line);
		const given = parts(image, batch);
		// What a stage is given from outside is made ready before the clock starts; what passes between stages is not.
		const seen = inputs.get(batch);
		const input = seen ?? feedsOf(first, given);
		inputs.set(batch, input);
		const start = performance.now();
		let output = await run(first, input);
		if (second) output = await run(second, feedsOf(second, crops(output, first, given)));
		const latency_s = (performance.now() - start) / 1000;
		// Of each batch size once: the same input gives the same output, and looking takes time and energy of its own.
		const finite = seen !== undefined || isFiniteOutput(output as Output);
		say(finite ? { status: "ran", latency_s } : { status: "failed", reason: "the output is not finite" });
	}
} catch (error) {
	const fault = error instanceof InputError ? { fault: error.fault } : {};
	say({ status: "failed", reason: (error as Error).message, ...fault });
	process.exitCode = 1;
}
