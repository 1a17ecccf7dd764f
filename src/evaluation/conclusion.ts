import { holm } from "../statistics/holm.js";
import type { MetricName } from "./metrics.js";
import { metrics } from "./metrics.js";
import type { Study } from "./study.js";
import { type MetricVerdict, type Thresholds, type Verdict, verdictsOf } from "./verdict.js";

/** The verdict on one metric over every knob and dataset that may count. */
export interface MetricConclusion {
	readonly metric: MetricName;
	/** False where no source that counts gives or varies the metric: what is untested does not hold the answer up. */
	readonly tested: boolean;
	readonly verdict: Verdict;
	readonly because: string;
	/** Rows whose claim survives Holm's correction over all rows of the metric. */
	readonly claims: readonly MetricVerdict[];
}

/** Do all of IPA's metrics together determine energy? */
export interface JointConclusion {
	readonly verdict: Verdict;
	readonly because: string;
	/** Datasets whose whole interval is at or over the threshold, and those whose whole interval is under it. */
	readonly predictedIn: readonly string[];
	readonly notPredictedIn: readonly string[];
}

/** What choosing without energy costs. */
export interface RegretConclusion {
	readonly material: boolean;
	readonly because: string;
}

/** The answer to the question over a set of studies. */
export interface Conclusion {
	readonly verdict: Verdict;
	readonly because: string;
	readonly metrics: readonly MetricConclusion[];
	readonly joint: JointConclusion;
	readonly regret: RegretConclusion;
}

/**
 * The answer for energy per request. Only whole-dataset studies without suspect cells, and not barred, are counted.
 *
 * - A metric is `coupled` when at least one row says so, in one and the same direction, and no row shows the contrary:
 *   a universal claim falls to one measured counterexample. It is `adds-information` when a row shows that.
 * - Energy is `coupled` when some metric is. It is `adds-information` when every metric that the sources give has a
 *   counterexample and choosing without energy leaves a material share of it on the table. Otherwise it is
 *   `undetermined`. Whether all metrics together predict energy is a finding beside it: what can be estimated from
 *   other metrics need not be measured everywhere, but a chooser that ignores it still loses it.
 */
export function conclude(studies: readonly Study[], thresholds: Thresholds, level: number): Conclusion {
	const counted = studies.filter(
		(study) => study.population === undefined && study.selection === "clean" && study.barred === undefined,
	);
	const rows = counted.flatMap((study) => verdictsOf(study, "request", thresholds));
	const conclusions = metrics.map(({ name }) =>
		concludeMetric(
			name,
			rows.filter(({ metric }) => metric === name),
			1 - level,
		),
	);
	const joint = concludeJoint(counted, thresholds);
	const regret = concludeRegret(counted, thresholds);
	return { ...overall(conclusions, joint, regret), metrics: conclusions, joint, regret };
}

function concludeMetric(metric: MetricName, rows: readonly MetricVerdict[], alpha: number): MetricConclusion {
	const claims = survivors(rows, alpha);
	const tested = rows.some(({ correlation, verdict }) => correlation !== undefined || verdict !== "undetermined");
	const against = claims.filter(({ verdict }) => verdict === "adds-information");
	const coupled = claims.filter(({ verdict }) => verdict === "coupled");
	const named = (list: readonly MetricVerdict[]) =>
		list.map(({ dataset, knob }) => `${dataset} over ${knob}`).join(", ");
	if (against.length > 0)
		return { metric, tested, verdict: "adds-information", because: `not followed in ${named(against)}`, claims };
	if (new Set(coupled.map(({ direction }) => direction)).size > 1)
		return {
			metric,
			tested,
			verdict: "adds-information",
			because: `rises here and falls there: ${named(coupled)}`,
			claims,
		};
	if (coupled.length > 0)
		return { metric, tested, verdict: "coupled", because: `followed in ${named(coupled)}`, claims };
	return { metric, tested, verdict: "undetermined", because: "no row that counts makes a claim", claims };
}

