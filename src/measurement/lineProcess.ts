import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import { pinnedCommand } from "../inference/pinned.js";
import type { BatchReport } from "./workload.js";

const answerSchema = z.union([
	z.strictObject({ error: z.string() }),
	z.object({ latency_s: z.number().positive().optional() }).catchall(z.number()),
]);

export interface LineProcess {
	readonly pid: number | undefined;
	/** Sends a line of JSON and waits for the answer. Rejects where the program says an error, something else, or ends. */
	readonly ask: (request: object) => Promise<BatchReport>;
	readonly close: () => Promise<void>;
}

/**
 * A program that processes a batch for each line of JSON on its standard input, and answers with a line: an object of
 * numbers, of which `latency_s` is its own time for the batch, or `{"error": "..."}`. Started directly, never through a
 * shell, and kept on `cores` cores where taskset is there.
 */
export async function lineProcess(argv: readonly string[], cores: number): Promise<LineProcess> {
	const { program, args } = await pinnedCommand(argv, cores);
	const child = execa(program, args, { reject: false, buffer: { stdout: false, stderr: true } });
	child.stdin.on("error", () => undefined);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		pid: child.pid,
		ask: async (request) => {
			child.stdin.write(`${JSON.stringify(request)}\n`);
			const { value, done } = await lines.next();
			if (done === true) {
				const { shortMessage, exitCode: code, stderr } = await child;
				const why = shortMessage ?? `it ended with exit code ${code}`;
				throw new Error(`${why}${stderr === "" ? "" : `: ${stderr.trim().slice(-300)}`}`);
			}
			return reportOf(value);
		},
		close: async () => {
			child.stdin.end();
			await child;
		},
	};
}

function reportOf(line: string): BatchReport {
	let json: unknown;
	try {
		json = JSON.parse(line);
	} catch {
		throw new Error(`it must answer with a line of JSON, and said ${JSON.stringify(line.slice(0, 120))}`);
	}
	const result = answerSchema.safeParse(json);
	if (!result.success) throw new Error(`it must answer with an object of numbers, and said ${line.slice(0, 120)}`);
	if ("error" in result.data) throw new Error(String(result.data.error));
	const { latency_s, ...counted } = result.data;
	return { counted: counted as Record<string, number>, ...(latency_s === undefined ? {} : { latency_s }) };
}
