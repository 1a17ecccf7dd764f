import { describeChoice } from "../report/energyAwareTables.js";
import { type ChoiceStability, choiceUnderUncertainty } from "../search/choiceUnderUncertainty.js";
import {
	type EnergyFront,
	type EnergySaved,
	energyFront,
	energySaved,
	type FrontPoint,
	type TradeOff,
	tradeOff,
} from "../search/energyFront.js";
import { answer, answerJson, describeCommand, jsonOption, refuse } from "./command.js";
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
	},
	exits: { 3: "no configuration is feasible" },
	run: async ({ values, note }) => {
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
		return 0;
	},
});

type Found = {
	readonly pipeline: string;
	readonly arrival_rate_rps: number;
	readonly front: Exclude<EnergyFront, { readonly status: "infeasible" }>;
	readonly path: TradeOff;
	readonly saved: readonly EnergySaved[];
	readonly stability: ChoiceStability | undefined;
};

function tradeoffText({ pipeline, arrival_rate_rps, front, path, saved, stability }: Found): string {
	const { energy } = (front.points[0] as FrontPoint).configuration;
	const kind = energy.status === "available" ? energy.kind : "unavailable";
	return [
		`${pipeline} at ${arrival_rate_rps} requests/s, energies ${kind}`,
		`${front.points.length} configurations on the front${front.status === "cut" ? " (cut there)" : ""}, ${path.points.length} of them optimal for some delta (of the objective, per J/request):`,
		...path.points.map(
			(point) =>
				`${point === path.knee ? "knee" : "    "} delta ${show(point.delta_from)} to ${show(point.delta_to)}: ${show(point.energy_j_per_request)} J/request, objective without energy ${point.objective_without_energy.toPrecision(7)}  ${describeChoice(point.configuration)}`,
		),
		...saved.map(
			({ allowedLoss, saved: share, saved_with_floor, point }) =>
				`losing at most ${100 * allowedLoss} % of what the objective weighs saves ${(100 * share).toFixed(1)} % of the energy (${kind}${saved_with_floor === undefined ? "" : `; ${(100 * saved_with_floor).toFixed(1)} % with the node's floor charged`}): ${describeChoice(point.configuration)}`,
		),
		...(stability?.status === "unavailable" ? [`choice under uncertainty: unavailable: ${stability.reason}`] : []),
		...(stability?.status === "resampled"
			? [
					`choice under uncertainty: another in ${(100 * stability.changed).toFixed(1)} % of ${stability.resamples} resamples (seed ${stability.seed})`,
				]
			: []),
	].join("\n");
}

function show(value: number): string {
	return Number.isFinite(value) ? value.toPrecision(4) : "any larger";
}
