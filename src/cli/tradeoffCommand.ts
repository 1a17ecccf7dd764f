import { tradeoffText } from "../report/pipelineWords.js";
import { choiceUnderUncertainty } from "../search/choiceUnderUncertainty.js";
import { energyFront, energySaved, tradeOff } from "../search/energyFront.js";
import { answer, answerJson, describeCommand, jsonOption, refuse, reportOption } from "./command.js";
import {
	alphaOption,
	energyWeightOptions,
	modelEnergyOption,
	pipelineAtRate,
	pipelineOption,
	withEnergyModel,
	withEnergyWeight,
} from "./pipelineOptions.js";

export const tradeoffCommand = describeCommand({
	about:
		"What energy costs in the objective: the exact front of energy and objective, the weights delta at which the optimum changes, the knee, and the energy saved where 0, 1 and 5 % of what the objective weighs (alpha x accuracy + beta x cost + gamma x batches) may be lost.",
	examples: ["--model-energy --rate 20", "--model-energy --resample 200 --delta 1 --json"],
	options: {
		...pipelineAtRate,
		...modelEnergyOption,
		...alphaOption,
		...energyWeightOptions,
		resample: {
			value: "N",
			about:
				"optimise N times with the cells' energies drawn again from their standard errors, at this delta or these prices (the pipeline's own where neither is given): how often the choice would be another",
			range: "positive integer",
		},
		seed: { value: "S", about: "of the draws; it is recorded", range: "whole", fallback: 1 },
		...jsonOption,
		...reportOption,
	},
	exits: { 3: "no configuration is feasible" },
	run: async (call) => {
		const { values, note } = call;
		const { resample: resamples, seed } = values;
		const read = await pipelineOption(values, note);
		const alpha = values.alpha ?? read.weights.alpha;
		const given = withEnergyWeight({ ...read, weights: { ...read.weights, alpha } }, values);
		if (resamples === undefined && (values.delta ?? values["eur-per-kwh"] ?? values["carbon-weight"]) !== undefined)
			refuse(
				"--delta, --eur-per-kwh, --eur-per-core-hour, --carbon-weight",
				"must stand with --resample: the front holds for every delta",
			);
		const spec = await withEnergyModel(given, values["model-energy"]);
		const front = energyFront(spec);
		if (front.status === "infeasible") {
			if (values.json) answerJson({ pipeline: spec.name, arrival_rate_rps: spec.arrival_rate_rps, front });
			console.error(`infeasible: ${front.detail}`);
			return 3;
		}
		const path = tradeOff(front.points);
		const saved = [0, 0.01, 0.05].map((loss) => energySaved(front.points, spec.weights, loss));
		const stability = resamples === undefined ? undefined : choiceUnderUncertainty(spec, { resamples, seed });
		const found = { pipeline: spec.name, arrival_rate_rps: spec.arrival_rate_rps, front, path, saved, stability };
		answer(values.json, found, () => tradeoffText(found));
		if (values.report !== undefined)
			await (await import("./reportCommand.js")).reportOnPipeline(spec, values.report, call);
		return 0;
	},
});
