import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { type Comparison, compareWithIpa } from "../ipa/program/compare.js";
import { readPipeline } from "../ipa/readPipeline.js";
import type { PipelineSpec } from "../pipeline/spec.js";

export const compareUsage = `sustainable-ipa compare [--ipa-home DIR] [--python PYTHON] [--profile FILE|NAME] [--rate RPS] [--replicas N]
                        [--limit ROWS] [--timeout SECONDS] [--json]
  IPA's own model, enumeration and (where gurobipy is installed) Gurobi decision beside ours, on one pipeline: the
  largest difference of every metric, both optima, and the ratio of times. IPA takes milliseconds a row, so replicas
  are cut to N a stage (default 2), and its enumeration stops after ROWS (default: all of them).
  --ipa-home   a checkout of IPA (default: the environment variable IPA_HOME)
  --python     a Python with numpy, pandas and scikit-learn (default: IPA_PYTHON, the checkout's own .venv, python3)`;

/** Runs both and prints the differences; exit code 1 where a metric differs or IPA's program fails. */
export async function compareCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			"ipa-home": { type: "string" },
			python: { type: "string" },
			profile: { type: "string" },
			rate: { type: "string" },
			replicas: { type: "string", default: "2" },
			limit: { type: "string" },
			timeout: { type: "string", default: "600" },
			json: { type: "boolean" },
		},
	});
	const ipaHome = values["ipa-home"] ?? process.env.IPA_HOME;
	if (ipaHome === undefined)
		throw new InputError({ file: "command line", field: "--ipa-home", rule: "must name a checkout of IPA" });
	const own = join(ipaHome, ".venv", "bin", "python");
	const python = values.python ?? process.env.IPA_PYTHON ?? (existsSync(own) ? own : "python3");
	const given = await readPipeline(values.profile);
	const spec: PipelineSpec = {
		...given,
		scaling_cap: Math.min(given.scaling_cap, number("--replicas", values.replicas)),
		arrival_rate_rps: values.rate === undefined ? given.arrival_rate_rps : number("--rate", values.rate),
	};
	const outcome = await compareWithIpa(spec, {
		ipaHome,
		python,
		feasible: values.limit === undefined,
		enumerate: values.limit === undefined ? true : { limit: number("--limit", values.limit) },
		gurobi: true,
		timeout_s: number("--timeout", values.timeout),
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
	if (gurobi === undefined) return said;
	if (gurobi.status !== "answered") return [...said, `Gurobi: ${gurobi.status}: ${gurobi.reason}`];
	const { objective, seconds, over_sla_s, loosened_s } = gurobi;
	said.push(
		`Gurobi by IPA: objective ${objective.ipa} in ${(1000 * seconds.ipa).toFixed(1)} ms; the published model's optimum here: ${objective.published ?? "infeasible"} in ${(1000 * seconds.ours).toFixed(2)} ms (${(seconds.ipa / seconds.ours).toFixed(0)} times)`,
		`  IPA's queue term loosens its SLA by ${loosened_s.toFixed(3)} s; its choice ${over_sla_s > 0 ? `misses the SLA by ${over_sla_s.toFixed(3)} s` : "keeps the SLA"}`,
	);
	return said;
}

function number(option: string, given: string): number {
	const value = Number(given);
	if (given === "" || !(Number.isFinite(value) && value > 0))
		throw new InputError({ file: "command line", field: option, rule: "must be a number above 0", value: given });
	return value;
}
