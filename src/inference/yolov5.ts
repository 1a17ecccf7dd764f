import { type Graph, type GraphBuilder, graphBuilder, type Tensor } from "./graph.js";

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
export function yolov5(name: Yolov5Name): Graph {
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
