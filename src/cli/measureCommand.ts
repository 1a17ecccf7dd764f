import { join } from "node:path";
import { planFile } from "../datasets/root.js";
import { writeMeasuredDataset } from "../measurement/dataset.js";
import { measurePlan } from "../measurement/measurePlan.js";
import { detectMeters } from "../measurement/meters.js";
import { anyServerCoefficients, readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { readPlan } from "../measurement/plan.js";
import { parseShard, wholePlan } from "../measurement/planCells.js";
import { progressLine } from "../measurement/progress.js";
import { answer, describeCommand, jsonOption } from "./command.js";
import { modelledCellsOption } from "./mergeCommand.js";
import { interrupted, progressOn, untilSignal } from "./signals.js";

export const measureCommand = describeCommand({
	about:
		"Runs a plan and writes FOLDER/dataset, which `sustainable-ipa evaluate` takes. Each finished repetition is kept in FOLDER/journal.jsonl: a run that was stopped (Ctrl-C) or killed goes on from there when the same command is given again.",
	examples: ["video-quick", "my-plan.yaml --out measured", "video-full --shard 0/4"],
	args: [
		{
			name: "PLAN",
			about: "a plan's file, or a shipped one: video-quick, video-full, one-stage, one-knob, video-gpu, notebook",
		},
	],
	options: {
		out: {
			value: "FOLDER",
			about: "where the journal and the dataset go",
			otherwise: "measurements/<plan>, with -<I>of<N> for a shard",
		},
		dataset: {
			value: "FOLDER",
			about: "where the dataset goes instead, with its details and journal in it, to be kept with the shipped ones",
		},
		shard: {
			value: "I/N",
			about: "only part I (from 0) of N of the plan, for a run over several nodes (see k8s and merge)",
		},
		...modelledCellsOption,
		"name-host": {
			about: "record the machine's name; without it neither it nor a path of its user's is in what is written",
		},
		...jsonOption,
	},
	exits: { 130: "stopped by Ctrl-C: the same command goes on" },
	run: async ({ values, args: [name = ""], note, quiet }) => {
		const plan = await readPlan(planFile(name));
		const shard = values.shard === undefined ? wholePlan : parseShard(values.shard);
		const part = shard.count === 1 ? "" : `-${shard.index}of${shard.count}`;
		const folder = values.out ?? join("measurements", `${plan.name}${part}`);
		const model = values["model-energy"] ? await readEnergyCoefficients(anyServerCoefficients) : undefined;

		const meters = await detectMeters(plan);
		note(
			meters.available.length > 0
				? `energy by ${meters.available.map(({ name }) => name).join(", ")}`
				: "energy unavailable: no energy source; latency, throughput and CPU time are measured all the same",
		);
		for (const { probe, reason } of meters.unavailable) note(`  ${probe}: ${reason}`);

		const progress = progressOn(quiet);
		const outcome = await untilSignal((signal) =>
			measurePlan(plan, {
				folder,
				shard,
				meters,
				nameHost: values["name-host"],
				signal,
				report: (now) => progress.show(progressLine(now)),
			}),
		);
		progress.end();
		if (outcome.status === "stopped") {
			console.error(
				`stopped after ${outcome.finished} of ${outcome.planned} repetitions, all kept in ${folder}; give the same command again to go on`,
			);
			return interrupted;
		}
		const { dataset = join(folder, "dataset") } = values;
		const cells = await writeMeasuredDataset(folder, plan, [outcome.records], { model, dataset: values.dataset });
		answer(
			values.json,
			{ dataset, journal: join(folder, "journal.jsonl"), cells, repetitions: outcome.finished },
			() => `${cells.length} cells from ${outcome.finished} repetitions: ${dataset}`,
		);
		return 0;
	},
});
