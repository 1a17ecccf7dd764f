import type { Evidence, EvidenceCell, EvidenceFlag } from "../../src/evaluation/evidence.js";

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
