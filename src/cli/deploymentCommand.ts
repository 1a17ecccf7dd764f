import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { stringify } from "yaml";
import { type DeploymentFiles, deploymentFilesOf, shippedDeployment } from "../datasets/deployedRuns.js";
import { isFolder, writeAside } from "../datasets/file.js";
import { corePowerOf, type Deployment, deployment, deploymentDefaults } from "../deployment/deployment.js";
import { InputError } from "../errors.js";
import type { Perhaps } from "../outcome.js";
import { readVideoDeployment } from "../profiles/servingProfile.js";
import { rawTable } from "../report/rawTable.js";
import { tableText } from "../report/table.js";
import { deployed } from "../studies/deployed.js";
import { answer, describeCommand, refuse, reportOption } from "./command.js";

export const deploymentCommand = describeCommand({
	about:
		"The energy of a pipeline that served a load: W per busy core, per allocated core, the node's floor, J per request by system, and whether the decisions that an adapter logged were acted on (docs/deployment.md). Without arguments: IPA's Video pipeline, the sixteen runs that the package ships.",
	examples: ["", "run-1.txt run-2.txt --trace sent.txt --runs runs.csv"],
	args: [
		{
			name: "LOG",
			about:
				"a dataset's folder, or what perf stat -I wrote (text, -x, or -j; one run a recording), or a table of samples with the columns run, t_log_s, pkg_j and dram_j; plain or gzip. A log's run is its file's name without the ending",
			optional: true,
			several: true,
		},
	],
	options: {
		trace: {
			value: "FILE",
			about:
				"requests sent in each second: one number a line, or a table of windows (window, second, trace_index, raw_count, rps_damped8). Whole logs are not compared without it: they hold idle time, set-up and tails",
		},
		window: { value: "NAME", about: "the window, where the trace has several and no table of runs says which" },
		runs: {
			value: "FILE",
			about:
				"what each run was: run, workload, system, variants_config (yolov5n+resnet18), replicas_config (1+1); for NAME-1s.csv.gz, NAME-runs.csv beside it is taken. Without one there are no busy cores",
		},
		decisions: {
			value: "FILE",
			about:
				"what an adapter decided: run, t_s (from the begin of the load), and variants with replicas, or cost_cores with accuracy_pct",
		},
		idle: {
			value: "S",
			about: "time at a log's beginning in which nothing runs yet",
			unit: "s",
			range: "positive",
			fallback: deploymentDefaults.idle_s,
		},
		resamples: {
			value: "N",
			about: "of the intervals and of the test of decisions",
			range: "positive integer",
			fallback: deploymentDefaults.resamples,
		},
		seed: { value: "N", about: "of the resamples", range: "whole", fallback: deploymentDefaults.seed },
		json: { about: "everything as JSON but the steps of 10 s" },
		...reportOption,
		"write-power": {
			value: "FILE",
			about:
				"write what a core and the node draw, which --model-energy of adapt and tradeoff reads from data/derived/deployed-power.yaml",
		},
	},
	exits: { 3: "no run could be aligned with the load" },
	run: async (call) => {
		const { values, args: logs } = call;
		const { idle: idle_s, resamples, seed, "write-power": power } = values;
		const files = await filesOf(logs, values);
		const found = deployment(await readVideoDeployment(files), { ...deploymentDefaults, idle_s, resamples, seed });
		if (power !== undefined) await writePower(power, found, logs);
		answer(values.json, found, () => deploymentText(found), "steps");
		if (values.report !== undefined) {
			const whole = (file: string | undefined) => file && resolve(file);
			const { trace, runs: table, decisions } = files;
			const own = { logs: files.logs.map((log) => resolve(log)), trace: whole(trace), runs: whole(table) };
			const given = { ...files, ...own, decisions: whole(decisions) };
			const { reportOn } = await import("./reportCommand.js");
			await reportOn("own/deployment", { files: given, idle_s, resamples, seed }, values.report, call);
		}
		return found.runs.length === 0 ? 3 : 0;
	},
});

async function filesOf(
	logs: readonly string[],
	{
		trace,
		window,
		runs,
		decisions,
	}: { readonly [Name in "trace" | "window" | "runs" | "decisions"]: string | undefined },
): Promise<DeploymentFiles> {
	if (logs.length === 0) {
		if (trace ?? window ?? runs ?? decisions)
			refuse("LOG", "must be given with --trace, --window, --runs or --decisions");
		return shippedDeployment();
	}
	const [first = ""] = logs;
	if (logs.length === 1 && (await isFolder(first)))
		return (
			(await deploymentFilesOf(first)) ??
			refuse("LOG", `must be a log, or a dataset whose provenance has a deployment, not ${first}`)
		);
	if (trace === undefined)
		return refuse(
			"--trace",
			"must be given: whole logs hold idle time, set-up and tails of any length, and are not compared",
		);
	const beside = /-1s\.csv(\.gz)?$/.test(first) ? first.replace(/-1s\.csv(\.gz)?$/, "-runs.csv") : undefined;
	const found = beside !== undefined && existsSync(beside) ? beside : undefined;
	return { logs, trace, window, runs: runs ?? found, decisions };
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
	await writeAside(file, stringify(content, { lineWidth: 120 }));
}

function deploymentText(found: Deployment): string {
	const lines: string[] = [];
	const { runs, power, explained, ranks, decisions } = deployed(found);
	const section = (title: string, rows: Perhaps<readonly object[]>) => {
		if (rows.status === "available") lines.push(title, ...tableText(rawTable(rows.value)), "");
	};
	section("Runs", runs);
	for (const { run, reason } of found.refused) lines.push(`run ${run}: refused: ${reason}`, "");
	for (const pair of found.overlapping)
		lines.push(`runs ${pair.join(" and ")} overlap by their node's clock: they read the same counters`, "");
	section("Package power", power);
	if (found.busy_cores.status === "unavailable") lines.push(`busy cores: unavailable: ${found.busy_cores.reason}`, "");
	section("Variance of power explained, steps of 10 s", explained);
	section("Systems by power and by allocated cores", ranks);
	section("Were the decisions acted on?", decisions);
	return lines.join("\n").trimEnd();
}
