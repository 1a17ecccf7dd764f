/**
 * Runs a model, or two as a pipeline, in a process of its own. The first argument is its setting as JSON; then a batch
 * size a line on standard input, and an answer a line on standard output.
 */
import { createInterface } from "node:readline";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { missingPart } from "../parts.js";
import { type Box, fillInput, type Pixels, readJpeg } from "./image.js";
import type { ModelInput, WorkerAnswer, WorkerSetting } from "./onnxProcess.js";

const onnxruntime = await import("onnxruntime-node").catch((cause) => {
	say({ status: "failed", reason: missingPart(["onnxruntime-node"], "running a model", cause).message });
	process.exit(1);
});
const setting = JSON.parse(process.argv[2] as string) as WorkerSetting;
const image = readJpeg(setting.image);

interface Stage {
	readonly session: InferenceSession;
	readonly input: string;
	readonly size: number;
	readonly takes: ModelInput;
}

/** YOLOv5's own side, for an export that leaves it open. */
const usualSide_px = 640;

async function load(model: string): Promise<Stage> {
	const session = await onnxruntime.InferenceSession.create(model, {
		executionProviders: ["cpu"],
		intraOpNumThreads: setting.threads,
		interOpNumThreads: 1,
		executionMode: "sequential",
		graphOptimizationLevel: "all",
	});
	const [input, ...more] = session.inputNames;
	const [metadata] = session.inputMetadata;
	if (input === undefined || more.length > 0 || metadata === undefined || !metadata.isTensor)
		throw new Error(`${model} must have one input, an image tensor; it has ${session.inputNames.join(", ") || "none"}`);
	const [batch, channels, height, width] = metadata.shape;
	// A dimension that the file leaves open has a name, or none.
	const free = (size: unknown) => typeof size !== "number" || size < 0;
	const freeSide = free(height) && free(width);
	if (
		metadata.type !== "float32" ||
		metadata.shape.length !== 4 ||
		(channels !== 3 && !free(channels)) ||
		!(freeSide || (height === width && !free(height)))
	)
		throw new Error(
			`${model}: ${input} must be float32, batch x 3 x side x side; it is ${metadata.type}, ${metadata.shape.join(" x ")}`,
		);
	if (!freeSide && setting.side_px !== undefined && setting.side_px !== height)
		throw new Error(`${model} takes images of ${height} x ${width} px, and side_px is ${setting.side_px}`);
	const side_px = freeSide ? (setting.side_px ?? usualSide_px) : (height as number);
	const takes = { side_px, freeSide, ...(free(batch) ? {} : { batch: batch as number }) };
	return { session, input, size: side_px, takes };
}

/** Images of a batch differ: each looks at another part of the picture. */
function batchOf(size: number, boxes: readonly Box[]): Tensor {
	const plane = 3 * size * size;
	const data = new Float32Array(boxes.length * plane);
	for (const [i, box] of boxes.entries()) fillInput(image, box, size, data, i * plane);
	return new onnxruntime.Tensor("float32", data, [boxes.length, 3, size, size]);
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

async function run({ session, input }: Stage, batch: Tensor): Promise<Tensor> {
	const outputs = await session.run({ [input]: batch });
	return outputs[session.outputNames[0] as string] as Tensor;
}

/** Of each image the part that its strongest detection's cell is the middle of, a third of the picture's side. */
function crops(detections: Tensor, given: readonly Box[]): Box[] {
	const [, channels, rows, columns] = detections.dims as [number, number, number, number];
	const values = detections.data as Float32Array;
	const perImage = channels * rows * columns;
	return given.map((box, i) => {
		// Channel 4 of the first anchor is its objectness.
		const objectness = values.subarray(i * perImage + 4 * rows * columns, i * perImage + 5 * rows * columns);
		let best = 0;
		for (let cell = 1; cell < objectness.length; cell++)
			if ((objectness[cell] as number) > (objectness[best] as number)) best = cell;
		const width = box.width / 3;
		const height = box.height / 3;
		const x = box.left + (((best % columns) + 0.5) / columns) * box.width;
		const y = box.top + ((Math.floor(best / columns) + 0.5) / rows) * box.height;
		return { left: x - width / 2, top: y - height / 2, width, height };
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
	const inputs = new Map<number, Tensor>();
	say({ status: "ready", pid: process.pid, inputs: second ? [first.takes, second.takes] : [first.takes] });
	for await (const line of createInterface({ input: process.stdin })) {
		const batch = Number(line);
		const given = parts(image, batch);
		// What a stage is given from outside is made ready before the clock starts; what passes between stages is not.
		const seen = inputs.get(batch);
		const input = seen ?? batchOf(first.size, given);
		inputs.set(batch, input);
		const start = performance.now();
		let output = await run(first, input);
		if (second) output = await run(second, batchOf(second.size, crops(output, given)));
		const latency_s = (performance.now() - start) / 1000;
		// Of each batch size once: the same input gives the same output, and looking takes time and energy of its own.
		const finite = seen !== undefined || (output.data as Float32Array).every(Number.isFinite);
		say(finite ? { status: "ran", latency_s } : { status: "failed", reason: "the output is not finite" });
	}
} catch (error) {
	say({ status: "failed", reason: (error as Error).message });
	process.exitCode = 1;
}
