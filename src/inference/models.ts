import { type Graph, type GraphBuilder, graphBuilder, type Tensor } from "./graph.js";

/** Blocks of each of the four stages, and whether they are bottlenecks of three convolutions. */
const depths = {
	resnet18: [[2, 2, 2, 2], false],
	resnet34: [[3, 4, 6, 3], false],
	resnet50: [[3, 4, 6, 3], true],
	resnet101: [[3, 4, 23, 3], true],
	resnet152: [[3, 8, 36, 3], true],
} as const;

export type ResnetName = keyof typeof depths;

/**
 * ResNet for 224 x 224 images and 1000 classes (He et al., "Deep Residual Learning for Image Recognition", 2015), as
 * torchvision has it: the stride of a bottleneck lies in its 3 x 3 convolution.
 */
export function resnet(name: ResnetName): Graph {
	const [blocks, bottleneck] = depths[name];
	const g = graphBuilder(name, [3, 224, 224]);
	let x = g.conv(g.input, 64, 7, { stride: 2, padding: 3, activation: "relu" });
	x = g.maxPool(x, 3, 2, 1);
	for (const [stage, count] of blocks.entries())
		for (let block = 0; block < count; block++) {
			const width = 64 * 2 ** stage;
			const stride = stage > 0 && block === 0 ? 2 : 1;
			x = bottleneck ? bottleneckBlock(g, x, width, stride) : basicBlock(g, x, width, stride);
		}
	return g.graph([[g.classify(x, 1000).name, ["N", 1000]]]);
}

function basicBlock(g: GraphBuilder, x: Tensor, width: number, stride: number): Tensor {
	const inner = g.conv(x, width, 3, { stride, activation: "relu" });
	return g.add(g.conv(inner, width, 3), shortcut(g, x, width, stride), "relu");
}

function bottleneckBlock(g: GraphBuilder, x: Tensor, width: number, stride: number): Tensor {
	const narrow = g.conv(x, width, 1, { activation: "relu" });
	const inner = g.conv(narrow, width, 3, { stride, activation: "relu" });
	return g.add(g.conv(inner, 4 * width, 1), shortcut(g, x, 4 * width, stride), "relu");
}

function shortcut(g: GraphBuilder, x: Tensor, channels: number, stride: number): Tensor {
	return stride === 1 && x.shape[0] === channels ? x : g.conv(x, channels, 1, { stride });
}

/** Depth and width multiples (ultralytics/yolov5, models/yolov5n.yaml to yolov5x.yaml). */
const multiples = {
	yolov5n: [0.33, 0.25],
	yolov5s: [0.33, 0.5],
	yolov5m: [0.67, 0.75],
	yolov5l: [1, 1],
	yolov5x: [1.33, 1.25],
} as const;

export type Yolov5Name = keyof typeof multiples;

const classes = 80;
/** Of each of the three anchors of a cell: a box, its objectness and the classes. */
const perAnchor = 5 + classes;
const silu = { activation: "silu" } as const;

/**
 * YOLOv5 for 640 x 640 images (ultralytics/yolov5, versions 6.0 to 7.0). The outputs are the three heads after their
 * sigmoid; boxes are not decoded and not suppressed, under 1 % of the operations.
 */
