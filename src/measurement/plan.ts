import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { checked } from "../datasets/checked.js";
import { parseYaml } from "../datasets/parseText.js";
import { planFile } from "../datasets/root.js";
import { InputError } from "../errors.js";

const share = z.number().positive().max(1);
const seconds = z.number().positive();
/** No program takes an argument with a NUL in it, and no CSV file a value. */
const text = z.string().refine((value) => !value.includes("\0"), "must not hold a NUL character");
/** What stands in the cell table must read back as it was, which is found out before anything is measured. */
const label = text
	.regex(/^\S(.*\S)?$/s, "must not be empty nor begin or end with a space")
	.refine((value) => !value.includes("\r"), "must not hold a carriage return (a CSV file's line ends are of one kind)")
	.refine((value) => !/[\ud800-\udfff]/u.test(value), "must be text that UTF-8 can hold");
const counts = z.array(z.int().min(1)).min(1);

/** Values by knob, whose names are columns of the cell table. */
function byKnob<T extends z.ZodType>(value: T) {
	return z.record(z.string(), value).superRefine((values, context) => {
		for (const name of Object.keys(values)) {
			const issue = (message: string) => context.addIssue({ code: "custom", path: [name], message });
			if (!/^[a-z][a-z0-9_]*$/.test(name))
				issue("must be named by lower-case letters, digits and _ (units are part of it: power_cap_w)");
			if (["variant", "batch", "cores"].includes(name)) issue("must not be variant, batch or cores");
		}
	});
}
/** A text that reads as a number would come back from the cell table as one. */
const knobValue = z.union([
	z.number(),
	label.refine((text) => text.trim() === "" || Number.isNaN(Number(text)), "must be a number without quotation marks"),
]);
const knobs = byKnob(z.array(knobValue).min(1));

const variantSchema = z.strictObject({
	name: label,
	/** Accuracy of the variant as published, percent; copied to the result, not measured. */
	accuracy_pct: z.number().min(0).max(100).optional(),
	/** What the variant does. Cells of different stages are never pooled; the built-in networks know theirs. */
	stage: label.optional(),
	/** Batches and cores of this variant where they differ from the plan's. */
	batches: counts.optional(),
	cores: counts.optional(),
	/** Values of the knobs that this variant has otherwise than the plan, or alone. */
	knobs: knobs.optional(),
});

/** A probe of the user's own: a program that prints joules or watts (docs/energy-probes.md). */
const ownProbe = z.strictObject({ name: label, command: z.array(text).min(1) });

