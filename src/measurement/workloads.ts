import { execa } from "execa";
import { InputError } from "../errors.js";
import { arithmetic } from "./arithmetic.js";
import { mlserverWorkloads } from "./mlserver.js";
import { onnxWorkloads } from "./onnx.js";
import type { Plan } from "./plan.js";
import type { PlanCell } from "./planCells.js";
import type { Workload, WorkloadSource } from "./workload.js";

/** What a plan's runner measures. Throws InputError where it cannot run here. */
export function workloadSource(plan: Plan): WorkloadSource {
	const { runner, seed } = plan;
	if (runner.type === "onnx") return onnxWorkloads(plan, runner);
	if (runner.type === "mlserver") return mlserverWorkloads(runner, seed);
	if (runner.type === "command") return { prepare: async (cell) => commandWorkload(runner.argv, cell) };
	return { prepare: async (cell) => arithmeticWorkload(runner.work, cell) };
}

const stepsPerUnit = 1000;

function arithmeticWorkload(work: number, { batch }: PlanCell): Workload {
	return {
		runBatch: async () => void arithmetic(work * batch * stepsPerUnit),
		cpuOf: "self",
		close: async () => {},
	};
}

/** The program is started directly, never through a shell: a variant's name is one argument, whatever it holds. */
function commandWorkload(argv: readonly string[], cell: PlanCell): Workload {
	const fill = (text: string) =>
		text.replace(/\{(variant|batch|cores)\}/g, (_, key: "variant" | "batch" | "cores") => String(cell[key]));
	const [program, ...args] = argv.map(fill);
	return {
		runBatch: async () => {
			const { failed, shortMessage } = await execa(program as string, args, {
				stdin: "ignore",
				stdout: "ignore",
				reject: false,
			});
			if (failed) throw new InputError({ file: cell.id, field: "runner.argv", rule: `must succeed: ${shortMessage}` });
		},
		cpuOf: "children",
		close: async () => {},
	};
}
