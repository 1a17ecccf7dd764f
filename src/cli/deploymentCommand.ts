import { existsSync } from "node:fs";
import { rename, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import {
	type DeploymentFiles,
	deploymentFilesOf,
	readDeployedRuns,
	shippedDeployment,
} from "../datasets/deployedRuns.js";
import { corePowerOf, type Deployment, deployment, deploymentDefaults } from "../deployment/deployment.js";
import { InputError } from "../errors.js";
import { videoServingProfile } from "../profiles/servingProfile.js";
import {
	actedOnRows,
	deploymentExplainedRows,
	deploymentPowerRows,
	deploymentRankRows,
	deploymentRunRows,
} from "../report/deploymentViews.js";
import { numberOption } from "./input/numberOption.js";
import { textTable } from "./output/textTable.js";

export const deploymentUsage = `sustainable-ipa deployment [LOG ... --trace FILE] [--window NAME] [--runs FILE] [--decisions FILE]
                           [--idle S] [--resamples N] [--seed N] [--json] [--write-power FILE]
  The energy of a pipeline that served a load: W per busy core, per allocated core, the node's floor, J per request by
  system, and whether the decisions that an adapter logged were acted on. Without arguments: IPA's Video pipeline, the
  sixteen runs that the package ships.
  LOG          a dataset's folder, or what perf stat -I wrote (text, -x, or -j; one run a recording), or a table of samples with the columns run,
               t_log_s, pkg_j and dram_j; plain or gzip. A log's run is its file's name without the ending
  --trace      requests sent in each second: one number a line, or a table of windows (window, second, trace_index,
               raw_count, rps_damped8). Whole logs are not compared without it: they hold idle time, set-up and tails
  --window     the window, where the trace has several and no table of runs says which
  --runs       what each run was: run, workload, system, variants_config (yolov5n+resnet18), replicas_config (1+1); for
               NAME-1s.csv.gz, NAME-runs.csv beside it is taken. Without one there are no busy cores
  --decisions  what an adapter decided: run, t_s (from the begin of the load), and variants with replicas, or cost_cores
               with accuracy_pct
  --idle       seconds at a log's beginning in which nothing runs yet (default ${deploymentDefaults.idle_s})
  --resamples  of the intervals and of the test of decisions (default ${deploymentDefaults.resamples}); --seed (default ${deploymentDefaults.seed})
  --write-power writes what a core and the node draw, which --model-energy of adapt and tradeoff reads from
               data/derived/deployed-power.yaml
  docs/deployment.md says how each number comes about.`;

/** Prints what the logs of a deployment say; exit code 3 where no run could be aligned. */
export async function deploymentCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			trace: { type: "string" },
			window: { type: "string" },
			runs: { type: "string" },
			decisions: { type: "string" },
			idle: { type: "string", default: String(deploymentDefaults.idle_s) },
			resamples: { type: "string", default: String(deploymentDefaults.resamples) },
			seed: { type: "string", default: String(deploymentDefaults.seed) },
			json: { type: "boolean" },
			"write-power": { type: "string" },
		},
	});
	const runs = await readDeployedRuns(await filesOf(positionals, values), await videoServingProfile());
	const found = deployment(runs, {
		...deploymentDefaults,
		idle_s: numberOption("--idle", values.idle, "positive"),
		resamples: numberOption("--resamples", values.resamples, "positive integer"),
		seed: numberOption("--seed", values.seed, "whole"),
	});
	if (values["write-power"] !== undefined) await writePower(values["write-power"], found, positionals);
	process.stdout.write(values.json === true ? `${deploymentJson(found)}\n` : `${deploymentText(found)}\n`);
	return found.runs.length === 0 ? 3 : 0;
}

async function filesOf(
	logs: readonly string[],
	{ trace, window, runs, decisions }: Omit<Partial<DeploymentFiles>, "logs">,
): Promise<DeploymentFiles> {
	if (logs.length === 0) {
		if (trace ?? window ?? runs ?? decisions)
			fail("LOG", "must be given with --trace, --window, --runs or --decisions");
		return shippedDeployment();
	}
	const [first = ""] = logs;
	if (logs.length === 1 && (await isFolder(first)))
		return (
			(await deploymentFilesOf(first)) ??
			fail("LOG", `must be a log, or a dataset whose provenance has a deployment, not ${first}`)
		);
	if (trace === undefined)
		return fail(
			"--trace",
			"must be given: whole logs hold idle time, set-up and tails of any length, and are not compared",
		);
	const beside = /-1s\.csv(\.gz)?$/.test(first) ? first.replace(/-1s\.csv(\.gz)?$/, "-runs.csv") : undefined;
	const found = beside !== undefined && existsSync(beside) ? beside : undefined;
	return { logs, trace, window, runs: runs ?? found, decisions };
}

async function isFolder(path: string): Promise<boolean> {
	return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function writePower(file: string, found: Deployment, logs: readonly string[]): Promise<void> {
	const power = corePowerOf(found);
	if ("status" in power) throw new InputError({ file, rule: `must follow from the logs: ${power.reason}` });
	const names = (logs.length === 0 ? (await shippedDeployment()).logs : logs).map((log) => basename(log));
	const content = {
		name: "a deployment's node and its cores",
		source: `sustainable-ipa deployment --write-power, from ${names.join(", ")}`,
		note: "Package power. The floor is the node's with the pipeline at work and no core of it busy; an idle core is above it, a busy one above that. Standard errors are of resampled runs.",
		...power,
	};
	await writeFile(`${file}.new`, stringify(content, { lineWidth: 120 }));
	await rename(`${file}.new`, file);
}

/** Everything but the steps, which are the figure's. */
function deploymentJson(found: Deployment): string {
	return JSON.stringify(
		found,
		(key, value: unknown) => (key === "steps" && Array.isArray(value) ? undefined : value),
		2,
	);
}

function deploymentText(found: Deployment): string {
	const lines: string[] = [];
	const section = (title: string, rows: Parameters<typeof textTable>[0]) => {
		if (rows.length > 0) lines.push(title, ...textTable(rows), "");
	};
	section("Runs", deploymentRunRows(found));
	for (const { run, reason } of found.refused) lines.push(`run ${run}: refused: ${reason}`, "");
	for (const pair of found.overlapping)
		lines.push(`runs ${pair.join(" and ")} overlap by their node's clock: they read the same counters`, "");
	section("Package power, W", deploymentPowerRows(found));
	if (found.busy_cores.status === "unavailable") lines.push(`busy cores: unavailable: ${found.busy_cores.reason}`, "");
	section("Variance of power explained, steps of 10 s", deploymentExplainedRows(found));
	section("Systems by power and by allocated cores", deploymentRankRows(found));
	section("Were the decisions acted on?", actedOnRows(found));
	return lines.join("\n").trimEnd();
}

function fail(field: string, rule: string): never {
	throw new InputError({ file: "command line", field, rule });
}