const runnerSchema = z.discriminatedUnion("type", [
	/**
	 * Models in onnxruntime on CPU, one process a cell. A variant is one of the Video pipeline's (yolov5n, resnet18), two
	 * joined by + as a pipeline (yolov5n+resnet18), or a key of `files`.
	 */
	z.strictObject({
		type: z.literal("onnx"),
		/** Seed of the embedded models' weights. */
		weights_seed: z.int().default(1),
		/** ONNX files of the user's own by variant; a path is taken from the plan's folder. */
		files: z.record(z.string(), z.string().min(1)).default({}),
		/** Height and width of the images for a file whose export leaves them open; default 640, YOLOv5's own. */
		side_px: z.int().min(1).max(8192).optional(),
		/** Other sizes that a file leaves open, by their name in it, or as `input[axis]` where they have none. */
		dimensions: z.record(z.string(), z.int().min(1).max(1e6)).optional(),
		/** Token ids are drawn below this; default 1000. */
		tokens_below: z.int().min(2).optional(),
		/** JPEG that inputs are made of; default: the shipped one. */
		image: z.string().min(1).optional(),
		request_unit: label.default("image"),
	}),
	/**
	 * A program and its arguments, never through a shell; {variant}, {batch}, {cores}, {<knob>} and {package}, this
	 * package's folder, are filled in. `protocol`: `exit` starts it once a batch, so that its start counts; `json-lines`
	 * starts it once a cell and sends {"variant", "batch", "cores"} a batch, and "knobs" where the plan has some, which it
	 * answers with an object of numbers: `latency_s`, its own time, and any others, which are kept.
	 */
	z.strictObject({
		type: z.literal("command"),
		argv: z.array(text).min(1),
		protocol: z.enum(["exit", "json-lines"]).default("exit"),
		request_unit: label,
		/** json-lines: one process serves all cells whose command line is the same, idle baselines included. */
		keep: z.boolean().optional(),
		/** json-lines: asked {"describe": true} first, it answers with what only it knows: `hardware`, versions. */
		describe: z.boolean().optional(),
		/** json-lines: a batch that takes longer is a failure, and its process is ended. */
		timeout_s: seconds.optional(),
		/** exit: a file that is its standard input; by default that is empty. */
		stdin: z.string().min(1).optional(),
		/** exit: a batch counts whatever its exit code is. */
		ignore_failure: z.boolean().optional(),
		/** Where the work is done: on `gpu` the allocation is a number of boards (`boards`, else 1), not of cores. */
		device: z.enum(["cpu", "gpu"]).optional(),
	}),
	/**
	 * A pipeline served by the V2 inference protocol over REST (IPA's deployment, or any MLServer), under an open loop of
	 * requests. Batches and cores are what the server was deployed with: they are recorded, not set.
	 */
	z.strictObject({
		type: z.literal("mlserver"),
		url: z
			.url({ protocol: /^https?$/ })
			.refine(
				(value) => !/^\w+:\/\/[^/]*@/.test(value),
				"must not hold credentials, which the journal would keep: export SUSTAINABLE_IPA_SERVER_USER and _PASSWORD, or _TOKEN",
			),
		/** The model's name on the server; {variant} is filled in. */
		model: z.string().min(1).default("{variant}"),
		rate_rps: z.number().positive(),
		arrivals: z.enum(["poisson", "even"]).default("poisson"),
		/** Of the image that is sent. */
		height_px: z.int().min(1).default(224),
		width_px: z.int().min(1).default(224),
		timeout_s: seconds.default(60),
		request_unit: label.default("image"),
	}),
	/** Arithmetic of a known amount, for trying the harness out: each batch is `batch` times `work` steps. */
	z.strictObject({
		type: z.literal("arithmetic"),
		work: z.int().min(1),
		request_unit: z.literal("step").default("step"),
	}),
]);

