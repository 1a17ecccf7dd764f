import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import { pinnedCommand } from "../inference/pinned.js";
import type { BatchReport } from "./workload.js";

const errorSchema = z.strictObject({ error: z.string() });
const numbersSchema = z.object({ latency_s: z.number().positive().optional() }).catchall(z.number());
const descriptionSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export interface LineProcess {
	readonly pid: number | undefined;
	/** Sends a line of JSON and waits for the answer. Rejects where the program says an error, something else, or ends. */
	readonly ask: (request: object) => Promise<BatchReport>;
	/** What the program says of itself. Rejects as `ask`. */
	readonly describe: () => Promise<Readonly<Record<string, string>>>;
	readonly close: () => Promise<void>;
	/** Ends it whatever it is at. */
	readonly kill: () => Promise<void>;
}

/** How long a program has to end once its input has, before it is killed, ms. */
const closing_ms = 10_000;

/**
 * A program that processes a batch for each line of JSON on its standard input, and answers with a line: an object of
 * numbers, of which `latency_s` is its own time for the batch, or `{"error": "..."}`. Started directly, never through a
 * shell, and kept on `cores` cores where taskset is there.
 *
 * @param cores undefined: on any
 * @param timeout_s an answer that takes longer is a failure; by default none is
 */
export async function lineProcess(
	argv: readonly string[],
	cores: number | undefined,
	timeout_s?: number,
): Promise<LineProcess> {
	const [first = "", ...rest] = argv;
	const { program, args } = cores === undefined ? { program: first, args: rest } : await pinnedCommand(argv, cores);
	const child = execa(program, args, {
		reject: false,
		buffer: { stdout: false, stderr: true },
		forceKillAfterDelay: closing_ms,
	});
	child.stdin.on("error", () => undefined);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const answer = async <T>(request: object, schema: z.ZodType<T>, what: string): Promise<T> => {
		child.stdin.write(`${JSON.stringify(request)}\n`);
		const next = await withinTime(lines.next(), timeout_s);
		if (next.done === true) {
			const { shortMessage, exitCode: code, stderr } = await child;
			const why = shortMessage ?? `it ended with exit code ${code}`;
			throw new Error(`${why}${stderr === "" ? "" : `: ${stderr.trim().slice(-300)}`}`);
		}
		const json = jsonOf(next.value);
		const fault = errorSchema.safeParse(json);
		if (fault.success) throw new Error(fault.data.error);
		const result = schema.safeParse(json);
		if (result.success) return result.data;
		throw new Error(`it must answer with an object of ${what}, and said ${next.value.slice(0, 120)}`);
	};
	const kill = async () => {
		child.kill("SIGKILL");
		await child;
	};
	return {
		pid: child.pid,
		ask: async (request) => {
			const { latency_s, ...counted } = await answer(request, numbersSchema, "numbers");
			return { counted, ...(latency_s === undefined ? {} : { latency_s }) };
		},
		describe: async () => {
			const said = await answer({ describe: true }, descriptionSchema, "texts and numbers");
			return Object.fromEntries(Object.entries(said).map(([name, value]) => [name, String(value)]));
		},
		close: async () => {
			child.stdin.end();
			const late = new AbortController();
			await Promise.race([child, sleep(closing_ms, undefined, { signal: late.signal }).then(kill, () => undefined)]);
			late.abort();
		},
		kill,
	};
}

function jsonOf(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		throw new Error(`it must answer with a line of JSON, and said ${JSON.stringify(line.slice(0, 120))}`);
	}
}

async function withinTime<T>(answer: Promise<T>, timeout_s: number | undefined): Promise<T> {
	if (timeout_s === undefined) return answer;
	const stop = new AbortController();
	const late = sleep(timeout_s * 1000, undefined, { signal: stop.signal }).then(
		() => {
			throw new Error(`no answer within ${timeout_s} s`);
		},
		() => answer,
	);
	return Promise.race([answer, late]).finally(() => stop.abort());
}
