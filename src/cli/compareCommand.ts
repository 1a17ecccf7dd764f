import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareWithIpa } from "../ipa/compareIpa.js";
import { compareExperiment, compareWithSimulator, type SimulatorCompareOutcome } from "../ipa/compareSimulator.js";
import type { SimulatorProgress } from "../ipa/runSimulator.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { agrees, ipaSentences, simulatorSentences } from "../report/comparisonWords.js";
import { answerJson, describeCommand, jsonOption, refuse } from "./command.js";
import { pipelineAtRate, widerPipeline } from "./pipelineOptions.js";

export const compareCommand = describeCommand({
	about:
		"IPA's own model, enumeration and (where gurobipy is installed) Gurobi decision beside ours, on one pipeline: the largest difference of every metric, both optima, and the ratio of times. IPA takes milliseconds a row, so replicas are cut to N a stage, and its enumeration stops after ROWS (all of them where none are given).",
	examples: ["--ipa-home ../ipa", "--ipa-home ../ipa --simulator --config video"],
	options: {
		"ipa-home": { value: "DIR", about: "a checkout of IPA", otherwise: "IPA_HOME" },
		python: {
			value: "PYTHON",
			about: "a Python with numpy, pandas and scikit-learn",
			otherwise: "IPA_PYTHON, the checkout's own .venv, or python3",
		},
		profile: pipelineAtRate.profile,
		rate: pipelineAtRate.rate,
		replicas: { value: "N", about: "most replicas of a stage", range: "positive integer", fallback: 2 },
		limit: { value: "ROWS", about: "rows that IPA enumerates at most", range: "positive integer" },
		timeout: { value: "S", about: "of IPA's program", unit: "s", range: "positive", fallback: 600 },
		simulator: {
			about:
				"run IPA's simulation script itself, unmodified, on files of its own that hold our pipeline; Python needs click, pyyaml and tabulate too",
		},
		config: {
			value: "NAME",
			about:
				"with --simulator: an experiment of the checkout, data/configs/pipeline-simulation/NAME.yaml, with its accuracies and profiling series as they are, instead of a pipeline of ours",
		},
		...jsonOption,
	},
	environment: { IPA_HOME: "a checkout of IPA", IPA_PYTHON: "a Python with what IPA needs" },
	exits: { 1: "bad input, or a metric differs, or IPA's program fails" },
	run: async ({ values, given, note }) => {
		const { limit, replicas, config, json, timeout: timeout_s } = values;
		const ipaHome = values["ipa-home"] ?? process.env.IPA_HOME ?? refuse("--ipa-home", "must name a checkout of IPA");
		const own = join(ipaHome, ".venv", "bin", "python");
		const python = values.python ?? process.env.IPA_PYTHON ?? (existsSync(own) ? own : "python3");
		const simulator = {
			ipaHome,
			python,
			timeout_s,
			onProgress: (said: SimulatorProgress) =>
				note(said.kind === "rows" ? `IPA: ${said.rows} rows of ${said.table}` : `IPA: ${said.line}`),
		};
		if (config !== undefined) {
			const other = given.find((name) => ["profile", "rate", "replicas", "limit"].includes(name));
			if (other !== undefined || !values.simulator)
				refuse(
					"--config",
					"must stand with --simulator, and without --profile, --rate, --replicas and --limit",
					config,
				);
			return told(await compareExperiment(config, simulator, (what) => note(`left out: ${what}`)), json);
		}
		// IPA derives base allocations and SLAs of its own, which takes the whole grid.
		const read = await widerPipeline(values, note);
		const spec: PipelineSpec = { ...read, scaling_cap: Math.min(read.scaling_cap, replicas) };
		if (values.simulator) return told(await compareWithSimulator(spec, simulator, limit), json);
		const outcome = await compareWithIpa(spec, {
			ipaHome,
			python,
			feasible: limit === undefined,
			enumerate: limit === undefined ? true : { limit },
			gurobi: true,
			timeout_s,
			onProgress: (part) => note(`IPA: ${part}`),
		});
		if (json) answerJson(outcome);
		if (outcome.status !== "compared") {
			console.error(`${outcome.status}: ${outcome.reason}`);
			return 1;
		}
		const { comparison } = outcome;
		if (!json) for (const line of ipaSentences(comparison)) console.log(line);
		const { unknown, largest } = comparison.differences;
		return unknown.length > 0 || Object.values(largest).some((difference) => difference > 1e-9) ? 1 : 0;
	},
});

/** Prints what came of a run of the simulator; exit code 1 where a metric or a feasible configuration differs. */
function told(outcome: SimulatorCompareOutcome, json: boolean): number {
	if (json) answerJson(outcome);
	if (outcome.status !== "compared") {
		console.error(`${outcome.status}: ${outcome.reason}`);
		return 1;
	}
	const { comparison } = outcome;
	if (!json) for (const line of simulatorSentences(comparison)) console.log(line);
	return agrees(comparison) ? 0 : 1;
}
