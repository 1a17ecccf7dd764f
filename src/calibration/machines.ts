import { type Evidence, type EvidenceCell, populationOf } from "../evaluation/evidence.js";
import { groupBy } from "../group.js";
import type { CalibrationCell } from "./cells.js";
import type { MeasuredMachine } from "./replay.js";

/** The measured cells of one population, as a machine to calibrate on. */
export interface PopulationMachine extends MeasuredMachine {
	readonly dataset: string;
	readonly population: string;
	/** `clean`: cells without a flag. `all`: those with a suspect flag too, where there are any. */
	readonly selection: "clean" | "all";
}

/**
 * The populations of a data set that have at least `atLeast` cells with a measured energy and a latency. Cells with a
 * flag that is a fault never count.
 */
export function measuredMachines(
	{ dataset, cells, provenance }: Evidence,
	selection: PopulationMachine["selection"],
	atLeast = 30,
): readonly PopulationMachine[] {
	const faults = new Set(provenance.flags.flatMap(({ name, severity }) => (severity === "fault" ? [name] : [])));
	const usable = cells.filter(
		({ flags, energy, latency_s }) =>
			energy.status === "available" &&
			energy.kind === "measured" &&
			latency_s !== undefined &&
			(selection === "clean" ? flags.length === 0 : !flags.some((flag) => faults.has(flag))),
	);
	return [...groupBy(usable, (cell) => `${populationOf(cell)}, a ${cell.request_unit}`).values()]
		.filter((own) => own.length >= atLeast)
		.map((own) => {
			const all = own.map(calibrationCell);
			return {
				dataset,
				population: populationOf(own[0] as EvidenceCell),
				selection,
				cells: all,
				power_w: Float64Array.from(own, ({ energy }, i) =>
					energy.status === "available"
						? energy.energy_j_per_request * (all[i] as CalibrationCell).throughput_rps
						: Number.NaN,
				),
			};
		});
}

/** What a table says of a cell but for its energy. Its throughput is that of one replica. */
export function calibrationCell(cell: EvidenceCell): CalibrationCell {
	const { variant, allocation, batch, replicas, knobs, latency_s = Number.NaN, throughput_rps, accuracy_pct } = cell;
	return {
		id: JSON.stringify([variant, allocation, batch, replicas, ...Object.entries(knobs).sort()]),
		variant,
		allocation,
		batch,
		knobs: replicas === 1 ? knobs : { ...knobs, replicas },
		latency_s,
		throughput_rps: throughput_rps === undefined ? batch / latency_s : throughput_rps / replicas,
		...(accuracy_pct === undefined ? {} : { accuracy_pct }),
	};
}
