import { mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Root } from "protobufjs";
import { InputError } from "../errors.js";
import { missingPart } from "../parts.js";
import { seeded } from "../random.js";
import type { AttributeValue, Graph, Weight } from "./graph.js";
import { type ModelName, modelGraph } from "./models.js";

/** The part of ONNX' messages that the networks need (onnx/onnx.proto, IR version 8). */
export const onnxMessages = `
syntax = "proto2";
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message TensorProto {
	repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
	repeated StringStringEntryProto external_data = 13; optional int32 data_location = 14;
}
message AttributeProto {
	optional string name = 1; optional int64 i = 3; optional bytes s = 4;
	repeated int64 ints = 8; optional int32 type = 20;
}
message NodeProto {
	repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
	repeated AttributeProto attribute = 5;
}
message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorType { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
message TypeProto { optional TensorType tensor_type = 1; }
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message GraphProto {
	repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
	repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message ModelProto {
	optional int64 ir_version = 1; optional string producer_name = 2; optional GraphProto graph = 7;
	repeated OperatorSetIdProto opset_import = 8;
}`;

/** Loaded when a file is made: what brings protobufjs in is this alone. */
function onnxSchema(): Root {
	try {
		const protobuf = createRequire(import.meta.url)("protobufjs") as typeof import("protobufjs");
		return protobuf.parse(onnxMessages, { keepCase: true }).root;
	} catch (cause) {
		throw missingPart(["protobufjs", "onnxruntime-node"], "the embedded networks", cause);
	}
}

const float = 1;
const external = 1;

/**
 * The ONNX file of a network (opset 13), its weights in a second file beside it: float32, little-endian, in the order
 * of the network's weights.
 */
export function onnxFile(graph: Graph, weightsFile: string): Uint8Array {
	const model = onnxSchema().lookupType("ModelProto");
	let offset = 0;
	const initializer = graph.weights.map((weight) => {
		const length = 4 * elements(weight);
		const entry = externalTensor(weight, weightsFile, offset, length);
		offset += length;
		return entry;
	});
	const twice = {
		name: "twice",
		dims: [4],
		data_type: float,
		raw_data: new Uint8Array(Float32Array.of(1, 1, 2, 2).buffer),
	};
	return model
		.encode(
			model.fromObject({
				ir_version: 8,
				producer_name: "sustainable-ipa",
				opset_import: [{ domain: "", version: 13 }],
				graph: {
					name: graph.name,
					node: graph.nodes.map(({ op, inputs, output, attributes }) => ({
						op_type: op,
						name: `${op}_${output}`,
						input: inputs,
						output: [output],
						attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
					})),
					initializer: graph.nodes.some(({ op }) => op === "Resize") ? [...initializer, twice] : initializer,
					input: [valueInfo(graph.input.name, ["N", ...graph.input.shape])],
					output: graph.outputs.map(([name, dims]) => valueInfo(name, dims)),
				},
			}),
		)
		.finish();
}

function elements({ dims }: Weight): number {
	return dims.reduce((product, dim) => product * dim, 1);
}

function externalTensor({ name, dims }: Weight, location: string, offset: number, length: number) {
	return {
		name,
		dims,
		data_type: float,
		data_location: external,
		external_data: Object.entries({ location, offset, length }).map(([key, value]) => ({ key, value: String(value) })),
	};
}

function attribute(name: string, value: AttributeValue) {
	if (typeof value === "number") return { name, i: value, type: 2 };
	if (typeof value === "string") return { name, s: new TextEncoder().encode(value), type: 3 };
	return { name, ints: value, type: 7 };
}

function valueInfo(name: string, dims: readonly (number | "N")[]) {
	const dim = dims.map((size) => (size === "N" ? { dim_param: size } : { dim_value: size }));
	return { name, type: { tensor_type: { elem_type: float, shape: { dim } } } };
}

const modelFile = "model.onnx";
const weightsFile = "weights.bin";
/** Changes where what a cached file holds does. */
const version = 1;

/** Where models are kept: `$XDG_CACHE_HOME/sustainable-ipa/models`, by default in `~/.cache`. */
function modelFolder(): string {
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
