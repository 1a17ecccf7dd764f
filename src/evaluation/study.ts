import { groupBy } from "../group.js";
import { type Admitted, admissible, type Selection } from "./admissible.js";
import { type Attribution, attribution } from "./attribution.js";
import { type Coupling, coupling, type ResamplingOptions } from "./coupling.js";
import type { Evidence, EvidenceCell, Provenance } from "./evidence.js";
import { type Explained, explained } from "./explained.js";
import { type Fronts, fronts } from "./fronts.js";
import { type Lookalikes, lookalikes } from "./lookalikes.js";
import { type Denominator, denominators, energyOf, type MetricName, metrics } from "./metrics.js";
import { type Regret, regret } from "./regret.js";
import type { EvaluationSettings } from "./settings.js";
import { type SimpsonFinding, simpson } from "./simpson.js";
import { clusterOf, type Knob, knobsOf, strataOf } from "./strata.js";

/** One metric against energy while one knob varies. */
export interface CouplingRow {
	readonly knob: Knob;
	readonly metric: MetricName;
	readonly per: Denominator;
	readonly coupling: Coupling;
	/** Out-of-sample R2 of this metric alone. */
	readonly explained: Explained;
}

/** All metrics that IPA has, together, against energy while one knob varies. */
export interface JointRow {
	readonly knob: Knob;
	readonly per: Denominator;
	readonly explained: Explained;
	/** Median over the strata of the largest energy / the smallest, and the clusters that these strata hold. */
	readonly energyRatio: number;
	readonly clusters: number;
}

/** What one set of cells says: a population, or a whole dataset with its populations kept apart as strata. */
export interface Study {
	readonly dataset: string;
	/** Name of the population, or undefined for the dataset as a whole. */
	readonly population?: string;
	readonly selection: Selection;
	/** Why none of this may count in a verdict, where the provenance file says so. */
	readonly barred?: string;
	readonly cells: number;
	readonly leftOut: Admitted["leftOut"];
	readonly variants: number;
	readonly knobs: readonly Knob[];
	readonly couplings: readonly CouplingRow[];
	readonly joint: readonly JointRow[];
	readonly simpson: readonly (SimpsonFinding & { readonly metric: MetricName; readonly per: Denominator })[];
	readonly attribution: Attribution;
	readonly lookalikes: readonly Lookalikes[];
	readonly fronts: readonly Fronts[];
	readonly regret: readonly Regret[];
}

/**
 * Every analysis of the question for one dataset: as a whole (when it has several populations) and per population,
 * without its suspect cells and, where it has any, with them. Empty where no cell is admissible.
 */
export function studiesOf(evidence: Evidence, settings: EvaluationSettings): Study[] {
	const selections: Selection[] = ["clean", "with-suspect"];
	const studies: Study[] = [];
	let cleanCells = -1;
	for (const selection of selections) {
		const admitted = admissible(evidence, selection);
		if (admitted.cells.length === cleanCells || admitted.cells.length === 0) continue;
		if (selection === "clean") cleanCells = admitted.cells.length;
		studies.push(study(evidence.provenance, admitted, selection, settings));
		const populations = groupBy(admitted.cells, (cell) => cell.population);
		if (populations.size < 2) continue;
		for (const [population, cells] of populations) {
			studies.push(study(evidence.provenance, { cells, leftOut: {} }, selection, settings, population));
		}
	}
	return studies;
}

function study(
	provenance: Provenance,
	{ cells, leftOut }: Admitted,
	selection: Selection,
	settings: EvaluationSettings,
	population?: string,
): Study {
	const knobs = knobsOf(cells).filter((knob) => strataOf(cells, knob).length > 0);
	const couplings: CouplingRow[] = [];
	const joint: JointRow[] = [];
	const paradoxes: Study["simpson"][number][] = [];
	for (const per of denominators) {
		for (const { name: metric } of metrics) {
			const byKnob = new Map(knobs.map((knob) => [knob, coupling(cells, knob, metric, per, settings)]));
			for (const [knob, coupled] of byKnob) {
				const alone = explained(cells, knob, [metric], per, settings);
				couplings.push({ knob, metric, per, coupling: coupled, explained: alone });
			}
			for (const finding of simpson(byKnob)) paradoxes.push({ ...finding, metric, per });
		}
		for (const knob of knobs) joint.push(jointRow(cells, knob, per, settings));
	}
	return {
		dataset: provenance.dataset,
		...(population === undefined ? {} : { population }),
		selection,
		...(provenance.barred === undefined ? {} : { barred: provenance.barred }),
		cells: cells.length,
		leftOut,
		variants: new Set(cells.map(({ variant }) => variant)).size,
		knobs,
		couplings,
		joint,
		simpson: paradoxes,
		attribution: attribution(cells),
		lookalikes: settings.agreement_tolerances.map((tolerance) => lookalikes(cells, tolerance)),
		fronts: (["allocation", "resource_seconds_per_request"] as const).map((cost) => fronts(cells, cost)),
		regret: settings.regret.objective_tolerances.map((tolerance) => regret(cells, settings.regret, tolerance)),
	};
}

function jointRow(cells: readonly EvidenceCell[], knob: Knob, per: Denominator, options: ResamplingOptions): JointRow {
	const strata = strataOf(cells, knob);
	const ratios = strata
		.map(({ members }) => {
			const energies = members.map((i) => energyOf(cells[i] as EvidenceCell, per) as number);
			return Math.max(...energies) / Math.min(...energies);
		})
		.sort((a, b) => a - b);
	const independent = metrics.filter((metric) => metric.independent).map(({ name }) => name);
	return {
		knob,
		per,
		explained: explained(cells, knob, independent, per, options),
		energyRatio: ratios[Math.floor((ratios.length - 1) / 2)] ?? 1,
		clusters: new Set(strata.flatMap(({ members }) => members.map((i) => clusterOf(cells[i] as EvidenceCell)))).size,
	};
}
