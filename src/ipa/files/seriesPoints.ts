import { InputError } from "../../errors.js";
import { groupBy } from "../../group.js";
import type { ProfilePoint } from "../../pipeline/profile.js";
import { percentile } from "../../statistics/percentile.js";
import type { IpaExperiment, ProfileStatistic } from "./readExperiment.js";
import type { ProfiledCell } from "./readSeries.js";

/** What an experiment makes of its profiles. */
export type ProfileRules = Pick<
	IpaExperiment,
	"reference_latency" | "reference_throughput" | "latency_margin" | "throughput_margin" | "only_measured_profiles"
>;

export interface SeriesPoints {
	readonly points: readonly ProfilePoint[];
	/** What was left out, a sentence each: variants without an accuracy, allocations with an unresponsive experiment. */
	readonly leftOut: readonly string[];
}

/**
 * A stage's profile from the experiments of a series, by IPA's rules: variants in the order of their first appearance,
 * their allocations likewise, batches rising; latency the wanted statistic of the requests that came back, throughput
 * that of the recorded seconds, each with its margin. Variants without an accuracy are left out, and so is an allocation
 * of a variant one of whose experiments no request came back from.
 *
 * @param accuracies percent by variant
 * @throws InputError where a latency or throughput is not above 0, a throughput that is needed was not recorded, or,
 *   with only_measured_profiles, a variant's batch at an allocation was profiled twice
 */
export function seriesPoints(
	cells: readonly ProfiledCell[],
	accuracies: ReadonlyMap<string, number>,
	rules: ProfileRules,
): SeriesPoints {
	const leftOut: string[] = [];
	const points: ProfilePoint[] = [];
	for (const [variant, own] of groupBy(cells, (cell) => cell.variant)) {
		const accuracy_pct = accuracies.get(variant);
		if (accuracy_pct === undefined) {
			leftOut.push(`${variant}: accuracies.yaml has no accuracy of it`);
			continue;
		}
		for (const [cores, group] of groupBy(own, (cell) => cell.cores)) {
			const silent = group.find(({ result }) => result.latencies_s.length === 0);
			if (silent !== undefined) {
				leftOut.push(`${variant} on ${cores} cores: no request of batch ${silent.batch} came back`);
				continue;
			}
			const sorted = [...group].sort((a, b) => a.batch - b.batch);
			if (rules.only_measured_profiles) checkDistinct(sorted);
			points.push(...sorted.map((cell) => pointOf(cell, accuracy_pct, rules)));
		}
	}
	return { points, leftOut };
}

function pointOf(cell: ProfiledCell, accuracy_pct: number, rules: ProfileRules): ProfilePoint {
	const { variant, cores, batch, kind, result } = cell;
	const latency_s = withMargin(statistic(result.latencies_s, rules.reference_latency), rules.latency_margin);
	const recorded = result.throughputs_rps;
	if (recorded.length === 0 && rules.only_measured_profiles)
		throw faultOf(cell, "throughput", "must be recorded where only_measured_profiles is true", "nothing");
	// Where a curve is fitted, throughputs follow from it, and the recorded one is used for nothing.
	const throughput_rps =
		recorded.length === 0
			? batch / latency_s
			: withMargin(statistic(recorded, rules.reference_throughput), rules.throughput_margin);
	if (!(latency_s > 0)) throw faultOf(cell, rules.reference_latency, "latency must be above 0", latency_s);
	if (!(throughput_rps > 0))
		throw faultOf(cell, rules.reference_throughput, "throughput must be above 0", throughput_rps);
	return { variant, accuracy_pct, cores, batch, latency_s, throughput_rps, kind };
}

function withMargin(value: number, margin_pct: number): number {
	return value * ((100 + margin_pct) / 100);
}

function statistic(values: readonly number[], name: ProfileStatistic): number {
	switch (name) {
		case "avg":
			return values.reduce((sum, value) => sum + value, 0) / values.length;
		case "min":
			return values.reduce((least, value) => Math.min(least, value));
		case "max":
			return values.reduce((most, value) => Math.max(most, value));
		default:
			return percentile(values, Number(name.slice(1)));
	}
}

function checkDistinct(sorted: readonly ProfiledCell[]): void {
	const repeated = sorted.find(({ batch }, i) => sorted[i - 1]?.batch === batch);
	if (repeated !== undefined)
		throw faultOf(
			repeated,
			"max_batch_size",
			`must be the one experiment of ${repeated.variant} on ${repeated.cores} cores with its batch at this load`,
			repeated.batch,
		);
}

function faultOf({ file, line }: ProfiledCell, field: string, rule: string, value: unknown): InputError {
	return new InputError({ file, line, field, rule, value });
}
