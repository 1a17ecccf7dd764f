import type { WindowStudy } from "../../adaptation/compareWindows.js";
import { type SystemName, systemSpec } from "../../adaptation/systems.js";
import type { PipelineSpec } from "../../pipeline/spec.js";

/** Rows for a table: how often the weights choose the lightest or the heaviest variants, over every step of every window. */
export function choiceShareRows(studies: readonly WindowStudy[]): Record<string, string | number>[] {
	return studies.map((study) => {
		const { spec } = study;
		const lightest = variantsOf(systemSpec(spec, "fa2-low", 1));
		const heaviest = variantsOf(systemSpec(spec, "fa2-high", 1));
		const own = (system: SystemName) => [share(study, system, lightest), share(study, system, heaviest)] as const;
		const [plainLight, plainHeavy] = own("ipa");
		const [awareLight, awareHeavy] = own("ipa-energy");
		return {
			pipeline: spec.name,
			alpha: spec.weights.alpha,
			beta: spec.weights.beta,
			"ipa: all lightest (%)": plainLight,
			"ipa: all heaviest (%)": plainHeavy,
			"with energy: all lightest (%)": awareLight,
			"with energy: all heaviest (%)": awareHeavy,
		};
	});
}

function variantsOf({ stages }: PipelineSpec): string {
	return JSON.stringify(stages.map(({ initial_variant }) => initial_variant));
}

function share({ runs }: WindowStudy, name: SystemName, variants: string): number {
	const steps = runs.flatMap(({ rows }) => {
		const outcome = rows.find(({ system }) => system === name)?.outcome;
		return outcome?.status === "served" ? outcome.steps : [];
	});
	const same = steps.filter(({ plan }) => JSON.stringify(plan.stages.map(({ variant }) => variant)) === variants);
	return Number(((100 * same.length) / steps.length).toFixed(1));
}
