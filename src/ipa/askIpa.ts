import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import type { PipelineSpec } from "../pipeline/spec.js";

const numbers = z.array(z.number());
const columnsSchema = z.object({
	stages: z.array(z.object({ variant: z.array(z.string()), cores: numbers, batch: numbers, replicas: numbers })),
	accuracy: numbers,
	latency_s: numbers,
	throughput_rps: numbers,
	cost_cores: numbers,
	objective: numbers,
});

/** Configurations with IPA's own metrics, a list a column, all of one length. */
export type IpaStates = z.infer<typeof columnsSchema>;

const lineSchema = z.discriminatedUnion("event", [
	z.object({ event: z.literal("states"), seconds: z.number(), columns: columnsSchema }),
	z.object({ event: z.literal("feasible"), seconds: z.number(), columns: columnsSchema }),
	z.object({
		event: z.literal("gurobi"),
		status: z.enum(["answered", "unavailable", "failed"]),
		error: z.string().optional(),
		seconds: z.number().optional(),
		columns: columnsSchema.optional(),
	}),
	z.object({ event: z.literal("done"), sla_s: z.number(), stage_slas_s: numbers, python: z.string() }),
]);

export interface TimedStates {
	readonly states: IpaStates;
	/** IPA's own time for them, without starting Python. */
	readonly seconds: number;
}

/** What IPA's Gurobi path decides: `unavailable` without gurobipy, `failed` with the error that it raised. */
export type GurobiAnswer =
	| ({ readonly status: "answered" } & TimedStates)
	| { readonly status: "unavailable" | "failed"; readonly reason: string };

/**
 * What IPA's program answered. `unavailable`: there is no such Python or checkout; `failed`: the program ended with an
 * error, the end of its standard error given; `timed-out`: it was stopped at the time limit.
 */
export type IpaAnswer =
	| {
			readonly status: "answered";
			readonly all?: TimedStates;
			readonly feasible?: TimedStates;
			readonly gurobi?: GurobiAnswer;
			readonly sla_s: number;
			readonly stage_slas_s: readonly number[];
			readonly python: string;
	  }
	| { readonly status: "unavailable" | "failed" | "timed-out"; readonly reason: string };

export interface IpaQuestion {
	/** A checkout of IPA. */
	readonly ipaHome: string;
	/** A Python with numpy, pandas and scikit-learn, and gurobipy for the Gurobi path; default `python3`. */
	readonly python?: string;
	/** Every configuration, or the first `limit`; false: none. */
	readonly enumerate?: boolean | { readonly limit: number };
	/** Those that IPA's constraints let through too. */
	readonly feasible?: boolean;
	readonly gurobi?: boolean;
	readonly timeout_s?: number;
	/** Called when a part of the answer is there. */
	readonly onProgress?: (part: string) => void;
}

/**
 * Asks IPA's own model and optimiser, from a checkout, about a pipeline: started directly, never through a shell.
 *
 * @throws InputError where the program says something that is not in the bridge's form
 */
export async function askIpa(spec: PipelineSpec, question: IpaQuestion): Promise<IpaAnswer> {
	const { ipaHome, python = "python3", enumerate = true, timeout_s = 600, onProgress } = question;
	if (!existsSync(join(ipaHome, "optimizer", "models.py")))
		return { status: "unavailable", reason: `${ipaHome} is not a checkout of IPA: it has no optimizer/models.py` };
	const bridge = join(packageRoot, "python", "ipa_bridge.py");
	const child = execa(python, [bridge], {
		input: JSON.stringify({
			ipa_home: ipaHome,
			pipeline: spec,
			enumerate: enumerate !== false,
			limit: typeof enumerate === "object" ? enumerate.limit : null,
			feasible: question.feasible === true,
			gurobi: question.gurobi === true,
		}),
		// IPA takes its variants from a set: without a fixed seed their order, and with it Gurobi's choice among near-equal
		// solutions, changes by run. And its checkout is not ours to write to.
		env: { PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
		reject: false,
		timeout: timeout_s * 1000,
		maxBuffer: 2 ** 30,
	});
	if (onProgress !== undefined)
		child.stdout.on("data", (text: Buffer) => {
			const [, part] = /"event": "(\w+)"/.exec(text.toString()) ?? [];
			if (part !== undefined) onProgress(part);
		});
	const { stdout, stderr, failed, timedOut, shortMessage, code } = await child;
	if (timedOut) return { status: "timed-out", reason: `IPA's program was stopped after ${timeout_s} s` };
	if (code === "ENOENT") return { status: "unavailable", reason: `there is no program ${python}` };
	if (failed) return { status: "failed", reason: `${shortMessage}\n${stderr.slice(-2000)}`.trim() };
	return answerOf(stdout);
}

function answerOf(stdout: string): IpaAnswer {
	const lines = stdout.split("\n").filter((line) => line !== "");
	const said = lines.map((line, i) => {
		const result = lineSchema.safeParse(parsed(line));
		if (!result.success)
			throw new InputError({
				file: "IPA's program",
				line: i + 1,
				rule: `must answer in the bridge's form (${result.error.issues[0]?.message})`,
				value: line.slice(0, 80),
			});
		return result.data;
	});
	const done = said.find((line) => line.event === "done");
	if (done === undefined) return { status: "failed", reason: "IPA's program ended before it had answered" };
	const timed = (event: "states" | "feasible"): TimedStates | undefined => {
		const line = said.find((own) => own.event === event);
		return line?.event === event ? { states: line.columns, seconds: line.seconds } : undefined;
	};
	const all = timed("states");
	const feasible = timed("feasible");
	const gurobi = said.find((line) => line.event === "gurobi");
	return {
		status: "answered",
		...(all === undefined ? {} : { all }),
		...(feasible === undefined ? {} : { feasible }),
		...(gurobi === undefined ? {} : { gurobi: gurobiOf(gurobi) }),
		sla_s: done.sla_s,
		stage_slas_s: done.stage_slas_s,
		python: done.python,
	};
}

function gurobiOf({
	status,
	error,
	seconds,
	columns,
}: Extract<z.infer<typeof lineSchema>, { event: "gurobi" }>): GurobiAnswer {
	if (status === "answered" && seconds !== undefined && columns !== undefined)
		return { status, states: columns, seconds };
	return { status: status === "answered" ? "failed" : status, reason: error ?? "no reason given" };
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return line;
	}
}
