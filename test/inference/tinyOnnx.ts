import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { onnxMessages } from "../../src/inference/modelCache.js";

/** Element types by their numbers in onnx.proto. */
const elementTypes = { float32: 1, uint8: 2, int64: 7, string: 8, bool: 9, float16: 10, float64: 11 } as const;

/** An input or output: its element type, and its dimensions; a text is the name of one that stays open, "" one without. */
export type Declared = readonly [type: keyof typeof elementTypes, dims: readonly (number | string)[]];

export interface TinyModel {
	readonly inputs: Readonly<Record<string, Declared>>;
	readonly outputs: Readonly<Record<string, Declared>>;
	/** Operators: what they are, their inputs, their output, and whole numbers as attributes. */
	readonly nodes: readonly (readonly [
		op: string,
		inputs: readonly string[],
		output: string,
		attributes?: Readonly<Record<string, number | readonly number[]>>,
	])[];
	readonly constants?: Readonly<
		Record<string, readonly [dims: readonly number[], values: Float32Array | BigInt64Array]>
	>;
}

/** Writes a network of some operators (opset 13) as an ONNX file of its own, by the format's published messages. */
export function writeTinyOnnx(file: string, { inputs, outputs, nodes, constants = {} }: TinyModel): string {
	const protobuf = createRequire(import.meta.url)("protobufjs") as typeof import("protobufjs");
	const model = protobuf.parse(onnxMessages, { keepCase: true }).root.lookupType("ModelProto");
	const values = (declared: TinyModel["inputs"]) =>
		Object.entries(declared).map(([name, [type, dims]]) => ({
			name,
			type: {
				tensor_type: {
					elem_type: elementTypes[type],
					shape: {
						dim: dims.map((size) =>
							typeof size === "number" ? { dim_value: size } : size === "" ? {} : { dim_param: size },
						),
					},
				},
			},
		}));
	const made = model.fromObject({
		ir_version: 8,
		opset_import: [{ domain: "", version: 13 }],
		graph: {
			name: "tiny",
			node: nodes.map(([op, from, output, attributes = {}]) => ({
				op_type: op,
				input: from,
				output: [output],
				attribute: Object.entries(attributes).map(([name, value]) =>
					typeof value === "number" ? { name, i: value, type: 2 } : { name, ints: value, type: 7 },
				),
			})),
			initializer: Object.entries(constants).map(([name, [dims, data]]) => ({
				name,
				dims,
				data_type: data instanceof Float32Array ? 1 : 7,
				raw_data: new Uint8Array(data.buffer),
			})),
			input: values(inputs),
			output: values(outputs),
		},
	});
	writeFileSync(file, model.encode(made).finish());
	return file;
}
