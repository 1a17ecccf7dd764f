import type { DeviceClass } from "../evaluation/evidence.js";
import { type KnowingValue, type Policy, policies } from "../evaluation/value.js";
import { available, type Perhaps, unavailable } from "../outcome.js";
import type { ValueView } from "../studies/worth.js";
import { type ForestRow, forest } from "./bars.js";
import type { Figure } from "./house.js";
import { deviceWords, percent } from "./labelWords.js";

/** A policy by the name that people use on a device. */
function policyWords(policy: Policy, device?: DeviceClass): string {
	const seconds = device === undefined ? "core- or GPU-seconds" : device === "gpu" ? "GPU-seconds" : "core-seconds";
	const words: Readonly<Record<Policy, string>> = {
		ipa: "IPA's own choice",
		throughput: "most throughput",
		core_seconds: `least ${seconds}`,
		predicted: "least predicted energy",
		fixed_elsewhere: "the metric that other data sets fix",
	};
	return words[policy];
}

function shown(values: readonly KnowingValue[], { tolerance, accounting }: ValueView): KnowingValue[] {
	return values.filter((value) => value.tolerance === tolerance && value.accounting === accounting);
}

/**
 * What choosing without a meter costs: each device class at both ends of the idle power, with intervals over networks;
 * unavailable where no scenario had a choice.
 *
 * @example
 * const edgetune = await datasets.readEvidence(`${datasets.dataRoot}/raw/edgetune`);
 * const study = evaluation.evaluate([edgetune], await datasets.readEvaluationSettings());
 * const { value } = figures.value(evaluation.knowingValue(study), { tolerance: 0.01, accounting: "dedicated" });
 * value.data[0].name; // → "IPA's own choice"
 */
export function valueFigure(values: readonly KnowingValue[], view: ValueView): Perhaps<Figure> {
	const rows = shown(values, view)
		.filter(({ dataset, with_choice }) => dataset === undefined && with_choice > 0)
		.flatMap(({ device, idle_share, policies: own }) =>
			own.flatMap(({ policy, extra }): ForestRow[] => {
				const share = extra.at(-1)?.share;
				if (share === undefined) return [];
				const { value, low, high } = share;
				return [
					{
						label: `${deviceWords[device]}, ${idle_share === 0 ? "no idle power" : "most idle power"}`,
						group: policyWords(policy),
						estimate: 100 * value,
						...(low === undefined || high === undefined ? {} : { interval: { low: 100 * low, high: 100 * high } }),
					},
				];
			}),
		);
	if (rows.length === 0) return unavailable(noChoice(shown(values, view), view));
	return available(
		forest({
			title: "What choosing without a meter costs, among equally good configurations",
			caption: `Energy above the least measured, 90th percentile of the scenarios, intervals over networks. Equally good: accuracy and cost within ${percent(view.tolerance)} of those of IPA's choice. Runtime and power mode are ${values[0]?.free.length === 0 ? "fixed" : "free"}.`,
			kind: "measured",
			source: "the data sets of section 1",
			x: "energy above the least (%)",
			rows,
		}),
	);
}

/** That no scenario had a choice, and what a table must hold for one to have it. */
function noChoice(values: readonly KnowingValue[], { tolerance }: ValueView): string {
	const scenarios = values.filter(
		({ dataset, idle_share }) => dataset === undefined && idle_share === values[0]?.idle_share,
	);
	const count = scenarios.reduce((sum, value) => sum + value.scenarios, 0);
	return `in none of the ${count} scenarios (a load and weights) were two configurations equally good for IPA, accuracy and cost within ${percent(tolerance)}, so there was nothing to choose among, and knowing energy has no value that could be given; cells of one variant that differ in the batch or the runtime, and carry a load with as many cores, give such a choice`;
}

/**
 * What the value says, in two sentences with their numbers.
 *
 * @example
 * words.value([], { tolerance: 0.01, accounting: "dedicated" }).startsWith("No value can be given"); // → true
 */
export function valueMarkdown(values: readonly KnowingValue[], view: ValueView): string {
	const all = shown(values, view);
	// A class of one data set is that data set.
	const single = (value: KnowingValue) =>
		value.dataset === undefined && !all.some(({ device, dataset }) => dataset !== undefined && device === value.device);
	const own = all.filter((value) => value.with_choice > 0 && (value.dataset !== undefined || single(value)));
	if (own.length === 0) return `No value can be given: ${noChoice(all, view)}.`;
	const range = (policy: Policy) => {
		const found = own.flatMap(({ policies: given, device, dataset }) =>
			given
				.filter((one) => one.policy === policy)
				.flatMap(({ extra }) => extra.at(-1)?.share ?? [])
				.map(({ value }) => ({ value, where: `${dataset === undefined ? "" : `${dataset}, `}${deviceWords[device]}` })),
		);
		return found.sort((a, b) => a.value - b.value);
	};
	const said = (policy: Policy) => {
		const found = range(policy);
		const [least, most] = [found[0], found.at(-1)];
		if (least === undefined || most === undefined) return `${policyWords(policy)}: not known`;
		return `${policyWords(policy)}: ${percent(least.value)} to ${percent(most.value)} (${most.where})`;
	};
	return `Energy above the least measured among equally good configurations, in one scenario of ten, from the best to the worst data set:\n\n${policies.map((policy) => `- ${said(policy)}`).join("\n")}`;
}
