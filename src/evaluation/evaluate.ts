import { groupBy } from "../group.js";
import { type DeviceClass, type Evidence, undeclaredWorkloads } from "./evidence.js";
import { type Accounting, type Grid, gridOf, idleRules, type MetricName } from "./grid.js";
import {
	type Decision,
	type FormulaFinding,
	gridLabels,
	type KnobLabels,
	type Label,
	type MetricLabel,
	type OpenReason,
} from "./label.js";
import { type BandTallies, type GridCosts, gridCosts, gridTallies, type KnobTallies } from "./misranked.js";
import { type Population, populationsOf } from "./population.js";
import { type FormulaError, formulaErrors, formulasOf, type PowerFormula } from "./powerFormula.js";
import { type EvaluationSettings, type Thresholds, thresholdsOf } from "./settings.js";

/** What is pooled: a device class, or the trajectory of one controller, which is shown alone. */
export interface StudyGroup {
	readonly device: DeviceClass;
	/** The data set whose cells a controller visited; absent for a device class. */
	readonly trajectory?: string;
	readonly grid: Grid;
	/** Calibrations of the power formula by their size, the one that decides first. */
	readonly formulas: readonly PowerFormula[];
	/** By knob: how far each formula's power is off. */
	readonly formula_errors: ReadonlyMap<string, readonly (FormulaError | undefined)[]>;
	readonly tallies: readonly BandTallies[];
	readonly labels: readonly KnobLabels[];
}

/** What became of a data set. */
export interface DatasetUse {
	readonly dataset: string;
	readonly cells: number;
	readonly populations: number;
	readonly leftOut: Readonly<Record<string, number>>;
	/** Knobs that nobody declared and that read as what a request asks for: the owner of the table is asked. */
	readonly undeclared_workloads: readonly string[];
}

/** One threshold moved, and the labels that change with it. */
export interface MovedThreshold {
	readonly threshold: keyof Thresholds;
	readonly value: number;
	/** Labels of the knobs, of how many. */
	readonly labels: number;
	readonly changed: readonly {
		readonly device: DeviceClass;
		readonly trajectory?: string;
		readonly knob: string;
		readonly band: string;
		readonly accounting: KnobLabels["accounting"];
		readonly from: Label;
		readonly to: Label;
	}[];
}

/** The study of a body of evidence. */
export interface Evaluation {
	readonly settings: EvaluationSettings;
	readonly groups: readonly StudyGroup[];
	readonly datasets: readonly DatasetUse[];
}

/**
 * Does energy add information to IPA's metrics? Labels for each device class, knob, band of rates, metric and accounting
 * of idle power, from evidence alone: modelled energies are left out and counted.
 *
 * @param evidence data sets as readEvidence and readCellsCsv give them
 * @param settings as data/evaluation.yaml holds them
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * study.groups.map(({ device }) => device); // → ["cpu"]
 */
export function evaluate(
	evidence: readonly Evidence[],
	settings: EvaluationSettings,
	onGroup: (done: number, groups: number) => void = () => undefined,
): Evaluation {
	const thresholds = thresholdsOf(settings);
	const found = evidence.map((set) => ({ set, ...populationsOf(set) }));
	const populations = found.flatMap((one) => one.populations);
	return {
		settings,
		groups: groupsOf(populations, thresholds).map((group, done, { length }) => {
			onGroup(done, length);
			const formulas = formulasOf(group.grid, thresholds, settings.formula_cells_shown, settings.seed);
			const tallies = gridTallies(group.grid, thresholds, settings.bands, formulas);
			const formula_errors = formulaErrors(group.grid, formulas);
			return {
				...group,
				formulas,
				formula_errors,
				tallies,
				labels: gridLabels(group.grid, tallies, thresholds, formulas),
			};
		}),
		datasets: found.map(
			({ set, populations: own, leftOut }): DatasetUse => ({
				dataset: set.dataset,
				cells: own.reduce((sum, { cells }) => sum + cells.length, 0),
				populations: own.length,
				leftOut,
				undeclared_workloads: undeclaredWorkloads(set),
			}),
		),
	};
}

/**
 * The labels once more for each value that a threshold is moved to: which of them hang on it.
 *
 * @param bands of rates whose labels are looked at; all of them, unless they are named (each takes its time again)
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * const moved = evaluation.sensitivityOf(study, ["middle"]);
 * moved.every(({ changed, labels }) => changed.length <= labels); // → true
 */
export function sensitivityOf(
	{ settings, groups: all }: Pick<Evaluation, "settings" | "groups">,
	bands: readonly string[] = settings.bands.map(({ name }) => name),
): MovedThreshold[] {
	const within = { ...settings, bands: settings.bands.filter(({ name }) => bands.includes(name)) };
	const groups = all.map((group) => ({
		...group,
		costs: gridCosts(group.grid, true),
		tallies: group.tallies.filter(({ band }) => bands.includes(band)),
		labels: group.labels.filter(({ band }) => bands.includes(band)),
	}));
	const names = Object.keys(settings.thresholds) as (keyof Thresholds)[];
	return names.flatMap((threshold) =>
		settings.thresholds[threshold].moved.map((value): MovedThreshold => {
			const moved = { ...thresholdsOf(settings), [threshold]: value };
			const changed = groups.flatMap((group) => changedLabels(group, moved, threshold, within));
			return { threshold, value, labels: groups.reduce((sum, { labels }) => sum + labels.length, 0), changed };
		}),
	);
}

/** Thresholds that decide on sums and change none. */
const decisive: ReadonlySet<keyof Thresholds> = new Set([
	"misranked_bound",
	"level",
	"minimum_variants",
	"minimum_machines",
	"minimum_outlasting",
	"stands_still_ties",
	"prior_variants",
]);

