import type { WindowStudy } from "../../adaptation/compareWindows.js";
import { systemSpec } from "../../adaptation/systems.js";

/** Rows for a table: how often the weights choose the lightest or the heaviest variants, over every step of every window. */
export function choiceShareRows(studies: readonly WindowStudy[]): Record<string, string | number>[] {
	return studies.map((study) => {
		const { spec } = study;
		const extreme = (variants: "lightest" | "heaviest") =>
			JSON.stringify(systemSpec(spec, variants, { variants }).stages.map(({ initial_variant }) => initial_variant));
		const [lightest, heaviest] = [extreme("lightest"), extreme("heaviest")];
		return {
			pipeline: spec.name,
			alpha: spec.weights.alpha,
			beta: spec.weights.beta,
			"ipa: all lightest (%)": share(study, "ipa", lightest),
			"ipa: all heaviest (%)": share(study, "ipa", heaviest),
			"with energy: all lightest (%)": share(study, "ipa-energy", lightest),
			"with energy: all heaviest (%)": share(study, "ipa-energy", heaviest),
		};
	});
}

function share({ runs }: WindowStudy, name: string, variants: string): number {
	const steps = runs.flatMap(({ rows }) => {
		const outcome = rows.find(({ system }) => system === name)?.outcome;
		return outcome?.status === "served" ? outcome.steps.slice(1) : [];
	});
	const same = steps.filter(({ plan }) => JSON.stringify(plan.stages.map(({ variant }) => variant)) === variants);
	return Number(((100 * same.length) / steps.length).toFixed(1));
}
