import type { Evidence, EvidenceCell, EvidenceFlag } from "../../src/evaluation/evidence.js";
import type { EvaluationSettings } from "../../src/evaluation/settings.js";

/** A cell with everything set; energy per request is `energy_j`. */
export function cell(
	given: Partial<Omit<EvidenceCell, "energy">> & { energy_j: number; energyKind?: "measured" | "modelled" },
): EvidenceCell {
	const { energy_j, energyKind = "measured", ...rest } = given;
	const batch = rest.batch ?? 1;
	return {
		dataset: "d",
		population: "p",
		hardware: "h",
		device: "cpu",
		variant: "v",
		allocation: 1,
		batch,
		replicas: 1,
		knobs: {},
		workload: {},
		request_unit: "image",
		latency_s: 1,
		throughput_rps: 1,
		kind: "measured",
		flags: [],
		line: 1,
		...rest,
		energy: {
			status: "available",
			kind: energyKind,
			energy_j_per_request: energy_j,
			energy_j_per_batch: energy_j * batch,
		},
	};
}

export function evidence(
	cells: readonly EvidenceCell[],
	given: { flags?: readonly EvidenceFlag[]; barred?: string; dataset?: string } = {},
): Evidence {
	const dataset = given.dataset ?? "d";
	return {
		dataset,
		provenance: {
			dataset,
			title: "",
			source: "",
			commit: "",
			path: "",
			hardware: "",
			energy_method: "",
			kind: "measured",
			units: {},
			licence: "",
			caveats: [],
			files: [],
			flags: given.flags ?? [],
			...(given.barred === undefined ? {} : { barred: given.barred }),
		},
		cells: cells.map((one, index) => ({ ...one, dataset, line: index + 2 })),
	};
}

const at = (value: number) => ({ value, reason: "a test's own value" });

export const settings: EvaluationSettings = {
	seed: 1,
	resamples: 400,
	level: 0.95,
	thresholds: {
		coupled_correlation: at(0.9),
		coupled_discordance: at(0.1),
		coupled_explained: at(0.9),
		minimum_clusters: at(5),
		material_regret: at(0.05),
	},
	sensitivity: {
		coupled_correlation: [0.8, 0.9],
		coupled_discordance: [0.1],
		coupled_explained: [0.9],
		minimum_clusters: [5, 50],
		material_regret: [0.05],
	},
	agreement_tolerances: [0.01, 0.1],
	regret: {
		alpha: [0, 10],
		beta: [1],
		gamma: [0],
		sla_quantiles: [0.5, 1],
		rate_multiples: [1, 10],
		objective_tolerances: [0, 0.01],
	},
};
