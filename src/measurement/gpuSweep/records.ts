import { z } from "zod";
import { ceilings_w } from "../../energy/plausible.js";

const joules = z.discriminatedUnion("status", [
	z.object({ status: z.literal("available"), energy_j: z.number().positive() }),
	z.object({ status: z.literal("unavailable"), reason: z.string() }),
]);

const spread = z.object({ min: z.number(), mean: z.number(), max: z.number() });

/** What the meter saw from one tick of the energy counter to another. */
const seen = {
	start_s: z.number(),
	end_s: z.number(),
	/** How late an end of the window may have been seen, s; absent where the counter had no tick. */
	edge_s: z.number().min(0).optional(),
	counter: joules,
	integrated: joules,
	power_source: z.string(),
	power_samples: z.int(),
	state: z.object({
		temperature_c: spread.optional(),
		sm_clock_mhz: spread.optional(),
		memory_clock_mhz: spread.optional(),
		utilisation_pct: spread.optional(),
		/** Processes that held a context on the GPU, the sweep's own among them. */
		compute_processes: spread.optional(),
		/** Why the clocks were held down, by the share of looks at which it held. */
		events: z.record(z.string(), z.number()).optional(),
	}),
};

const place = {
	call: z.int(),
	key: z.string(),
	cell: z.string(),
	repetition: z.int(),
	control: z.boolean(),
	at: z.string(),
};

const header = z.object({
	type: z.literal("header"),
	version: z.literal(1),
	created_at: z.string(),
	seed: z.int(),
	window_s: z.number().positive(),
	repetitions: z.int().positive(),
	idle_s: z.number().positive(),
	device: z.enum(["cuda", "cpu"]),
	/** Every cell of the study's grid, whether this journal was asked for it or not. */
	grid: z.array(z.string()),
	gpu: z.object({ name: z.string(), uuid: z.string().optional(), driver: z.string().optional() }),
	software: z.looseObject({ torch: z.string(), threads: z.int().positive() }),
	parameters: z.record(z.string(), z.object({ counted: z.int(), published: z.int() })),
});

const call = z.object({
	type: z.literal("call"),
	call: z.int(),
	at: z.string(),
	settings: z.record(z.string(), z.union([z.number(), z.string()])),
});

const boardRule = `must be at most ${ceilings_w.board} W from start_s to end_s`;

/** No board draws more: a counter that began anew, or a power in another unit. */
function withinBoard({
	start_s,
	end_s,
	counter,
	integrated,
}: Record<"start_s" | "end_s", number> & Record<"counter" | "integrated", Joules>): boolean {
	const most_j = ceilings_w.board * (end_s - start_s + 1);
	return [counter, integrated].every((entry) => entry.status === "unavailable" || entry.energy_j <= most_j);
}

const idle = z
	.object({ type: z.literal("idle"), call: z.int(), when: z.enum(["before", "after"]), ...seen })
	.refine(withinBoard, { path: ["counter"], error: boardRule });

const window = z
	.object({
		type: z.literal("window"),
		...place,
		...seen,
		warm_ups: z.array(z.object({ batches: z.int(), seconds: z.number(), settled: z.boolean() })).min(1),
		/** Batches of all tenants; those at the window's edges count by their share. */
		batches: z.number().positive(),
		images: z.number().positive(),
		latency_s: z.object({
			count: z.int().min(2),
			mean: z.number().positive(),
			sd: z.number().min(0),
			p50: z.number().positive(),
			p99: z.number().positive(),
			max: z.number().positive(),
		}),
		/** Mean time of drawing a batch's images, s: within the window, not within the latency. */
		draw_s: z.number().min(0),
		/** Mean time of each stage, s a batch. */
		stages_s: z.array(z.number().positive()).min(1),
	})
	.refine(({ start_s, end_s }) => end_s > start_s, { path: ["end_s"], error: "must be after start_s" })
	.refine(withinBoard, { path: ["counter"], error: boardRule });

const failed = z.object({ type: z.literal("failed"), ...place, reason: z.string() });
const end = z.object({ type: z.literal("end"), call: z.int(), at: z.string(), why: z.string() });

export const sweepRecordSchema = z.discriminatedUnion("type", [header, call, idle, window, failed, end]);

export type SweepHeader = z.infer<typeof header>;
export type SweepCall = z.infer<typeof call>;
export type SweepIdle = z.infer<typeof idle>;
export type SweepWindow = z.infer<typeof window>;
export type SweepFailed = z.infer<typeof failed>;
export type Joules = z.infer<typeof joules>;
