import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import {
	halfBits,
	halfNumber,
	imageValues,
	inputValues,
	modelInputs,
	strongest,
} from "../../src/inference/modelInputs.js";
import { measurePlan } from "../../src/measurement/measurePlan.js";
import type { Session } from "../../src/measurement/records.js";
import { seeded } from "../../src/random.js";
import { tinyPlan } from "../measurement/plans.js";
import { type TinyModel, writeTinyOnnx } from "./tinyOnnx.js";

const folder = mkdtempSync(join(tmpdir(), "own-models-"));
mkdirSync(join(folder, "models"));

/** A plan of one model of the user's, its path from the plan's folder. */
function planOf(file: string, runner: object = {}, changes: object = {}) {
	return tinyPlan({
		runner: { type: "onnx", files: { mine: `models/${file}` }, ...runner },
		variants: [{ name: "mine" }],
		batches: [3],
		blocks: 1,
		repetitions: { min: 2, max: 2, target_relative_interval: 0.5 },
		...changes,
	});
}

async function measured(model: TinyModel, runner: object = {}, changes: object = {}) {
	writeTinyOnnx(join(folder, "models", "m.onnx"), model);
	const said: string[] = [];
	try {
		const { status, records } = await measurePlan(planOf("m.onnx", runner, changes), {
			meters: { available: [], unavailable: [] },
			planFolder: folder,
			report: ({ now }) => said.push(now),
		});
		const session = records.find((record): record is Session => record.type === "session");
		return { status, input: session?.environment["input of mine"] };
	} catch (error) {
		// Whatever is at fault is so before the first cell.
		expect(said).toEqual([]);
		throw error;
	}
}

/** The mean over everything but the batch, as batch x 1. */
const mean = (input: string, output: string, axes: readonly number[]) =>
	["ReduceMean", [input], output, { axes, keepdims: 0 }] as const;
const text = { request_unit: "text" };

/** Boxes as version 8 exports them: of any image the same constants, so that only the form is YOLO's. */
const yolo: TinyModel = {
	inputs: { images: ["float32", [1, 3, 640, 640]] },
	outputs: { output0: ["float32", [1, 84, 8400]] },
	nodes: [
		mean("images", "mean", [1, 2, 3]),
		["Reshape", ["mean", "column"], "each"],
		["Mul", ["each", "ones"], "output0"],
	],
	constants: {
		column: [[3], BigInt64Array.of(-1n, 1n, 1n)],
		ones: [[1, 84, 8400], new Float32Array(84 * 8400).fill(1)],
	},
};
const dynamicYolo: TinyModel = {
	...yolo,
	inputs: { images: ["float32", ["batch", 3, "height", "width"]] },
	outputs: { output0: ["float32", ["batch", 84, "anchors"]] },
};
/** Token embeddings averaged over what the mask keeps, as encoders of texts do. */
const encoder: TinyModel = {
	inputs: {
		input_ids: ["int64", ["batch", "sequence"]],
		attention_mask: ["int64", ["batch", "sequence"]],
		token_type_ids: ["int64", ["batch", "sequence"]],
	},
	outputs: { embedding: ["float32", ["batch", 4]] },
	nodes: [
		["Gather", ["table", "input_ids"], "tokens"],
		["Gather", ["segments", "token_type_ids"], "kinds"],
		["Add", ["tokens", "kinds"], "both"],
		["Cast", ["attention_mask"], "mask", { to: 1 }],
		["Unsqueeze", ["mask", "last"], "wide"],
		["Mul", ["both", "wide"], "kept"],
		mean("kept", "embedding", [1]),
	],
	constants: {
		table: [[50, 4], new Float32Array(200).fill(0.5)],
		segments: [[1, 4], new Float32Array(4)],
		last: [[1], BigInt64Array.of(2n)],
	},
};