/** Schema of a plan file. Every duration is in seconds. */
export const planSchema = z
	.strictObject({
		/** 2: a plan with knobs. Without it, or 1: one without, as they were before. */
		version: z.union([z.literal(1), z.literal(2)], "must be 1 or 2").optional(),
		name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower-case letters, digits and hyphens"),
		title: z.string().min(3),
		runner: runnerSchema,
		variants: z.array(variantSchema).min(1),
		batches: counts,
		cores: counts,
		/**
		 * What else is varied, by name: precision, power_mode, runtime. Each combination is a cell, and the cell table has
		 * knob_<name>. `tenants` is the harness's own: so many processes of a json-lines runner at once, on the same cores.
		 */
		knobs: knobs.optional(),
		/** Shortest window of a repetition; a probe that needs longer windows lengthens it. */
		window_s: seconds,
		/** Before each visit to a cell: batches until the last `runs` vary under `variation` (s / mean), or the cap. */
		warm_up: z.strictObject({ runs: z.int().min(2), variation: share, at_most_s: seconds }),
		/** Repetitions of a cell, until the half-width of the t-interval (level 0.95) is this share of the mean. */
		repetitions: z.strictObject({ min: z.int().min(2), max: z.int().min(2), target_relative_interval: share }),
		/** Passes over the cells that hold the least repetitions; each pass has an order of its own. */
		blocks: z.int().min(1),
		/** Idle baseline before and after each block, where an energy source exists. */
		idle_s: seconds.default(30),
		/**
		 * What is run at the start and the end of a block and after every so many cells, so that a drift is seen: arithmetic of
		 * `steps` on one core, or `cell`, one of the runner's own, where the work is not the processor's.
		 */
		control: z.strictObject({
			steps: z.int().min(1).optional(),
			cell: z
				.strictObject({
					variant: label,
					batch: z.int().min(1),
					cores: z.int().min(1),
					knobs: byKnob(knobValue).optional(),
				})
				.optional(),
			every: z.int().min(1),
		}),
		/** `skip`: a cell that fails costs its visit, and the run goes on. */
		on_failure: z.enum(["stop", "skip"]).optional(),
		seed: z.int(),
		/** When this much time is spent, no pass beyond the least repetitions begins, and none goes on. */
		time_limit_s: seconds,
		/** Probes by name, the first available one gives the cells' energy; `auto`: every one that is available. */
		probes: z.union([z.literal("auto"), z.array(z.union([z.string().min(1), ownProbe]))]).default("auto"),
		/** GPU boards whose energy counts, by index, UUID or its beginning; default: those of CUDA_VISIBLE_DEVICES, else all. */
		boards: z
			.array(z.union([z.int().min(0), z.string().regex(/^GPU-/, "must begin with GPU-")]))
			.min(1)
			.optional(),
	})
	.superRefine((plan, context) => {
		const issue = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
		if (plan.repetitions.max < plan.repetitions.min) issue(["repetitions", "max"], "must be at least repetitions.min");
		if (plan.blocks > plan.repetitions.min) issue(["blocks"], "must be at most repetitions.min");
		plan.variants.forEach((variant, i) => {
			const first = plan.variants.find(({ name }) => name === variant.name);
			if (first === variant || first === undefined) return;
			if (variant.knobs === undefined) issue(["variants", i, "name"], "must not repeat, but with knobs of its own");
			if (first.accuracy_pct !== variant.accuracy_pct || first.stage !== variant.stage)
				issue(["variants", i], "must have the accuracy_pct and the stage of the first entry of that name");
		});
		const varied = [plan.knobs, plan.control.cell?.knobs, ...plan.variants.map((variant) => variant.knobs)];
		const values = new Map<string, unknown[]>();
		for (const entry of varied)
			for (const [name, own] of Object.entries(entry ?? {}))
				values.set(name, [...(values.get(name) ?? []), ...[own].flat()]);
		if (values.size > 0 && plan.version !== 2)
			issue(["version"], "must be 2 in a plan with knobs: add the line `version: 2`");
		const { runner } = plan;
		if (values.size > 0 && (runner.type === "onnx" || runner.type === "arithmetic"))
			issue(["knobs"], `must be absent: the runner ${runner.type} would set none of them (a command gets them)`);
		if (values.get("tenants")?.some((count) => !Number.isInteger(count) || Number(count) < 1))
			issue(["knobs", "tenants"], "must be whole numbers of processes, 1 or more");
		const lines = runner.type === "command" && runner.protocol === "json-lines";
		if (values.has("tenants") && !lines && runner.type !== "mlserver")
			issue(["knobs", "tenants"], "needs a command with the protocol json-lines");
		if (runner.type === "command")
			for (const field of ["keep", "describe", "timeout_s", "stdin", "ignore_failure"] as const)
				if (runner[field] !== undefined && lines === ["stdin", "ignore_failure"].includes(field))
					issue(["runner", field], `needs the protocol ${lines ? "exit" : "json-lines"}`);
		if ((plan.control.steps === undefined) === (plan.control.cell === undefined))
			issue(["control"], "must have one of steps and cell");
		if (plan.control.cell !== undefined && runner.type === "mlserver")
			issue(["control", "cell"], "must be absent for a server: give steps");
	});

export type Plan = z.infer<typeof planSchema>;

/**
 * Reads and checks a plan: a file, or a shipped one by its name. Throws InputError naming the file and the field's path.
 *
 * @example
 * const plan = await measurement.readPlan("one-stage");
 * plan.batches; // → [1, 2, 4, 8, 16]
 * await measurement.readPlan("no-such-plan"); // throws "must be a readable plan file"
 */
export async function readPlan(name: string): Promise<Plan> {
	const file = planFile(name);
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch (cause) {
		throw new InputError({ file, rule: "must be a readable plan file" }, { cause });
	}
	return parsePlan(text, file);
}

/** The plan of a YAML text. Throws InputError naming `file` and the field's path. */
export function parsePlan(text: string, file: string): Plan {
	const content = parseYaml(file, text);
	return checked(planSchema, content, file);
}

/** SHA-256 of a plan with its defaults filled in: the same plan written in another order of lines has the same hash. */
export function planHash(plan: Plan): string {
	return createHash("sha256").update(canonical(plan)).digest("hex");
}

function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	const entries = Object.entries(value).filter(([, member]) => member !== undefined);
	return `{${entries
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
		.join(",")}}`;
}
