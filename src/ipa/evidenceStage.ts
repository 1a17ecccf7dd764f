import { InputError } from "../errors.js";
import type { EvidenceCell } from "../evaluation/evidence.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { Kind } from "../units.js";

/** Power of an idle replica of a cell, W. */
export type IdleOf = (cell: EvidenceCell) => { readonly idle_power_w: number; readonly kind: Kind };

/**
 * A stage's profile from measured cells of one population: a point for each cell that has no flag. The energy of a batch
 * keeps its kind and, where the cell was repeated, its standard error; the idle power is the caller's, with its own kind.
 *
 * @param cells of one variant, allocation and batch each; cells that differ in another knob alone are refused
 * @throws InputError naming the cell that has no latency or accuracy, or that repeats another
 */
export function evidenceStage(name: string, cells: readonly EvidenceCell[], idleOf: IdleOf): StageProfile {
	const seen = new Set<string>();
	const points = cells
		.filter(({ flags }) => flags.length === 0)
		.map((cell): ProfilePoint => {
			const { dataset, line, variant, allocation, batch, latency_s, accuracy_pct, throughput_rps, energy } = cell;
			const at = { file: dataset, line };
			if (latency_s === undefined)
				throw new InputError({ ...at, field: "latency_s", rule: "must be there for a profile" });
			if (accuracy_pct === undefined)
				throw new InputError({ ...at, field: "accuracy_pct", rule: "must be there for a profile" });
			const key = JSON.stringify([variant, allocation, batch]);
			if (seen.has(key))
				throw new InputError({ ...at, rule: "must be the one cell of its variant, allocation and batch", value: key });
			seen.add(key);
			return {
				variant,
				accuracy_pct,
				cores: allocation,
				batch,
				latency_s,
				throughput_rps: throughput_rps ?? batch / latency_s,
				kind: cell.kind,
				...(energy.status === "available" ? { energy: { ...profileEnergy(cell, energy), ...idle(idleOf(cell)) } } : {}),
			};
		});
	const [first] = points;
	if (first === undefined) throw new InputError({ file: name, rule: "must have at least one cell without a flag" });
	return { name, points, initial_variant: first.variant, initial_cores: first.cores };
}

function profileEnergy(
	{ batch, repetitions }: EvidenceCell,
	energy: Extract<EvidenceCell["energy"], { status: "available" }>,
) {
	const { energy_sd_j_per_request: sd, energy_j_per_batch, kind } = energy;
	return {
		energy_j_per_batch,
		kind,
		...(sd === undefined || repetitions === undefined || repetitions < 2
			? {}
			: { energy_se_j_per_batch: (batch * sd) / Math.sqrt(repetitions) }),
	};
}

function idle({ idle_power_w, kind }: ReturnType<IdleOf>) {
	return { idle_power_w, idle_kind: kind };
}
