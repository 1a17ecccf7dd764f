import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { withModelledEnergy } from "../pipeline/energy.js";
import { describeChoice } from "../report/energyAwareTables.js";
import { choiceUnderUncertainty } from "../search/choiceUnderUncertainty.js";
import { energyFront, energySaved, type FrontPoint, tradeOff } from "../search/energyFront.js";
import { energyWeightOptions, withEnergyWeight } from "./input/energyWeight.js";
import { leverUsage } from "./input/leverOptions.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOption, pipelineOptionNames, pipelineOptionUsage } from "./input/pipelineOption.js";

export const tradeoffUsage = `sustainable-ipa tradeoff [--profile FILE|NAME] [--derived | --family sum|product] [--ipa-home DIR] [--rate RPS] [--alpha A] [--model-energy]
                         [--resample N --seed S [--delta D | --eur-per-kwh E --eur-per-core-hour C]] [--json]
  What energy costs in the objective: the exact front of energy and objective, the weights delta at which the optimum
  changes, the knee, and the energy saved where 0, 1 and 5 % of what the objective weighs (alpha x accuracy +
  beta x cost + gamma x batches) may be lost.
${pipelineOptionUsage}
${leverUsage}
  --model-energy   give every point a modelled energy (data/derived/deployed-power.yaml, from the Video pipeline in
                   deployment): computed from cores and throughput,
                   hence no evidence; IPA's own profiles have no energy
  --resample N     optimise N times with the cells' energies drawn again from their standard errors, at this delta or
                   these prices (the pipeline's own where neither is given): how often the choice would be another; the
                   seed S (default 1) is recorded`;

/** Prints the trade-off; exit code 3 where nothing is feasible. */
export async function tradeoffCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			...pipelineOptionNames,
			...energyWeightOptions,
			alpha: { type: "string" },
			"model-energy": { type: "boolean" },
			resample: { type: "string" },
			seed: { type: "string", default: "1" },
			json: { type: "boolean" },
		},
	});
	const resamples = numberOption("--resample", values.resample, "positive integer");
	const seed = numberOption("--seed", values.seed, "whole");
	const read = await pipelineOption(values);
	const alpha = numberOption("--alpha", values.alpha, "not negative") ?? read.weights.alpha;
	const given = withEnergyWeight({ ...read, weights: { ...read.weights, alpha } }, values);
	if (resamples === undefined && (values.delta ?? values["eur-per-kwh"] ?? values["carbon-weight"]) !== undefined)
		throw new InputError({
			file: "command line",
			field: "--delta, --eur-per-kwh, --eur-per-core-hour, --carbon-weight",
			rule: "must stand with --resample: the front holds for every delta",
		});
	const spec = values["model-energy"] === true ? withModelledEnergy(given, await readEnergyCoefficients()) : given;
	const front = energyFront(spec);
	if (front.status === "infeasible") {
		console.error(`infeasible: ${front.detail}`);
		return 3;
	}
	const path = tradeOff(front.points);
	const saved = [0, 0.01, 0.05].map((loss) => energySaved(front.points, spec.weights, loss));
	const stability = resamples === undefined ? undefined : choiceUnderUncertainty(spec, { resamples, seed });
	if (values.json === true) {
		console.log(
			JSON.stringify({ pipeline: spec.name, arrival_rate_rps: spec.arrival_rate_rps, front, path, saved, stability }),
		);
		return 0;
	}
	const { energy } = (front.points[0] as FrontPoint).configuration;
	const kind = energy.status === "available" ? energy.kind : "unavailable";
	console.log(`${spec.name} at ${spec.arrival_rate_rps} requests/s, energies ${kind}`);
	console.log(
		`${front.points.length} configurations on the front${front.status === "cut" ? " (cut there)" : ""}, ${path.points.length} of them optimal for some delta (of the objective, per J/request):`,
	);
	for (const point of path.points)
		console.log(
			`${point === path.knee ? "knee" : "    "} delta ${show(point.delta_from)} to ${show(point.delta_to)}: ${show(point.energy_j_per_request)} J/request, objective without energy ${point.objective_without_energy.toPrecision(7)}  ${describeChoice(point.configuration)}`,
		);
	for (const { allowedLoss, saved: share, saved_with_floor, point } of saved)
		console.log(
			`losing at most ${100 * allowedLoss} % of what the objective weighs saves ${(100 * share).toFixed(1)} % of the energy (${kind}${saved_with_floor === undefined ? "" : `; ${(100 * saved_with_floor).toFixed(1)} % with the node's floor charged`}): ${describeChoice(point.configuration)}`,
		);
	if (stability?.status === "unavailable") console.log(`choice under uncertainty: unavailable: ${stability.reason}`);
	if (stability?.status === "resampled")
		console.log(
			`choice under uncertainty: another in ${(100 * stability.changed).toFixed(1)} % of ${stability.resamples} resamples (seed ${stability.seed})`,
		);
	return 0;
}

function show(value: number): string {
	return Number.isFinite(value) ? value.toPrecision(4) : "any larger";
}