/** Rows that claim something, kept by Holm's procedure over the claims that rest on a test. */
function survivors(rows: readonly MetricVerdict[], alpha: number): MetricVerdict[] {
	const tested = rows.filter(({ p }) => p !== undefined);
	const corrected = holm(tested.map(({ p }) => p as number));
	const kept = new Set(
		tested.filter((_, i) => corrected.status === "ok" && (corrected.adjusted[i] as number) <= alpha),
	);
	return rows.filter((row) => row.verdict !== "undetermined" && (row.p === undefined || kept.has(row)));
}

function concludeJoint(
	counted: readonly Study[],
	{ coupled_explained, minimum_clusters }: Thresholds,
): JointConclusion {
	const shares = counted.flatMap(({ dataset, joint }) =>
		joint.flatMap(({ knob, per, explained }) =>
			knob === "all" && per === "request" && explained.status === "estimated" && explained.clusters >= minimum_clusters
				? [{ dataset, ...explained }]
				: [],
		),
	);
	const said = shares
		.map(
			({ dataset, r2, interval }) =>
				`${dataset} R2 ${r2.toFixed(2)} (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`,
		)
		.join(", ");
	const named = (list: readonly { readonly dataset: string }[]) => list.map(({ dataset }) => dataset);
	const predictedIn = named(shares.filter(({ interval }) => interval.low >= coupled_explained));
	const notPredictedIn = named(shares.filter(({ interval }) => interval.high < coupled_explained));
	const verdict: Verdict =
		notPredictedIn.length > 0
			? "adds-information"
			: shares.length > 0 && predictedIn.length === shares.length
				? "coupled"
				: "undetermined";
	return { verdict, because: said || "no dataset has enough variants", predictedIn, notPredictedIn };
}

function concludeRegret(counted: readonly Study[], { material_regret }: Thresholds): RegretConclusion {
	const found = counted.flatMap(({ dataset, regret }) =>
		regret.flatMap((entry) => (entry.status === "estimated" && entry.tolerance <= 0.01 ? [{ dataset, ...entry }] : [])),
	);
	const said = found.map(
		({ dataset, tolerance, p90 }) =>
			`${dataset} ${(100 * p90).toFixed(1)} % within ${100 * tolerance} % of the objective`,
	);
	return { material: found.some(({ p90 }) => p90 >= material_regret), because: said.join(", ") || "no scenario" };
}

function overall(
	conclusions: readonly MetricConclusion[],
	joint: JointConclusion,
	regret: RegretConclusion,
): Pick<Conclusion, "verdict" | "because"> {
	const coupled = conclusions.filter(({ verdict }) => verdict === "coupled").map(({ metric }) => metric);
	if (coupled.length > 0) return { verdict: "coupled", because: `with ${coupled.join(", ")}` };
	const open = conclusions
		.filter(({ verdict, tested }) => tested && verdict === "undetermined")
		.map(({ metric }) => metric);
	if (open.length > 0) return { verdict: "undetermined", because: `nothing decides ${open.join(", ")}` };
	if (!conclusions.some(({ tested }) => tested))
		return { verdict: "undetermined", because: "no metric could be tested" };
	if (!regret.material)
		return { verdict: "undetermined", because: "no metric stands in for it, but ignoring it costs little energy" };
	const { predictedIn, notPredictedIn } = joint;
	const together = [
		...(predictedIn.length > 0
			? [
					`all metrics together predict it in ${predictedIn.join(", ")}, so there it can be estimated but not left out of the choice`,
				]
			: []),
		...(notPredictedIn.length > 0 ? [`not even all metrics together predict it in ${notPredictedIn.join(", ")}`] : []),
	];
	return {
		verdict: "adds-information",
		because: ["no metric stands in for it and ignoring it costs energy", ...together].join("; "),
	};
}
