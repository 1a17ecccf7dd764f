import type { Graph } from "./graph.js";
import { type ResnetName, resnet } from "./resnet.js";
import { type Yolov5Name, yolov5 } from "./yolov5.js";

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
