import type { Coupling } from "./coupling.js";
import type { Denominator, MetricName } from "./metrics.js";
import type { VerdictThresholds } from "./settings.js";
import type { Knob } from "./strata.js";
import type { CouplingRow, JointRow, Study } from "./study.js";

/**
 * `coupled`: energy follows the metric so tightly that the metric can stand in for it. `adds-information`: it
 * demonstrably does not. `undetermined`: the evidence cannot tell, and `because` says why.
 */
export type Verdict = "coupled" | "adds-information" | "undetermined";

/** Thresholds as plain numbers. */
export type Thresholds = VerdictThresholds<number>;

/** The verdict on one metric while one knob varies, in one study. */
export interface MetricVerdict {
	readonly dataset: string;
	readonly population?: string;
	readonly knob: Knob;
	readonly metric: MetricName;
	readonly per: Denominator;
	readonly verdict: Verdict;
	readonly because: string;
	/** 1: energy rises with the metric, -1: it falls; only where coupled. */
	readonly direction?: 1 | -1;
	/** Bootstrap probability of the opposite of the claim; absent where the claim needs no test. */
	readonly p?: number;
	readonly correlation?: number;
	readonly low?: number;
	readonly high?: number;
}

/** Verdicts on every metric and knob of a study, for one denominator. A barred study is undetermined throughout. */
export function verdictsOf(study: Study, per: Denominator, thresholds: Thresholds): MetricVerdict[] {
	const varying = new Set(
		study.couplings.filter(({ coupling }) => coupling.status === "estimated").map(({ metric }) => metric),
	);
	return study.couplings
		.filter((row) => row.per === per)
		.map((row) => {
			const joint = study.joint.find((other) => other.knob === row.knob && other.per === per) as JointRow;
			const decided =
				study.barred === undefined ? decide(row, joint, thresholds, varying.has(row.metric)) : barred(study.barred);
			return {
				dataset: study.dataset,
				...(study.population === undefined ? {} : { population: study.population }),
				knob: row.knob,
				metric: row.metric,
				per,
				...numbersOf(row.coupling),
				...decided,
			};
		});
}

type Decided = Pick<MetricVerdict, "verdict" | "because" | "direction" | "p">;

function barred(reason: string): Decided {
	return { verdict: "undetermined", because: `barred: ${reason}` };
}

function numbersOf(coupling: Coupling): Pick<MetricVerdict, "correlation" | "low" | "high"> {
	if (coupling.status === "undefined") return {};
	const { correlation, interval } = coupling;
	return interval.status === "ok" ? { correlation, low: interval.low, high: interval.high } : { correlation };
}

function decide({ coupling }: CouplingRow, joint: JointRow, thresholds: Thresholds, varies: boolean): Decided {
	if (coupling.status === "undefined" && coupling.reason === "metric-constant" && !varies)
		return undetermined("the dataset never varies this metric");
	if (coupling.status === "undefined") return decideWithoutCorrelation(coupling.reason, joint, thresholds);
	const { interval, clusters, correlation, discordance } = coupling;
	if (clusters < thresholds.minimum_clusters)
		return undetermined(`${clusters} variant(s): an interval needs ${thresholds.minimum_clusters}`);
	if (interval.status !== "ok") return undetermined(`no interval: ${interval.status}`);

	const bar = thresholds.coupled_correlation;
	const [weakest, strongest] = strengthRange(interval.low, interval.high);
	const range = `|rho| ${weakest.toFixed(2)} to ${strongest.toFixed(2)}`;
	if (strongest < bar) {
		const contrary = interval.resampled.reduce((count, value) => count + (Math.abs(value) >= bar ? 1 : 0), 0);
		return {
			verdict: "adds-information",
			because: `${range}, under ${bar}`,
			p: tailShare(contrary, interval.resampled),
		};
	}
	if (weakest < bar) return undetermined(`${range} straddles ${bar}`);
	// A metric that energy falls with stands in for it as well as one that it rises with, so the direction is free here.
	const share = discordance.share ?? 1;
	const misranked = Math.min(share, 1 - share);
	if (misranked > thresholds.coupled_discordance)
		return undetermined(`${range}, but ${(100 * misranked).toFixed(0)} % of the pairs are misranked`);
	const direction = correlation > 0 ? 1 : -1;
	const contrary = interval.resampled.reduce((count, value) => count + (direction * value < bar ? 1 : 0), 0);
	return { verdict: "coupled", because: `${range}`, direction, p: tailShare(contrary, interval.resampled) };
}

function decideWithoutCorrelation(
	reason: Extract<Coupling, { status: "undefined" }>["reason"],
	{ energyRatio, clusters }: JointRow,
	thresholds: Thresholds,
): Decided {
	if (reason !== "metric-constant") return undetermined(reason);
	const ratio = `the metric stands still while energy changes ${energyRatio.toFixed(2)}-fold`;
	if (clusters < thresholds.minimum_clusters) return undetermined(`${ratio}, but in ${clusters} variant(s) only`);
	return energyRatio >= 1 + thresholds.material_regret
		? { verdict: "adds-information", because: ratio }
		: undetermined(ratio);
}

function undetermined(because: string): Decided {
	return { verdict: "undetermined", because };
}

function strengthRange(low: number, high: number): [number, number] {
	if (low > 0) return [low, high];
	if (high < 0) return [-high, -low];
	return [0, Math.max(-low, high)];
}

/** Share of resamples against a claim, counting the observed sample too, so that it is never 0. */
function tailShare(contrary: number, resampled: Float64Array): number {
	return (1 + contrary) / (1 + resampled.length);
}
