import { planFile } from "../../src/datasets/root.js";
import { writeMeasuredDataset } from "../../src/measurement/dataset.js";
import { type Plan, planHash, readPlan } from "../../src/measurement/plan.js";
import { controlCell, type PlanCell, wholePlan } from "../../src/measurement/planCells.js";
import type { JournalRecord, MeasuredWindow, MeterReading } from "../../src/measurement/records.js";
import { blockOf } from "../../src/measurement/schedule.js";
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
const started_at = "2026-01-02T03:04:05.000Z";

const reading = (probe: string, energy_j: number, duration_s: number, more: object = {}): MeterReading => ({
	status: "reading",
	probe,
	energy_j,
	duration_s,
	covers: ["board"],
	kind: "measured",
	domains: [{ domain: "GPU-1", covers: "board", energy_j, resolution_j: 0.1, wraps: 0, inTotal: true }],
	...more,
});

export interface GivenWindow {
	readonly elapsed_s: number;
	readonly batches: number;
	readonly latency_s: number;
	/** J over the window by the counter, or why there is none. */
	readonly counter: number | string;
	/** By integrated power. */
	readonly integrated?: number;
	readonly observed?: Readonly<Record<string, number>>;
	readonly flags?: readonly { readonly name: string; readonly meaning: string }[];
	readonly counted?: Readonly<Record<string, number>>;
}

/** A window as the harness keeps it, of a GPU whose counter and power are read. */
export function gpuWindow(given: GivenWindow): MeasuredWindow {
	const { elapsed_s, batches, latency_s, counter, integrated, observed, flags, counted } = given;
	return {
		started_at,
		elapsed_s,
		batches,
		latency_mean_s: latency_s,
		latency_p50_s: latency_s,
		latency_p99_s: 1.05 * latency_s,
		latency_max_s: 1.1 * latency_s,
		cpu_s: { status: "available", value: elapsed_s },
		...(counted === undefined ? {} : { counted }),
		readings: [
			typeof counter === "string"
				? { status: "refused", probe: "nvml", reason: counter }
				: reading("nvml", counter, elapsed_s, { observed, ...(flags === undefined ? {} : { flags: [...flags] }) }),
			...(integrated === undefined ? [] : [reading("nvml-power", integrated, elapsed_s)]),
		],
	};
}

/** The head of a journal: its plan, and a session on a GPU of this name. */
export function gpuHead(plan: Plan, hardware = "a GPU that is none"): JournalRecord[] {
	return [
		{
			type: "header",
			version: 1,
			plan_hash: planHash(plan),
			plan,
			seed: plan.seed,
			shard: { index: 0, count: 1 },
		},
		{
			type: "session",
			started_at,
			hardware,
			environment: { hardware: { status: "available", value: hardware } },
			probes: ["nvml", "nvml-power"],
			probes_unavailable: [],
		},
	];
}

/** Idle power before or after a block, over 30 s. */
export function gpuIdle(block: number, when: "before" | "after", power_w: number): JournalRecord {
	const readings = [reading("nvml", 30 * power_w, 30), reading("nvml-power", 30 * power_w, 30)];
	return { type: "idle", block, when, session: 0, started_at, readings };
}

/**
 * The dataset of a run of the shipped plan as the harness would have it, of no GPU: latency is the greater of a fixed time
 * and operations by 20 (fp32) or 100 (fp16) TFLOP/s, power is 120 W and 2.5 or 1 J a TFLOP, with 0.5 % of noise. The
 * integrated power is 1 % more. Order and controls are the plan's own.
 */
export async function writeSyntheticVideoGpu(folder: string, dataset: string): Promise<Plan> {
	const plan = await readPlan(planFile("video-gpu"));
	const random = seeded(5);
	const noise = () => 1 + 0.01 * (random() - 0.5);
	const control = controlCell(plan);
	if (control === undefined) throw new Error("the plan's control is no cell");
	const records = gpuHead(plan);
	for (let block = 0; block < plan.blocks; block++) {
		records.push(gpuIdle(block, "before", idle_w));
		for (const step of blockOf(plan, wholePlan, block, () => false).steps)
			if (step.type === "control")
				records.push({ type: "control", block, position: step.position, session: 0, window: seen(control, noise) });
			else
				for (const repetition of step.repetitions)
					records.push({
						type: "repetition",
						cell: step.cell.id,
						repetition,
						block,
						session: 0,
						warm_up: { batches: 20, stable: true },
						window: seen(step.cell, noise),
					});
		records.push(gpuIdle(block, "after", idle_w));
	}
	await writeMeasuredDataset(folder, plan, [records], { dataset });
	return plan;
}

type LawCell = Pick<PlanCell, "variant" | "batch" | "knobs">;

/** Latency of a batch alone on the GPU, s, and its dynamic energy, J. */
export function lawOf({ variant, knobs, batch }: LawCell): { stages_s: number[]; dynamic_j: number } {
	const [flops, joules] = knobs.precision === "fp16" ? [100, 1] : [20, 2.5];
	const parts = variant.split("+").map((name) => work[name] as readonly [number, number]);
	return {
		stages_s: parts.map(([gflop, fixed_ms]) => Math.max(fixed_ms / 1000, (gflop * batch) / (1000 * flops))),
		dynamic_j: parts.reduce((sum, [gflop]) => sum + (gflop * batch * joules) / 1000, 0),
	};
}

function seen(cell: PlanCell, noise: () => number): MeasuredWindow {
	const tenants = Number(cell.knobs.tenants);
	const { stages_s, dynamic_j } = lawOf(cell);
	const draw_s = 1e-4 + 1e-6 * cell.batch;
	// Tenants fill the gaps of one another up to 1.6 times what one does.
	const slower = tenants / Math.min(tenants, 1.6);
	const latency_s = stages_s.reduce((sum, value) => sum + value, 0) * slower * noise();
	const batches = Math.max(2, Math.round((tenants * 5.1) / (latency_s + draw_s)));
	const elapsed_s = (batches * (latency_s + draw_s)) / tenants;
	const counter = (120 * elapsed_s + dynamic_j * batches) * noise();
	return gpuWindow({
		elapsed_s,
		batches,
		latency_s,
		counter,
		integrated: counter * 1.01 * noise(),
		observed: { temperature_c: 55, compute_processes: tenants },
		counted: { draw_s: draw_s * batches },
	});
}
