import { execa } from "execa";
import { InputError } from "../errors.js";
import { coreLimit } from "../inference/coreLimit.js";
import { pinnedCommand } from "../inference/pinned.js";
import { arithmetic } from "./arithmetic.js";
import { lineProcess } from "./lineProcess.js";
import { mlserverWorkloads } from "./mlserver.js";
import { onnxWorkloads } from "./onnx.js";
import type { Plan } from "./plan.js";
import { type PlanCell, planCells } from "./planCells.js";
import type { Workload, WorkloadSource } from "./workload.js";

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
