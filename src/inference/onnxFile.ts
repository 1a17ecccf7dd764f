import protobuf from "protobufjs";
import type { AttributeValue, Graph, Weight } from "./graph.js";

/** The part of ONNX' messages that the networks need (onnx/onnx.proto, IR version 8). */
const schema = protobuf.parse(
	`
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
}`,
	{ keepCase: true },
).root;

const float = 1;
const external = 1;

/**
 * The ONNX file of a network (opset 13), its weights in a second file beside it: float32, little-endian, in the order
 * of the network's weights.
 */
export function onnxFile(graph: Graph, weightsFile: string): Uint8Array {
	const model = schema.lookupType("ModelProto");
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

export function elements({ dims }: Weight): number {
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
