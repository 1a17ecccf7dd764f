/** Channels, height and width of an image-shaped tensor; the batch dimension is free. */
export type Shape = readonly [channels: number, height: number, width: number];

/** A tensor of a graph under construction. */
export interface Tensor {
	readonly name: string;
	readonly shape: Shape;
}

export type AttributeValue = number | string | readonly number[];

export interface GraphNode {
	readonly op: string;
	readonly inputs: readonly string[];
	readonly output: string;
	readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A weight: its values are drawn later, uniformly in +-`bound`. */
export interface Weight {
	readonly name: string;
	readonly dims: readonly number[];
	readonly bound: number;
}

/** A network: what an ONNX file holds, and what it costs. */
export interface Graph {
	readonly name: string;
	readonly input: Tensor;
	readonly outputs: readonly (readonly [name: string, dims: readonly (number | "N")[]])[];
	readonly nodes: readonly GraphNode[];
	readonly weights: readonly Weight[];
	/** Parameters as published: batch normalisation counts two a channel, though here it is folded away. */
	readonly parameters: number;
	/** Multiply-accumulates of convolutions and linear layers for one image. */
	readonly macs: number;
}

type Activation = "relu" | "silu" | "none";

/** Mean square of the activation of a unit normal: what a layer's weights must make up for, so that signals keep their size. */
const meanSquare: Readonly<Record<Activation, number>> = { relu: 0.5, silu: 0.355, none: 1 };

/** Begins a network: layers append to it and give the tensor that they make. */
export function graphBuilder(name: string, size: Shape) {
	const nodes: GraphNode[] = [];
	const weights: Weight[] = [];
	let parameters = 0;
	let macs = 0;
	const input: Tensor = { name: "images", shape: size };
	const add = (
		op: string,
		inputs: readonly string[],
		shape: Shape,
		attributes: GraphNode["attributes"] = {},
	): Tensor => {
		const output = `t${nodes.length}`;
		nodes.push({ op, inputs, output, attributes });
		return { name: output, shape };
	};
	const weigh = (dims: readonly number[], bound: number): string => {
		const weight = { name: `w${weights.length}`, dims, bound };
		weights.push(weight);
		return weight.name;
	};
	const activate = (x: Tensor, activation: Activation): Tensor => {
		if (activation === "relu") return add("Relu", [x.name], x.shape);
		if (activation === "silu") return add("Mul", [x.name, add("Sigmoid", [x.name], x.shape).name], x.shape);
		return x;
	};
	return {
		input,
		/** Convolution with its batch normalisation folded in (`normalised`), or with a bias, then the activation. */
		conv(
			x: Tensor,
			channels: number,
			kernel: number,
			{
				stride = 1,
				padding = Math.floor(kernel / 2),
				activation = "none" as Activation,
				after = activation,
				normalised = true,
			}: { stride?: number; padding?: number; activation?: Activation; after?: Activation; normalised?: boolean } = {},
		): Tensor {
			const [from, height, width] = x.shape;
			const side = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
			const shape: Shape = [channels, side(height), side(width)];
			const fanIn = from * kernel * kernel;
			// A uniform draw in +-b has variance b^2 / 3.
			const kernelWeight = weigh([channels, from, kernel, kernel], Math.sqrt(3 / (fanIn * meanSquare[after])));
			const bias = weigh([channels], 0.01);
			parameters += channels * fanIn + (normalised ? 2 : 1) * channels;
			macs += fanIn * channels * shape[1] * shape[2];
			const made = add("Conv", [x.name, kernelWeight, bias], shape, {
				kernel_shape: [kernel, kernel],
				strides: [stride, stride],
				pads: [padding, padding, padding, padding],
			});
			return activate(made, activation);
		},
		maxPool(x: Tensor, kernel: number, stride: number, padding: number): Tensor {
			const [channels, height, width] = x.shape;
			const side = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
			return add("MaxPool", [x.name], [channels, side(height), side(width)], {
				kernel_shape: [kernel, kernel],
				strides: [stride, stride],
				pads: [padding, padding, padding, padding],
			});
		},
		add(a: Tensor, b: Tensor, activation: Activation = "none"): Tensor {
			return activate(add("Add", [a.name, b.name], a.shape), activation);
		},
		concat(tensors: readonly Tensor[]): Tensor {
			const [, height, width] = (tensors[0] as Tensor).shape;
			const channels = tensors.reduce((sum, { shape }) => sum + shape[0], 0);
			return add(
				"Concat",
				tensors.map((tensor) => tensor.name),
				[channels, height, width],
				{ axis: 1 },
			);
		},
		/** Twice the height and width, by repetition. */
		upsample(x: Tensor): Tensor {
			const [channels, height, width] = x.shape;
			return add("Resize", [x.name, "", "twice"], [channels, 2 * height, 2 * width], {
				mode: "nearest",
				coordinate_transformation_mode: "asymmetric",
				nearest_mode: "floor",
			});
		},
		sigmoid(x: Tensor): Tensor {
			return add("Sigmoid", [x.name], x.shape);
		},
		/** Global average pooling and a linear layer: the classifier's head. */
		classify(x: Tensor, classes: number): Tensor {
			const [channels] = x.shape;
			const pooled = add("GlobalAveragePool", [x.name], [channels, 1, 1]);
			const flat = add("Flatten", [pooled.name], [channels, 1, 1], { axis: 1 });
			const weight = weigh([classes, channels], Math.sqrt(3 / channels));
			const bias = weigh([classes], 0.01);
			parameters += classes * channels + classes;
			macs += classes * channels;
			return add("Gemm", [flat.name, weight, bias], [classes, 1, 1], { transB: 1 });
		},
		graph(outputs: Graph["outputs"]): Graph {
			return { name, input, outputs, nodes, weights, parameters, macs };
		},
	};
}

export type GraphBuilder = ReturnType<typeof graphBuilder>;
