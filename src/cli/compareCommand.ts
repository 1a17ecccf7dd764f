import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { type Comparison, compareWithIpa } from "../ipa/compareIpa.js";
import { compareExperiment, compareWithSimulator, type SimulatorCompareOutcome } from "../ipa/compareSimulator.js";
import type { SimulatorProgress } from "../ipa/runSimulator.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOptionNames, widerPipeline } from "./input/pipelineOption.js";
import { leftOut } from "./output/leftOut.js";
import { agrees, gurobiSentences, simulatorSentences } from "./output/simulatorSentences.js";

export const compareUsage = `sustainable-ipa compare [--ipa-home DIR] [--python PYTHON] [--profile FILE|NAME] [--rate RPS] [--replicas N]
                        [--limit ROWS] [--timeout SECONDS] [--simulator [--config NAME]] [--json]
  IPA's own model, enumeration and (where gurobipy is installed) Gurobi decision beside ours, on one pipeline: the
  largest difference of every metric, both optima, and the ratio of times. IPA takes milliseconds a row, so replicas
  are cut to N a stage (default 2), and its enumeration stops after ROWS (default: all of them).
  --ipa-home   a checkout of IPA (default: the environment variable IPA_HOME)
  --python     a Python with numpy, pandas and scikit-learn (default: IPA_PYTHON, the checkout's own .venv, python3)
  --profile    a pipeline's JSON, a name of IPA's pipelines, or an experiment's YAML (docs/ipa-files.md)
  --simulator  run IPA's simulation script itself, unmodified, on files of its own that hold our pipeline; Python needs
               click, pyyaml and tabulate too
  --config     with --simulator: an experiment of the checkout, data/configs/pipeline-simulation/NAME.yaml, with its
               accuracies and profiling series as they are, instead of a pipeline of ours`;

/** Runs both and prints the differences; exit code 1 where a metric differs or IPA's program fails. */
export async function compareCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			profile: pipelineOptionNames.profile,
			"ipa-home": pipelineOptionNames["ipa-home"],
			rate: pipelineOptionNames.rate,
			python: { type: "string" },
			replicas: { type: "string" },
			limit: { type: "string" },
			timeout: { type: "string", default: "600" },
			json: { type: "boolean" },
			simulator: { type: "boolean" },
			config: { type: "string" },
		},
	});
	const ipaHome = values["ipa-home"] ?? process.env.IPA_HOME;
	if (ipaHome === undefined)
		throw new InputError({ file: "command line", field: "--ipa-home", rule: "must name a checkout of IPA" });
	const own = join(ipaHome, ".venv", "bin", "python");
	const python = values.python ?? process.env.IPA_PYTHON ?? (existsSync(own) ? own : "python3");
	const timeout_s = numberOption("--timeout", values.timeout, "positive");
	const limit = numberOption("--limit", values.limit, "positive integer");
	const replicas = numberOption("--replicas", values.replicas, "positive integer") ?? 2;
	const simulator = {
		ipaHome,
		python,
		timeout_s,
		onProgress: (said: SimulatorProgress) =>
			console.error(said.kind === "rows" ? `IPA: ${said.rows} rows of ${said.table}` : `IPA: ${said.line}`),
	};
	if (values.config !== undefined) {
		const others = ["profile", "rate", "replicas", "limit"] as const;
		const other = others.find((name) => values[name] !== undefined);
		if (other !== undefined || values.simulator !== true)
			throw new InputError({
				file: "command line",
				field: "--config",
				rule: "must stand with --simulator, and without --profile, --rate, --replicas and --limit",
				value: values.config,
			});
		return told(await compareExperiment(values.config, simulator, leftOut), values.json === true);
	}
	// IPA derives base allocations and SLAs of its own, which takes the whole grid.
	const given = await widerPipeline(values);
	const spec: PipelineSpec = { ...given, scaling_cap: Math.min(given.scaling_cap, replicas) };
	if (values.simulator === true) return told(await compareWithSimulator(spec, simulator, limit), values.json === true);
	const outcome = await compareWithIpa(spec, {
		ipaHome,
		python,
		feasible: limit === undefined,
		enumerate: limit === undefined ? true : { limit },
		gurobi: true,
		timeout_s,
		onProgress: (part) => console.error(`IPA: ${part}`),
	});
	if (values.json === true) console.log(JSON.stringify(outcome, null, 2));
	if (outcome.status !== "compared") {
		console.error(`${outcome.status}: ${outcome.reason}`);
		return 1;
	}
	const { comparison } = outcome;
	if (values.json !== true) for (const line of sentences(comparison)) console.log(line);
	const { unknown, largest } = comparison.differences;
	return unknown.length > 0 || Object.values(largest).some((difference) => difference > 1e-9) ? 1 : 0;
}

function sentences({ pipeline, rows, differences, rowsPerSecond, feasible, gurobi, sla_s }: Comparison): string[] {
	const { ours, ipa } = rowsPerSecond;
	const said = [
		`${pipeline}: ${differences.states} of ${rows} configurations compared, SLA ${sla_s.ours.toFixed(6)} s (IPA ${sla_s.ipa.toFixed(6)} s)`,
		...Object.entries(differences.largest).map(
			([name, difference]) => `  ${name.padEnd(15)} largest difference ${difference.toExponential(1)}`,
		),
		...differences.unknown.slice(0, 5).map((row) => `  not in our space: ${row}`),
		`rows a second: ${ours.toFixed(0)} here, ${ipa.toFixed(0)} by IPA: ${(ours / ipa).toFixed(0)} times`,
	];
	if (feasible !== undefined)
		said.push(
			`feasible: ${feasible.ours} here, ${feasible.ipa} by IPA; best objective ${feasible.best.ours ?? "none"} here, ${feasible.best.ipa ?? "none"} by IPA`,
		);
	return gurobi === undefined ? said : [...said, ...gurobiSentences(gurobi)];
}

/** Prints what came of a run of the simulator; exit code 1 where a metric or a feasible configuration differs. */
function told(outcome: SimulatorCompareOutcome, json: boolean): number {
	if (json) console.log(JSON.stringify(outcome, null, 2));
	if (outcome.status !== "compared") {
		console.error(`${outcome.status}: ${outcome.reason}`);
		return 1;
	}
	const { comparison } = outcome;
	if (!json) for (const line of simulatorSentences(comparison)) console.log(line);
	return agrees(comparison) ? 0 : 1;
}
