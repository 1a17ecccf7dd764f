import type { Accounting } from "./configurations.js";
import type { Decision, OpenReason } from "./decide.js";
import type { Evaluation, StudyGroup } from "./evaluate.js";
import type { DeviceClass } from "./evidence.js";
import type { Label, MetricLabel } from "./label.js";
import type { FormulaFinding, KnobLabels } from "./labels.js";
import type { MetricName } from "./misranked.js";

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

/** |log P error| of a formula over the knob's cells and draws. */
export interface FormulaError {
	readonly p50: number;
	readonly p90: number;
}

/** Every label of a study as one flat list, in the order of its groups, accountings, bands, knobs and metrics. */
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
