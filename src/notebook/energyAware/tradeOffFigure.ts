import type { EnergyFront } from "../../search/energyFront.js";
import { tradeOff } from "../../search/tradeOff.js";
import { weakestKind } from "../../units.js";
import type { Figure } from "../figure.js";
import { scatterByGroup } from "../plots/scatterByGroup.js";
import { describeChoice } from "./choicesByLoad.js";

/** The front of energy and objective, and which of its points some weight of energy makes optimal. */
export function tradeOffFigure(name: string, front: EnergyFront, source: string): Figure {
	if (front.status === "infeasible") throw new RangeError(`${name}: ${front.detail}`);
	const { points: path, knee } = tradeOff(front.points);
	const onPath = new Map(path.map((point) => [point.configuration, point]));
	return scatterByGroup({
		title: "What energy costs in IPA's objective",
		caption: `${name}: every configuration that none beats in both; ${path.length} of ${front.points.length} are optimal for some delta. Best: up and to the left.`,
		kind: weakestKind(
			front.points.flatMap(({ configuration: { energy } }) => (energy.status === "available" ? [energy.kind] : [])),
		),
		source,
		x: "energy (J/request)",
		y: "objective without energy",
		colourTitle: "delta",
		markerTitle: "knee",
		points: front.points.map(({ configuration, energy_j_per_request, objective_without_energy }) => {
			const point = onPath.get(configuration);
			return {
				x: energy_j_per_request,
				y: objective_without_energy,
				colour: point === undefined ? "optimal for none" : "optimal for some",
				marker: point !== undefined && point === knee ? "the knee" : "other",
				hover: `${describeChoice(configuration)}${point === undefined ? "" : `; delta ${shown(point.delta_from)} to ${shown(point.delta_to)}`}`,
			};
		}),
	});
}

function shown(delta: number): string {
	return Number.isFinite(delta) ? delta.toPrecision(3) : "any larger";
}
