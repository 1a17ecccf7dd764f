import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/datasets/root.js";
import { cellOf, type SweepCell } from "../../src/measurement/gpuSweep/summary.js";
import { seeded } from "../../src/random.js";

/** Operations of an image, GFLOP, as published; and the fixed time of a batch, ms, for the layers launched one by one. */
const work: Readonly<Record<string, readonly [number, number]>> = {
	yolov5n: [4.5, 6],
	yolov5s: [16.5, 6],
	yolov5m: [49, 8],
	yolov5l: [109, 10],
	yolov5x: [206, 12],
	resnet18: [1.8, 1.5],
	resnet34: [3.7, 2.6],
	resnet50: [4.1, 3.2],
	resnet101: [7.8, 6],
	resnet152: [11.5, 9],
};
export const idle_w = 70;
const window_s = 5.1;
const windowsOfCall = 65;

/**
 * A journal of the whole grid as the program would write it, of no GPU: latency is the greater of a fixed time and
 * operations by 20 (fp32) or 100 (fp16) TFLOP/s, power is 120 W and 2.5 or 1 J a TFLOP, with 0.5 % of noise.
 * The integrated power is 1 % more. The windows and their order are the program's own.
 */
export function writeSyntheticJournal(file: string, repetitions = 5): void {
	const program = join(packageRoot, "python/video_gpu");
	const asked = (...argv: string[]) =>
		execFileSync("python3", argv, { encoding: "utf8", cwd: program }).trim().split("\n");
	const keys = asked("sweep.py", "--list", "--repetitions", String(repetitions));
	const grid = asked("-c", 'import cells; print("\\n".join(cell.id for cell in cells.grid()))');
	const random = seeded(5);
	const noise = () => 1 + 0.01 * (random() - 0.5);
	const at = "2026-01-02T03:04:05+00:00";
	const lines: object[] = [header(grid, repetitions, at)];
	keys.forEach((key, i) => {
		const call = Math.floor(i / windowsOfCall);
		if (i % windowsOfCall === 0) {
			if (call > 0) lines.push(idle(call - 1, "after"));
			lines.push({ type: "call", call, at, settings: { power_limit_w: 700, compute_processes: 1 } });
			lines.push(idle(call, "before"));
		}
		const [name, repetition] = key.split("#") as [string, string];
		const control = name.startsWith("control");
		const cell = cellOf(control ? "resnet50/fp16/b16" : name);
		lines.push({
			type: "window",
			call,
			key,
			cell: cell.id,
			repetition: Number(repetition),
			control,
			at,
			...seen(cell, noise),
		});
	});
	lines.push(idle(Math.floor((keys.length - 1) / windowsOfCall), "after"));
	writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
}

/** Latency of a batch alone on the GPU, s, and its dynamic energy, J. */
export function lawOf({ variants, precision, batch }: SweepCell): { stages_s: number[]; dynamic_j: number } {
	const [flops, joules] = precision === "fp16" ? [100, 1] : [20, 2.5];
	const parts = variants.map((variant) => work[variant] as readonly [number, number]);
	return {
		stages_s: parts.map(([gflop, fixed_ms]) => Math.max(fixed_ms / 1000, (gflop * batch) / (1000 * flops))),
		dynamic_j: parts.reduce((sum, [gflop]) => sum + (gflop * batch * joules) / 1000, 0),
	};
}

function seen(cell: SweepCell, noise: () => number) {
	const { stages_s, dynamic_j } = lawOf(cell);
	const draw_s = 1e-4 + 1e-6 * cell.batch;
	const alone_s = stages_s.reduce((sum, value) => sum + value, 0);
	// Tenants fill the gaps of one another up to 1.6 times what one does.
	const slower = cell.tenants / Math.min(cell.tenants, 1.6);
	const latency = alone_s * slower * noise();
	const batches = (cell.tenants * window_s) / (latency + draw_s);
	const energy_j = (120 * window_s + dynamic_j * batches) * noise();
	const count = Math.max(2, Math.floor(batches));
	return {
		warm_ups: Array.from({ length: cell.tenants }, () => ({ batches: 20, seconds: 0.6, settled: true })),
		start_s: 0,
		end_s: window_s,
		edge_s: 0.002,
		counter: { status: "available", energy_j },
		integrated: { status: "available", energy_j: energy_j * 1.01 * noise() },
		power_source: "NVML_FI_DEV_POWER_INSTANT",
		power_samples: 100,
		state: {
			temperature_c: { min: 50, mean: 55, max: 60 },
			compute_processes: { min: cell.tenants, mean: cell.tenants, max: cell.tenants },
			events: {},
		},
		batches,
		images: batches * cell.batch,
		latency_s: { count, mean: latency, sd: 0.01 * latency, p50: latency, p99: 1.05 * latency, max: 1.1 * latency },
		draw_s,
		stages_s: stages_s.map((value) => value * slower),
	};
}

function header(grid: readonly string[], repetitions: number, at: string) {
	return {
		type: "header",
		version: 1,
		created_at: at,
		seed: 1,
		window_s: 5,
		repetitions,
		idle_s: 30,
		device: "cuda",
		grid,
		gpu: { name: "a GPU that is none", uuid: "GPU-0", driver: "0" },
		software: { torch: "0", threads: 1 },
		parameters: {},
	};
}

function idle(call: number, when: "before" | "after") {
	const energy_j = 30 * idle_w;
	return {
		type: "idle",
		call,
		when,
		start_s: 0,
		end_s: 30,
		counter: { status: "available", energy_j },
		integrated: { status: "available", energy_j },
		power_source: "NVML_FI_DEV_POWER_INSTANT",
		power_samples: 600,
		state: {},
	};
}