describe("YOLO's usual exports", () => {
	test("static: batch 1 alone, whatever its output", async () => {
		await expect(measured(yolo)).rejects.toThrow(/batches: must be \[1\]: the file of mine .* received 3/);
		expect(await measured(yolo, {}, { batches: [1] })).toEqual({
			status: "complete",
			input: { status: "available", value: "images float32, 1 x 3 x 640 x 640" },
		});
	});
	test("with open axes: the plan's side, and who said it", async () =>
		expect(await measured(dynamicYolo, { side_px: 64 })).toMatchObject({
			status: "complete",
			input: {
				value:
					"images float32, batch x 3 x 64 x 64; left open by its file: height 64 (side_px of the plan), width 64 (side_px of the plan)",
			},
		}));
	test("of sides that differ, by the axes' own names", async () =>
		expect(await measured(dynamicYolo, { dimensions: { height: 32, width: 64 } })).toMatchObject({
			input: {
				value: expect.stringContaining(
					"batch x 3 x 32 x 64; left open by its file: height 32 (dimensions of the plan)",
				),
			},
		}));
	test("as the first of two stages: its strongest box is cropped", async () => {
		writeTinyOnnx(join(folder, "models", "classifier.onnx"), {
			inputs: { crop: ["float32", ["n", 3, 16, 16]] },
			outputs: { score: ["float32", ["n"]] },
			nodes: [mean("crop", "score", [1, 2, 3])],
		});
		const stages = {
			files: { mine: "models/m.onnx", second: "models/classifier.onnx" },
			dimensions: { height: 32, width: 32 },
		};
		const variants = [{ name: "mine+second" }];
		expect(await measured(dynamicYolo, stages, { variants })).toMatchObject({ status: "complete" });
		const flat: TinyModel = {
			...dynamicYolo,
			outputs: { mean: ["float32", ["batch"]] },
			nodes: [mean("images", "mean", [1, 2, 3])],
		};
		await expect(measured(flat, stages, { variants })).rejects.toThrow(
			/a detector, its first output: must be batch x boxes x 85, .* received "3"/,
		);
	});
	test("float16 images come as halves of the same pixels", async () => {
		const half: TinyModel = {
			inputs: { images: ["float16", [1, 3, 32, 32]] },
			outputs: { mean: ["float16", [1]] },
			nodes: [mean("images", "mean", [1, 2, 3])],
		};
		expect(await measured(half, {}, { batches: [1] })).toMatchObject({ status: "complete" });
		// An infinite half is found, as an infinite float is: 1 / (x - x).
		const infinite: TinyModel = {
			...half,
			nodes: [["Sub", ["images", "images"], "zero"], ["Log", ["zero"], "log"], mean("log", "mean", [1, 2, 3])],
		};
		await expect(measured(infinite, {}, { batches: [1] })).rejects.toThrow(
			/must run with a batch of 1: the output is not finite/,
		);
	});
});

describe("models of texts", () => {
	const sizes = { ...text, tokens_below: 50, dimensions: { sequence: 16 } };
	test("token ids, a mask of ones and segments of zeros, at the length that the plan says", async () =>
		expect(await measured(encoder, sizes)).toEqual({
			status: "complete",
			input: {
				status: "available",
				value: ["input_ids", "attention_mask", "token_type_ids"]
					.map((name) => `${name} int64, batch x 16; left open by its file: sequence 16 (dimensions of the plan)`)
					.join("; "),
			},
		}));
	test.each([
		[
			"no length",
			{ ...text, tokens_below: 50 },
			/m\.onnx, input_ids\[1\], sequence: must say how long it is.*dimensions: \{ sequence: 64 \}.*received "batch x sequence"/,
		],
		[
			"a length that nothing has",
			{ ...sizes, dimensions: { sequence: 16, sequnce: 8 } },
			/tiny, runner\.dimensions\.sequnce: must be a dimension that a file leaves open: sequence, received 8/,
		],
		[
			"a vocabulary that is smaller",
			{ ...sizes, tokens_below: 1000 },
			/tiny, variants: must run with a batch of 3: .*(indices|out of|bounds)/,
		],
		[
			"requests called images",
			{ ...sizes, request_unit: "image" },
			/runner\.request_unit: must say what a request is .*input_ids of mine is no image/,
		],
	])("%s is told before the first cell", async (_, runner, told) => {
		await expect(measured(encoder, runner)).rejects.toThrow(told);
		await expect(measured(encoder, runner)).rejects.toBeInstanceOf(InputError);
	});
	test("a tokenizer within the model takes text", async () =>
		expect(
			await measured(
				{
					inputs: { text: ["string", ["", 1]] },
					outputs: { same: ["string", ["", 1]] },
					nodes: [["Identity", ["text"], "same"]],
				},
				text,
			),
		).toMatchObject({ status: "complete", input: { value: "text string, batch x 1" } }));
	test("a second input of data is refused by name", async () =>
		expect(
			measured({ ...encoder, inputs: { ...encoder.inputs, past: ["float32", ["batch", 4]] } }, sizes),
		).rejects.toThrow(/m\.onnx: must have one input of data .* received "input_ids, past"/));
});

describe("tensors", () => {
	test("features of a table, an axis without a name", async () => {
		const features: TinyModel = {
			inputs: { x: ["float32", ["", ""]] },
			outputs: { y: ["float32", [""]] },
			nodes: [mean("x", "y", [1])],
		};
		await expect(measured(features, { request_unit: "row" })).rejects.toThrow(/x\[1\]: must say .*"x\[1\]": 64/);
		expect(await measured(features, { request_unit: "row", dimensions: { "x[1]": 12 } })).toMatchObject({
			input: { value: "x float32, batch x 12; left open by its file: x[1] 12 (dimensions of the plan)" },
		});
	});
	test("images of bytes with their channels last", async () =>
		expect(
			await measured({
				inputs: { photo: ["uint8", ["n", 24, 32, 3]] },
				outputs: { y: ["float32", ["n"]] },
				nodes: [["Cast", ["photo"], "f", { to: 1 }], mean("f", "y", [1, 2, 3])],
			}),
		).toMatchObject({ status: "complete", input: { value: "photo uint8, batch x 24 x 32 x 3" } }));
	test("a file that is not there is named by field and path", async () =>
		expect(
			measurePlan(planOf("none.onnx"), { meters: { available: [], unavailable: [] }, planFolder: folder }),
		).rejects.toMatchObject({
			fault: { file: "tiny", field: "runner.files.mine", value: join(folder, "models/none.onnx") },
		}));
});