function yolov5(name: Yolov5Name): Graph {
	const [depth, width] = multiples[name];
	const c = (channels: number) => Math.ceil((channels * width) / 8) * 8;
	const n = (repeats: number) => Math.max(Math.round(repeats * depth), 1);
	const g = graphBuilder(name, [3, 640, 640]);
	const stem = g.conv(g.input, c(64), 6, { stride: 2, padding: 2, ...silu });
	const p2 = c3(g, down(g, stem, c(128)), c(128), n(3));
	const p3 = c3(g, down(g, p2, c(256)), c(256), n(6));
	const p4 = c3(g, down(g, p3, c(512)), c(512), n(9));
	const p5 = sppf(g, c3(g, down(g, p4, c(1024)), c(1024), n(3)), c(1024));
	const top = g.conv(p5, c(512), 1, silu);
	const middle = g.conv(c3(g, g.concat([g.upsample(top), p4]), c(512), n(3), false), c(256), 1, silu);
	const small = c3(g, g.concat([g.upsample(middle), p3]), c(256), n(3), false);
	const medium = c3(g, g.concat([down(g, small, c(256)), middle]), c(512), n(3), false);
	const large = c3(g, g.concat([down(g, medium, c(512)), top]), c(1024), n(3), false);
	return g.graph(
		[small, medium, large].map((x) => {
			const head = g.sigmoid(g.conv(x, 3 * perAnchor, 1, { normalised: false }));
			return [head.name, ["N", ...head.shape]] as const;
		}),
	);
}

function down(g: GraphBuilder, x: Tensor, channels: number): Tensor {
	return g.conv(x, channels, 3, { stride: 2, ...silu });
}

/** Cross-stage-partial block with three convolutions. */
function c3(g: GraphBuilder, x: Tensor, channels: number, repeats: number, shortcut = true): Tensor {
	const hidden = Math.floor(channels / 2);
	let inner = g.conv(x, hidden, 1, silu);
	for (let i = 0; i < repeats; i++) {
		const made = g.conv(g.conv(inner, hidden, 1, silu), hidden, 3, silu);
		inner = shortcut ? g.add(inner, made) : made;
	}
	return g.conv(g.concat([inner, g.conv(x, hidden, 1, silu)]), channels, 1, silu);
}

/** Spatial pyramid pooling, fast form. */
function sppf(g: GraphBuilder, x: Tensor, channels: number): Tensor {
	const first = g.conv(x, Math.floor(x.shape[0] / 2), 1, silu);
	const second = g.maxPool(first, 5, 1, 2);
	const third = g.maxPool(second, 5, 1, 2);
	return g.conv(g.concat([first, second, third, g.maxPool(third, 5, 1, 2)]), channels, 1, silu);
}

/** The variants of IPA's Video pipeline, and their parameters and billions of operations as published. */
const published = {
	// ultralytics/yolov5: parameters of the training form, as its model summary counts them; FLOPs are 2 x MACs.
	yolov5n: { parameters: 1_872_157, gflops: 4.5 },
	yolov5s: { parameters: 7_235_389, gflops: 16.5 },
	yolov5m: { parameters: 21_190_557, gflops: 49.0 },
	yolov5l: { parameters: 46_563_709, gflops: 109.1 },
	yolov5x: { parameters: 86_749_405, gflops: 205.7 },
	// torchvision's documentation: GFLOPS there are billions of MACs, doubled here.
	resnet18: { parameters: 11_689_512, gflops: 2 * 1.81 },
	resnet34: { parameters: 21_797_672, gflops: 2 * 3.66 },
	resnet50: { parameters: 25_557_032, gflops: 2 * 4.09 },
	resnet101: { parameters: 44_549_160, gflops: 2 * 7.8 },
	resnet152: { parameters: 60_192_808, gflops: 2 * 11.51 },
} as const;

export type ModelName = keyof typeof published;

export const modelNames = Object.keys(published) as readonly ModelName[];

export function isModelName(name: string): name is ModelName {
	return Object.hasOwn(published, name);
}

/** What is published of a variant: its parameters, and its operations for one image (2 x MACs), billions. */
export function publishedCosts(name: ModelName): { readonly parameters: number; readonly gflops: number } {
	return published[name];
}

/** The network of a variant. */
export function modelGraph(name: ModelName): Graph {
	return stageOf(name) === "detection" ? yolov5(name as Yolov5Name) : resnet(name as ResnetName);
}

/** What a variant does in the Video pipeline. */
export function stageOf(name: ModelName): "detection" | "classification" {
	return name.startsWith("yolo") ? "detection" : "classification";
}
