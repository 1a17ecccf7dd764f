import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { InputError, type InputFault } from "../errors.js";
import type { GivenSizes, ModelInput } from "./modelInputs.js";
import { pinnedCommand } from "./pinned.js";

/** What a worker is started with. */
export interface WorkerSetting {
	/** ONNX files: one stage, or a detector and a classifier of what it crops. */
	readonly models: readonly string[];
	/** Threads of an operator. */
	readonly threads: number;
	/** The JPEG that inputs are made of. */
	readonly image: string;
	/** What the files leave open. */
	readonly sizes?: GivenSizes;
}

/** What a worker says, a line of JSON each: `ready` once its models are loaded, then one answer a batch. */
export type WorkerAnswer =
	| { readonly status: "ready"; readonly pid: number; readonly inputs: readonly ModelInput[][] }
	| { readonly status: "ran"; readonly latency_s: number }
	| { readonly status: "failed"; readonly reason: string; readonly fault?: InputFault };

/** The worker is run from the built package, whether this is source or build. */
const worker = fileURLToPath(new URL("../../dist/inference/onnxWorker.js", import.meta.url));

/** A process with its models loaded. */
export interface OnnxProcess {
	readonly pid: number;
	/** Whether the system keeps it on its cores. */
	readonly pinned: boolean;
	/** What each of its models takes, the data first. */
	readonly inputs: readonly (readonly ModelInput[])[];
	/** Runs a batch; its latency in the process, s. Rejects where the model fails or the process is gone. */
	readonly runBatch: (batch: number) => Promise<number>;
	readonly close: () => Promise<void>;
}

export interface OnnxProcessOptions extends Omit<WorkerSetting, "threads"> {
	/** Threads, and the cores that they are kept on where `taskset` is there. */
	readonly cores: number;
}

/** Starts a worker. Rejects where a model cannot be loaded, with InputError where its file or a size is at fault. */
export async function onnxProcess({ cores, ...setting }: OnnxProcessOptions): Promise<OnnxProcess> {
	const json = JSON.stringify({ ...setting, threads: cores } satisfies WorkerSetting);
	const { pinned, program, args } = await pinnedCommand([process.execPath, worker, json], cores);
	const child = execa(program, args, { reject: false, buffer: { stdout: false, stderr: true } });
	// A process that ends while a batch is written to it: its end says why.
	child.stdin.on("error", () => undefined);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const next = async (): Promise<WorkerAnswer> => {
		const { value, done } = await lines.next();
		if (done !== true) return JSON.parse(value) as WorkerAnswer;
		const { exitCode, signal, stderr } = await child;
		return {
			status: "failed",
			reason: `the model's process ended (${signal ?? `exit code ${exitCode}`})${stderr === "" ? "" : `: ${causeIn(stderr)}`}`,
		};
	};
	const close = async () => {
		child.stdin.end();
		await child;
	};
	const first = await next();
	if (first.status !== "ready") {
		await close();
		throw first.status === "failed" ? said(first) : new Error("the model's process answered before it was ready");
	}
	return {
		pid: first.pid,
		pinned,
		inputs: first.inputs,
		runBatch: async (batch) => {
			child.stdin.write(`${batch}\n`);
			const answer = await next();
			if (answer.status === "ran") return answer.latency_s;
			throw answer.status === "failed" ? said(answer) : new Error("the model's process began anew");
		},
		close,
	};
}

function said({ reason, fault }: Extract<WorkerAnswer, { status: "failed" }>): Error {
	return fault === undefined ? new Error(reason) : new InputError(fault);
}

/** The line that names the error, which a stack trace of any length follows; else how the text ends. */
function causeIn(stderr: string): string {
	const line = stderr.split("\n").find((text) => /^\s*(\w*Error\b|Error:)/.test(text));
	return (line ?? stderr.trim().slice(-300)).trim().slice(0, 300);
}
