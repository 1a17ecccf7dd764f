import type { Study } from "../../evaluation/study.js";
import type { Figure } from "../figure.js";
import { type Line, lines } from "../plots/lines.js";
import { headlineStudies } from "./labels.js";

/** Points of a curve: every scenario would make the figure, and the notebook, too large. */
const STEPS = 100;

/** Energy left on the table by choosing without energy: the share against the scenarios, in rising order. */
export function regretCurves(studies: readonly Study[], tolerance: number): Figure {
	const curves = headlineStudies(studies).flatMap((study) =>
		study.regret.flatMap((regret): Line[] => {
			if (regret.status !== "estimated" || regret.tolerance !== tolerance || study.barred !== undefined) return [];
			const { shares } = regret;
			const steps = Array.from({ length: STEPS + 1 }, (_, step) => step);
			return [
				{
					name: study.dataset,
					x: steps.map((step) => (100 * step) / STEPS),
					y: steps.map((step) => 100 * (shares[Math.round((step / STEPS) * (shares.length - 1))] ?? 0)),
				},
			];
		}),
	);
	return lines({
		title: "Energy left on the table when IPA chooses without energy",
		caption: `Over a grid of weights, SLAs and arrival rates: energy that another choice would have saved whose objective is within ${100 * tolerance} % of the best.`,
		kind: "digitised",
		source: "measured and digitised energies, see the table of evidence",
		x: "scenarios, by rising regret (%)",
		y: "energy that could be saved (%)",
		lines: curves,
	});
}
