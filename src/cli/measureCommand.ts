import { join } from "node:path";
import { parseArgs } from "node:util";
import { planFile } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { writeMeasuredDataset } from "../measurement/dataset.js";
import { measurePlan } from "../measurement/measurePlan.js";
import { detectMeters } from "../measurement/meters.js";
import { anyServerCoefficients, readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { readPlan } from "../measurement/plan.js";
import { parseShard, wholePlan } from "../measurement/planCells.js";
import { progressLine } from "../measurement/progress.js";
import { interrupted, untilSignal } from "./output/untilSignal.js";

export const measureUsage = `sustainable-ipa measure PLAN [--out FOLDER] [--shard I/N] [--model-energy] [--name-host]
  Runs a plan (a file, or a shipped one: video-quick, video-full, one-stage, one-knob, notebook) and writes FOLDER/dataset,
  which \`sustainable-ipa evaluate\` takes. Each finished repetition is kept in FOLDER/journal.jsonl: a run that was
  stopped (Ctrl-C) or killed goes on from there when the same command is given again.
  --out FOLDER     where the journal and the dataset go (default: measurements/<plan>, with -<I>of<N> for a shard)
  --shard I/N      only part I (from 0) of N of the plan, for a run over several nodes (see k8s and merge)
  --model-energy   add energies modelled from latency, cores and CPU time; they are labelled and never evidence
  --name-host      record the machine's name; by default neither it nor a path of its user's is in what is written`;

/** Measures a plan. Exit code 0 when it is complete, 130 when Ctrl-C stopped it. */
export async function measureCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		options: {
			out: { type: "string" },
			dataset: { type: "string" },
			shard: { type: "string" },
			"model-energy": { type: "boolean", default: false },
			"name-host": { type: "boolean", default: false },
		},
		allowPositionals: true,
	});
	const [name, ...more] = positionals;
	if (name === undefined || more.length > 0)
		throw new InputError({ file: "measure", field: "PLAN", rule: "name one plan" });
	const plan = await readPlan(planFile(name));
	const shard = values.shard === undefined ? wholePlan : parseShard(values.shard);
	const part = shard.count === 1 ? "" : `-${shard.index}of${shard.count}`;
	const folder = values.out ?? join("measurements", `${plan.name}${part}`);
	const model = values["model-energy"] ? await readEnergyCoefficients(anyServerCoefficients) : undefined;

	const meters = await detectMeters(plan);
	console.error(
		meters.available.length > 0
			? `energy by ${meters.available.map(({ name }) => name).join(", ")}`
			: "energy unavailable: no energy source; latency, throughput and CPU time are measured all the same",
	);
	for (const { probe, reason } of meters.unavailable) console.error(`  ${probe}: ${reason}`);

	const outcome = await untilSignal((signal) =>
		measurePlan(plan, {
			folder,
			shard,
			meters,
			nameHost: values["name-host"],
			signal,
			report: (progress) => showProgress(progressLine(progress)),
		}),
	);
	if (process.stderr.isTTY) process.stderr.write("\n");
	if (outcome.status === "stopped") {
		console.error(
			`stopped after ${outcome.finished} of ${outcome.planned} repetitions, all kept in ${folder}; give the same command again to go on`,
		);
		return interrupted;
	}
	const cells = await writeMeasuredDataset(folder, plan, [outcome.records], { model, dataset: values.dataset });
	console.log(`${cells.length} cells from ${outcome.finished} repetitions: ${join(folder, "dataset")}`);
	return 0;
}

function showProgress(line: string): void {
	// One line that rewrites itself on a terminal, whole lines elsewhere.
	process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}
