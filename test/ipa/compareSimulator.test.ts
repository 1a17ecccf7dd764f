import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
	compareExperiment,
	compareWithSimulator,
	type SimulatorCompareOutcome,
} from "../../src/ipa/compareSimulator.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import type { SimulatorProgress } from "../../src/ipa/runSimulator.js";
import { writeProject } from "../../src/ipa/writeProject.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";
import { temporary } from "./series.js";
import { expectWithinGap } from "./withinGap.js";

function compared(outcome: SimulatorCompareOutcome) {
	if (outcome.status !== "compared") throw new Error(outcome.reason);
	return outcome.comparison;
}

/** The Video pipeline with two batches, three allocations and two replicas a stage: 5 x 2 x 2 squared configurations. */
async function small(): Promise<PipelineSpec> {
	const video = await readPipeline();
	return {
		...video,
		scaling_cap: 2,
		threshold_rps: 1,
		arrival_rate_rps: 6,
		stages: video.stages.map((stage) => ({
			...stage,
			points: stage.points.filter(({ cores, batch }) => [1, 4, 8].includes(cores) && batch <= 2),
		})),
	};
}

describe.runIf(process.env.IPA_HOME !== undefined)("IPA's own simulator", { timeout: 600_000 }, () => {
	const question = {
		ipaHome: process.env.IPA_HOME as string,
		python: process.env.IPA_PYTHON ?? "python3",
		timeout_s: 300,
	};

	test("on our pipeline: every metric of every configuration to 1e-9, the feasible ones, the decision", async () => {
		const told: SimulatorProgress[] = [];
		const outcome = await compareWithSimulator(await small(), { ...question, onProgress: (said) => told.push(said) });
		const { rows, all, feasible, gurobi } = compared(outcome);
		expect(rows).toBe(400);
		expect(all?.differences.states).toBe(400);
		expect(all?.differences.unknown).toEqual([]);
		expect(Object.keys(all?.differences.largest ?? {})).toHaveLength(5);
		for (const largest of Object.values(all?.differences.largest ?? {})) expect(largest).toBeLessThan(1e-9);
		if (feasible?.status !== "whole") throw new Error("the feasible configurations were cut");
		expect(feasible.ipa).toBeGreaterThan(0);
		expect(feasible.ipa).toBeLessThan(400);
		expect(feasible).toMatchObject({ ours: feasible.ipa, notHere: 0 });
		expect(feasible.best.ours).toBeCloseTo(feasible.best.ipa as number, 9);
		expect(all?.times.ipa_s).toBeGreaterThan(0);
		expect(told.some(({ kind }) => kind === "rows")).toBe(true);
		expect(told.some((said) => said.kind === "log" && said.line.includes("all states time"))).toBe(true);
		if (gurobi?.status === "unavailable") expect(gurobi.reason).toContain("gurobipy");
		else if (gurobi?.status !== "answered") throw new Error(gurobi?.reason);
		// The SLA is slack here, so that IPA's queue term changes nothing.
		else expectWithinGap(gurobi.objective);
	});

	/** A checkout of IPA's code with data of our own. */
	async function checkout(spec: PipelineSpec, edit: (yaml: string) => string): Promise<string> {
		const home = temporary();
		for (const name of ["experiments", "optimizer"]) symlinkSync(join(question.ipaHome, name), join(home, name));
		await writeProject(home, spec, "mine", {
			generate: ["all"],
			optimization_method: "brute-force",
			num_state_limit: 30,
		});
		const file = join(home, "data/configs/pipeline-simulation/mine.yaml");
		writeFileSync(file, edit(readFileSync(file, "utf8")));
		return home;
	}

	test("on an experiment of the checkout as it is: incomplete tables that stop at a limit; it is not written to", async () => {
		const edit = (yaml: string) =>
			yaml
				.replace('"complete_profile": true', '"complete_profile": false')
				.replace('["all"]', '["all", "feasible"]')
				.concat("# the simulator reads no margin\nlatency_margin: 50\n");
		const home = await checkout(await small(), edit);
		const before = readdirSync(home, { recursive: true }).length;
		const { all, feasible, gurobi } = compared(await compareExperiment("mine", { ...question, ipaHome: home }));
		expect(all?.differences).toMatchObject({ states: 30, unknown: [] });
		expect(Object.keys(all?.differences.largest ?? {}).sort()).toEqual(["accuracy", "cost_cores", "objective"]);
		for (const largest of Object.values(all?.differences.largest ?? {})) expect(largest).toBeLessThan(1e-9);
		expect(feasible).toMatchObject({ status: "cut", ipa: 30, notHere: 0 });
		expect(gurobi).toBeUndefined();
		expect(readdirSync(home, { recursive: true })).toHaveLength(before);
	});

	test("regression profiles, and a decision under a batching cap: the options above it still count for the SLA", async ({
		skip,
	}) => {
		const edit = (yaml: string) =>
			yaml
				.replace('["all"]', '["optimal"]')
				.replace('"brute-force"', '"gurobi"')
				.replace('"only_measured_profiles": true', '"only_measured_profiles": false')
				.replace(/"batching_cap": \d+/, '"batching_cap": 2')
				.replace('"complete_profile": true', '"complete_profile": false')
				.replace('"num_state_limit": 30', '"num_state_limit": 1');
		const home = await checkout({ ...(await readPipeline()), scaling_cap: 4, arrival_rate_rps: 30 }, edit);
		const outcome = await compareExperiment("mine", { ...question, ipaHome: home });
		if (outcome.status === "unavailable") return skip(outcome.reason);
		const { gurobi } = compared(outcome);
		if (gurobi?.status !== "answered") throw new Error(gurobi?.reason);
		expectWithinGap(gurobi.objective);
	});

	test("an error of IPA's own: a threshold that no allocation reaches", async () => {
		const outcome = await compareExperiment("mine", {
			...question,
			ipaHome: await checkout(await small(), (yaml) => yaml.replace(/"threshold": [\d.]+/, '"threshold": 100000')),
		});
		expect(outcome).toMatchObject({
			status: "failed",
			// It walks past its last allocation before it comes to its own message.
			reason: expect.stringMatching(/base_allocations(.|\n)*KeyError: 3$/),
		});
	});

	test("the published checkout has no profiling series, which is said by file", async () => {
		const home = temporary();
		mkdirSync(join(home, "data"));
		cpSync(join(question.ipaHome, "data/configs"), join(home, "data/configs"), { recursive: true });
		await expect(compareExperiment("video", { ...question, ipaHome: home })).rejects.toThrow(
			/series\/71\/key_config_mapper.csv: must exist/,
		);
	});
});
