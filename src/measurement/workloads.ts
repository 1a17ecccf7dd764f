import { InputError } from "../errors.js";
import { coreLimit } from "../inference/pinned.js";
import { commandWorkloads } from "./commandWorkloads.js";
import { mlserverWorkloads } from "./mlserverWorkloads.js";
import { onnxWorkloads } from "./onnxWorkloads.js";
import type { Plan } from "./plan.js";
import { controlCell, type PlanCell, planCells } from "./planCells.js";
import { arithmetic, type Workload, type WorkloadSource } from "./workload.js";

/**
 * What a plan's runner measures. Throws InputError where it cannot run here; so it does for more cores than this process
 * may use, which a cell would be recorded with and never have had. What a server was deployed with is its own.
 *
 * @param folder the plan's, from which the paths of its files are taken
 */
export function workloadSource(plan: Plan, folder = "."): WorkloadSource {
	const { runner, seed } = plan;
	if (runner.type === "mlserver") return mlserverWorkloads(runner, seed);
	checkCores(plan);
	if (runner.type === "onnx") return onnxWorkloads(plan, runner, folder);
	if (runner.type === "command") return commandWorkloads(plan, runner, folder);
	return { prepare: async (cell) => arithmeticWorkload(runner.work, cell) };
}

function checkCores(plan: Plan): void {
	const limit = coreLimit();
	const more = [...planCells(plan), ...[controlCell(plan) ?? []].flat()].find(({ cores }) => cores > limit);
	if (more === undefined) return;
	const rule = `must be at most the ${limit} that this process may use (the machine's, or fewer by taskset or a container's limit)`;
	throw new InputError({ file: plan.name, field: "cores", rule, value: more.cores });
}

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