describe("what inputs hold", () => {
	// Bits as IEEE 754 has them (binary16's largest number, its least, a third, the steps about 2048).
	test.each([
		[1, 0x3c00],
		[-2, 0xc000],
		[0.1, 0x2e66],
		[1 / 3, 0x3555],
		[65504, 0x7bff],
		[70000, 0x7c00],
		[2 ** -24, 0x0001],
		[2 ** -14, 0x0400],
		[2049.4, 0x6801],
		[0, 0],
	])("%d as a half", (number, bits) => {
		expect(halfBits(number)).toBe(bits);
		if (number !== 70000) expect(Math.abs(halfNumber(bits) - number)).toBeLessThanOrEqual(Math.abs(number) / 2048);
	});
	test("every finite half is its own nearest", () => {
		for (let bits = 0; bits < 0x7c00; bits++) expect(halfBits(halfNumber(bits))).toBe(bits);
	});
	test("masks are ones, positions count, token ids keep below their bound and are not all alike", () => {
		const [ids, ...others] = modelInputs(
			"m.onnx",
			[
				{ name: "attention_mask", type: "int64", shape: ["b", 5] },
				{ name: "input_ids", type: "int32", shape: ["b", 5] },
				{ name: "position_ids", type: "int64", shape: ["b", 5] },
			],
			{},
		);
		expect(ids.name).toBe("input_ids");
		const tokens = [...(inputValues(ids, 40, seeded(1), 7) as Int32Array)];
		expect(new Set(tokens)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
		const values = others.map((input) => [...(inputValues(input, 2, seeded(1)) as BigInt64Array)].map(Number));
		expect(values).toEqual([Array(10).fill(1), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]]);
	});
	test("an image as bytes with channels last, and as grey", () => {
		const numbers = (...given: Parameters<typeof imageValues>) => Array.from(imageValues(...given) as Float32Array);
		// Two pixels: red 1, 0; green 0, 1; blue 0.5, 0.5.
		const rgb = Float32Array.of(1, 0, 0, 1, 0.5, 0.5);
		const [bytes] = modelInputs("m", [{ name: "x", type: "uint8", shape: ["n", 1, 2, 3] }]);
		// Channel 1 of 1 x 2 x 3 is taken for the channels, first: a grey image of 2 x 3 px.
		expect(bytes.content).toBe("image");
		const last = { name: "x", type: "uint8", shape: [1, 2, 3], content: "image", open: [] } as const;
		const wide = modelInputs("m", [{ name: "x", type: "uint8", shape: ["n", 2, 2, 3] }])[0];
		expect(numbers(wide, 1, Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0.5, 0.5, 0.5, 0.5))).toEqual([
			255, 0, 128, 0, 255, 128, 0, 0, 128, 0, 0, 128,
		]);
		const grey = { ...last, type: "float32", shape: [1, 1, 2] } as const;
		expect(numbers(grey, 1, rgb)).toEqual([0.5, 0.5]);
	});
});

describe("the strongest detection", () => {
	const at = (dims: readonly number[], set: readonly (readonly [number, number])[]) => {
		const data = new Float32Array(dims.reduce((product, size) => product * size, 1));
		for (const [i, value] of set) data[i] = value;
		return { type: "float32", dims, data };
	};
	// A box in the middle of (48, 16) on an input of 64 x 64 px (height x width): shares 0.75 and 0.25.
	const sides = [64, 64] as const;
	test.each([
		[
			"batch x boxes x 85",
			at(
				[1, 100, 85],
				[
					[7 * 85, 48],
					[7 * 85 + 1, 16],
					[7 * 85 + 4, 0.9],
					[3 * 85 + 60, 5],
				],
			),
		],
		[
			"batch x 84 x boxes",
			at(
				[1, 84, 100],
				[
					[7, 48],
					[107, 16],
					[30 * 100 + 7, 0.9],
					[3, 9999],
				],
			),
		],
		[
			"batch x boxes x 6",
			at(
				[1, 300, 6],
				[
					[7 * 6, 40],
					[7 * 6 + 1, 8],
					[7 * 6 + 2, 56],
					[7 * 6 + 3, 24],
					[7 * 6 + 4, 0.9],
				],
			),
		],
		["heads", at([1, 255, 2, 2], [[4 * 4 + 1, 0.9]])],
	])("%s", (_, output) => expect(strongest(output, sides)).toEqual([[0.75, 0.25]]));
	test("of each image of a batch its own", () =>
		expect(
			strongest(
				at(
					[2, 84, 100],
					[
						[7, 48],
						[107, 16],
						[507, 1],
						[8400 + 9, 16],
						[8400 + 109, 48],
						[8400 + 509, 1],
					],
				),
				sides,
			),
		).toEqual([
			[0.75, 0.25],
			[0.25, 0.75],
		]));
});