function changedLabels(
	{ device, trajectory, grid, formulas, tallies, labels, costs }: StudyGroup & { readonly costs: GridCosts },
	moved: Thresholds,
	threshold: keyof Thresholds,
	{ bands, seed }: EvaluationSettings,
): MovedThreshold["changed"] {
	const movedGrid = threshold === "most_stratum_cells" ? gridOf(grid.populations, moved.most_stratum_cells) : grid;
	// A calibration of a size that is shown has been fitted and summed already.
	const shown = threshold === "formula_cells" ? formulas.findIndex(({ cells }) => cells === moved.formula_cells) : 0;
	const formula =
		threshold.startsWith("formula_") && shown < 1
			? formulasOf(movedGrid, moved, [], seed)
			: formulas.slice(shown, shown + 1);
	const { dedicated, shared } = idleRules(moved);
	// What is moved of one accounting leaves the other as it is.
	const rules = threshold.startsWith("idle_dedicated")
		? { dedicated }
		: /^(idle_|shared_)/.test(threshold)
			? { shared }
			: { dedicated, shared };
	const sums =
		shown > 0
			? tallies.map((band) => ({
					...band,
					ends: band.ends.map((knobs) => knobs.map((knob) => withFormula(knob, shown))),
				}))
			: decisive.has(threshold)
				? tallies
				: // Other strata have other pairs of the same cells.
					gridTallies(movedGrid, moved, bands, formula, rules, costs);
	const others = gridLabels(movedGrid, sums, moved, formula);
	return labels.flatMap(({ knob, band, accounting, label }) => {
		const other = others.find((one) => one.knob === knob && one.band === band && one.accounting === accounting);
		const to = other?.label ?? label;
		const which = { device, ...(trajectory === undefined ? {} : { trajectory }), knob, band, accounting };
		return to === label ? [] : [{ ...which, from: label, to }];
	});
}

function withFormula({ metrics, formulas }: KnobTallies, formula: number): KnobTallies {
	return { metrics, formulas: formulas.slice(formula, formula + 1) };
}

function groupsOf(populations: readonly Population[], { most_stratum_cells }: Thresholds) {
	const groups = groupBy(populations, ({ device, trajectory, dataset }) =>
		JSON.stringify([device, trajectory ? dataset : null]),
	);
	return [...groups.values()].map((members) => {
		const { device, trajectory, dataset } = members[0] as Population;
		return {
			device,
			...(trajectory ? { trajectory: dataset } : {}),
			grid: gridOf(members, most_stratum_cells),
		};
	});
}

/** One label with everything that it rests on: device class x knob x band x accounting x metric. */
export interface LabelRow {
	readonly device: DeviceClass;
	/** The data set whose controller visited the cells; absent for a device class. */
	readonly trajectory?: string;
	readonly knob: string;
	readonly band: string;
	readonly accounting: Accounting;
	readonly metric: MetricName;
	readonly label: Label;
	/** Where it stands in: energy runs against the direction that was fixed beforehand. */
	readonly reversed: boolean;
	/** Where `derivable`: the metric that stands in, or the formula. */
	readonly by?: MetricName | "formula";
	/** Where `undetermined`. */
	readonly reason?: OpenReason;
	/** What was found at each idle power: shares of the least power where it was not measured. */
	readonly ends: readonly (Decision & { readonly idle_share: number })[];
	/** The power formula after 8, and for comparison 4 and 16, calibration cells. */
	readonly formula: readonly (FormulaFinding & { readonly log_power_error?: FormulaError })[];
	/** True for the metric whose label a table shows for the knob. */
	readonly shown: boolean;
}

/**
 * Every label of a study as one flat list, in the order of its groups, accountings, bands, knobs and metrics.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * evaluation.labelRows(study).every(({ device }) => device === "cpu"); // → true
 */
export function labelRows({ groups, settings }: Pick<Evaluation, "groups" | "settings">): LabelRow[] {
	const { thresholds } = settings;
	const shares: Readonly<Record<Accounting, readonly number[]>> = {
		dedicated: [thresholds.idle_dedicated_low.value, thresholds.idle_dedicated_high.value],
		shared: [thresholds.idle_shared_low.value, thresholds.idle_shared_high.value],
	};
	return groups.flatMap((group) =>
		group.labels.flatMap((knob) => knob.metrics.map((metric) => rowOf(group, knob, metric, shares[knob.accounting]))),
	);
}

function rowOf(
	{ device, trajectory, formula_errors }: StudyGroup,
	labels: KnobLabels,
	{ metric, label, reversed, by, reason, ends }: MetricLabel,
	shares: readonly number[],
): LabelRow {
	const { knob, band, accounting } = labels;
	const errors = formula_errors.get(knob) ?? [];
	return {
		device,
		...(trajectory === undefined ? {} : { trajectory }),
		knob,
		band,
		accounting,
		metric,
		label,
		reversed: reversed === true,
		...(by === undefined ? {} : { by }),
		...(reason === undefined ? {} : { reason }),
		ends: ends.map((end, e) => ({ idle_share: shares[e] as number, ...end })),
		formula: [labels.formula, ...labels.formula_shown].map((finding, f) => {
			const log_power_error = errors[f];
			return log_power_error === undefined ? finding : { ...finding, log_power_error };
		}),
		shown: metric === labels.metric,
	};
}

/**
 * How many labels claim something, and how many of these would by chance alone were every claim false: each is held to
 * its own level, and no correction is made over all of them.
 */
export function multiplicity(rows: readonly LabelRow[], level: number) {
	const claims = rows.filter(({ label }) => label === "stands-in" || label === "independent").length;
	return { labels: rows.length, claims, by_chance_at_most: (1 - level) * claims };
}
