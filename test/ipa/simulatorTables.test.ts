import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { readStates, readTimes } from "../../src/ipa/runSimulator.js";
import { temporary } from "./series.js";

const weights = { alpha: 2, beta: 4, gamma: 1, delta: 0 };

function written(text: string, name = "all-states.csv"): string {
	const file = join(temporary(), name);
	writeFileSync(file, text);
	return file;
}

const head = "task_0_variant,task_0_cpu,task_0_gpu,task_0_batch,task_0_replicas";
const dict =
	"\"{'accuracy_objective': 1.0, 'resource_objective': np.int64(8), 'batch_objective': np.float64(2e-06), 'objective': np.float64(-7.000002)}\"";

describe("a table of IPA's simulator", () => {
	test("complete: its own metrics, the objective out of the dict of its parts", async () => {
		const metrics = "pipeline_accuracy,pipeline_latency,pipeline_throughput,pipeline_cpu,accuracy_objective";
		const text = `${metrics},${head},objective\n0.5,0.25,12.5,2,0.5,a,1,0,4,2,${dict}\n`;
		expect(await readStates(written(text), weights)).toEqual({
			stages: [{ variant: ["a"], cores: [1], batch: [4], replicas: [2] }],
			objective: [-7.000002],
			accuracy: [0.5],
			latency_s: [0.25],
			throughput_rps: [12.5],
			cost_cores: [2],
		});
	});

	test("not complete: accuracy and cost from the parts over their weights, no latency and no throughput", async () => {
		const expected = {
			stages: [{ variant: ["a"], cores: [1], batch: [4], replicas: [2] }],
			objective: [-7.000002],
			accuracy: [0.5],
			cost_cores: [2],
		};
		expect(await readStates(written(`${head},objective\na,1,0,4,2,${dict}\n`), weights)).toEqual(expected);
		// As the Gurobi path writes them; and of a weight of 0 nothing follows.
		const parts = "accuracy_objective,resource_objective,batch_objective,objective";
		const file = written(`${head},${parts}\na,1,0,4,2,1.0,8,2e-06,-7.000002\n`);
		expect(await readStates(file, weights)).toEqual(expected);
		expect(await readStates(file, { ...weights, alpha: 0, beta: 0 })).toEqual({
			stages: expected.stages,
			objective: expected.objective,
		});
	});

	test("no configuration", async () => {
		expect(await readStates(written("\n"), weights)).toEqual({ stages: [], objective: [] });
	});

	test.each([
		["a,b\n1,2\n", "must have a column task_0_variant"],
		[`${head}\na,1,0,4,2\n`, "objective: column must be present"],
		[`${head},objective\na,1,0,4,2,nan\n`, 'objective: must be a finite number, received "nan"'],
		[`${head},objective\na,1,0,4,,1\n`, "task_0_replicas: must not be empty"],
		[`${head},objective\na,1,0,4,2,"{'objective': nan}"\n`, "objective: must be a finite number"],
	])("%j is refused: %s", async (text, message) => {
		await expect(readStates(written(text), weights)).rejects.toThrow(InputError);
		await expect(readStates(written(text), weights)).rejects.toThrow(message);
	});
});

describe("times.csv", () => {
	test("is names and seconds", async () => {
		const text =
			"all: 10.5\nfeasible_time: 3\noptimal_time_gurobi: 0.25\noptimal_time_brute_force: 9\ntotal_time: 22.75";
		const file = written(text, "times.csv");
		expect(await readTimes(join(file, ".."))).toEqual({ all_s: 10.5, feasible_s: 3, gurobi_s: 0.25, total_s: 22.75 });
	});

	test("another line is an error", async () => {
		const file = written("all: soon\n", "times.csv");
		await expect(readTimes(join(file, ".."))).rejects.toThrow(
			/times.csv:1: must be a name and seconds, received "all: soon"/,
		);
	});
});
