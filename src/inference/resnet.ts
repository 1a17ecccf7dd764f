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
