import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import { InputError } from "../errors.js";
import { coreLimit, pinnedCommand } from "../inference/pinned.js";
import { mlserverWorkloads } from "./mlserverWorkloads.js";
import { onnxWorkloads } from "./onnxWorkloads.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells } from "./planCells.js";
import { arithmetic, type BatchReport, type Workload, type WorkloadSource } from "./workload.js";

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

/**
 * What a plan's runner measures. Throws InputError where it cannot run here; so it does for more cores than this process
 * may use, which a cell would be recorded with and never have had. What a server was deployed with is its own.
 */
export function workloadSource(plan: Plan): WorkloadSource {
	const { runner, seed } = plan;
	if (runner.type === "mlserver") return mlserverWorkloads(runner, seed);
	checkCores(plan);
	if (runner.type === "onnx") return onnxWorkloads(plan, runner);
	if (runner.type === "command") return { prepare: async (cell) => commandWorkload(runner, cell) };
	return { prepare: async (cell) => arithmeticWorkload(runner.work, cell) };
}

function checkCores(plan: Plan): void {
	const limit = coreLimit();
	const more = planCells(plan).find(({ cores }) => cores > limit);
	if (more === undefined) return;
	const rule = `must be at most the ${limit} that this process may use (the machine's, or fewer by taskset or a container's limit)`;
	throw new InputError({ file: plan.name, field: "cores", rule, value: more.cores });
}

type CommandRunner = Extract<Plan["runner"], { type: "command" }>;

const stepsPerUnit = 1000;

function arithmeticWorkload(work: number, { batch }: PlanCell): Workload {
	return {
		runBatch: async () => {
			arithmetic(work * batch * stepsPerUnit);
			return undefined;
		},
		cpuOf: "self",
		close: async () => {},
	};
}

/** The program is started directly, never through a shell: a variant's name is one argument, whatever it holds. */
async function commandWorkload({ argv, protocol }: CommandRunner, cell: PlanCell): Promise<Workload> {
	const { variant, batch, cores } = cell;
	const filled = argv.map((text) =>
		text.replace(/\{(variant|batch|cores)\}/g, (_, key: "variant" | "batch" | "cores") => String(cell[key])),
	);
	const failed = (reason: string): never => {
		throw new InputError({ file: cell.id, field: "runner.argv", rule: `must succeed: ${reason}` });
	};
	if (protocol === "json-lines") {
		const process = await lineProcess(filled, cores);
		return {
			runBatch: () => process.ask({ variant, batch, cores }).catch(({ message }: Error) => failed(message)),
			cpuOf: process.pid === undefined ? "children" : { pid: process.pid },
			close: process.close,
		};
	}
	const { program, args } = await pinnedCommand(filled, cores);
	return {
		runBatch: async () => {
			const result = await execa(program, args, { stdin: "ignore", stdout: "ignore", reject: false });
			return result.failed ? failed(result.shortMessage ?? "it failed") : undefined;
		},
		cpuOf: "children",
		close: async () => {},
	};
}
