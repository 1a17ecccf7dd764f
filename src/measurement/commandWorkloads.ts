import { isAbsolute, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { execa } from "execa";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { pinnedCommand } from "../inference/pinned.js";
import { available } from "../outcome.js";
import { type LineProcess, lineProcess } from "./lineProcess.js";
import type { Plan } from "./plan.js";
import { controlCell, type PlanCell, planCells } from "./planCells.js";
import type { BatchReport, ServedWindow, WindowLength, Workload, WorkloadSource } from "./workload.js";

type CommandRunner = Extract<Plan["runner"], { type: "command" }>;

/** The runner's program, started directly and never through a shell: a variant's name is one argument, whatever it holds. */
export function commandWorkloads(plan: Plan, runner: CommandRunner, folder: string): WorkloadSource {
	if (runner.protocol === "exit") {
		const { argv, stdin, ignore_failure: ignoreFailure } = runner;
		return {
			prepare: (cell) =>
				programWorkload({
					argv: filledIn(argv, cell),
					stdin: stdin === undefined || isAbsolute(stdin) ? stdin : join(folder, stdin),
					ignoreFailure,
					cores: cell.cores,
					failure: (reason) => failure(cell, reason),
				}),
		};
	}
	const kept = new Map<string, LineProcess[]>();
	const crew = async (cell: PlanCell): Promise<{ key: string; processes: LineProcess[] }> => {
		const argv = filledIn(runner.argv, cell);
		const key = JSON.stringify([argv, cell.cores]);
		const processes = kept.get(key) ?? [];
		kept.set(key, processes);
		// Those left over end: one that waits may keep a device awake.
		await Promise.all(processes.splice(tenantsOf(cell)).map(({ close }) => close()));
		while (processes.length < tenantsOf(cell))
			processes.push(await lineProcess(argv, runner.device === "gpu" ? undefined : cell.cores, runner.timeout_s));
		return { key, processes };
	};
	const dismiss = async (key: string, how: "close" | "kill") => {
		const processes = kept.get(key) ?? [];
		kept.delete(key);
		await Promise.all(processes.map((process) => process[how]()));
	};
	return {
		...(runner.describe !== true
			? {}
			: {
					check: async () => {
						const cell = controlCell(plan) ?? planCells(plan)[0];
						if (cell === undefined) return {};
						const { key, processes } = await crew({ ...cell, knobs: { ...cell.knobs, tenants: 1 } });
						const said = await Promise.all(processes.map((process) => process.describe())).catch(
							async (error: Error) => {
								await dismiss(key, "kill");
								throw failure(cell, error.message);
							},
						);
						if (runner.keep !== true) await dismiss(key, "close");
						return Object.fromEntries(Object.entries(said[0] ?? {}).map(([name, value]) => [name, available(value)]));
					},
				}),
		prepare: async (cell) => {
			const { key, processes } = await crew(cell);
			const { variant, batch, cores, knobs } = cell;
			const request = { variant, batch, cores, ...(Object.keys(knobs).length === 0 ? {} : { knobs }) };
			// Whatever state it is in, a process that failed is no use to the next cell.
			const ask = (process: LineProcess) =>
				process.ask(request).catch(async ({ message }: Error) => {
					await dismiss(key, "kill");
					throw failure(cell, message);
				});
			const pids = processes.flatMap(({ pid }) => pid ?? []);
			return {
				runBatch: async () => (await Promise.all(processes.map(ask)))[0],
				...(processes.length === 1 ? {} : { serve: (length, signal) => together(processes, ask, length, signal) }),
				cpuOf: pids.length === 0 ? "children" : { pids },
				close: async () => {
					if (runner.keep !== true) await dismiss(key, "close");
				},
			};
		},
		close: async () => {
			await Promise.all([...kept.keys()].map((key) => dismiss(key, "close")));
		},
	};
}

function tenantsOf({ knobs: { tenants = 1 } }: PlanCell): number {
	return Number(tenants);
}

/** {variant}, {batch}, {cores}, {package} and the knobs' names; other braces stay as they are. */
function filledIn(argv: readonly string[], { variant, batch, cores, knobs }: PlanCell): string[] {
	const known: Readonly<Record<string, string | number>> = { ...knobs, variant, batch, cores, package: packageRoot };
	return argv.map((text) =>
		text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(known, name) ? String(known[name]) : whole)),
	);
}

function failure({ id }: PlanCell, reason: string): InputError {
	return new InputError({ file: id, field: "runner.argv", rule: `must succeed: ${reason}` });
}

/**
 * Processes that work side by side, each batch after batch, until the window is long enough for all. It ends when the last
 * one's batch is done: meanwhile, for a batch at most, fewer work.
 */
async function together(
	processes: readonly LineProcess[],
	ask: (process: LineProcess) => Promise<BatchReport>,
	{ atLeast_s, atLeastBatches }: WindowLength,
	signal: AbortSignal,
): Promise<ServedWindow> {
	const latencies_s: number[] = [];
	const counted: Record<string, number> = {};
	const start_ms = performance.now();
	const one = async (process: LineProcess) => {
		for (let own = 0; performance.now() - start_ms < atLeast_s * 1000 || own < atLeastBatches; own++) {
			await setImmediate();
			signal.throwIfAborted();
			const before_ms = performance.now();
			const report = await ask(process);
			latencies_s.push(report.latency_s ?? (performance.now() - before_ms) / 1000);
			for (const [name, value] of Object.entries(report.counted)) counted[name] = (counted[name] ?? 0) + value;
		}
	};
	const ends = await Promise.allSettled(processes.map(one));
	const failed = ends.find((end) => end.status === "rejected");
	if (failed !== undefined) throw failed.reason;
	return { latencies_s, batches: latencies_s.length, elapsed_s: (performance.now() - start_ms) / 1000, counted };
}

/** A program that is started once a batch. */
export interface Program {
	readonly argv: readonly string[];
	/** A file that is its standard input; by default that is empty. */
	readonly stdin?: string | undefined;
	readonly ignoreFailure?: boolean | undefined;
	/** Kept on so many cores where taskset is there; by default on any. */
	readonly cores?: number;
	/** What is thrown where it fails. */
	readonly failure: (reason: string) => Error;
}

/** One program for every cell, as it is. */
export function programSource(program: Program): WorkloadSource {
	return { prepare: () => programWorkload(program) };
}

async function programWorkload({ argv, stdin, ignoreFailure, cores, failure }: Program): Promise<Workload> {
	const [first = "", ...rest] = argv;
	const { program, args } = cores === undefined ? { program: first, args: rest } : await pinnedCommand(argv, cores);
	return {
		runBatch: async () => {
			const input = stdin === undefined ? { stdin: "ignore" as const } : { inputFile: stdin };
			const result = await execa(program, args, { ...input, stdout: "ignore", reject: false });
			// Without an exit code it was not started, or was killed.
			if (result.failed && (result.exitCode === undefined || ignoreFailure !== true)) {
				const said = result.stderr.trim().slice(-300);
				throw failure(`${result.shortMessage?.split("\n")[0] ?? "it failed"}${said === "" ? "" : `: ${said}`}`);
			}
			return undefined;
		},
		cpuOf: "children",
		close: async () => {},
	};
}
