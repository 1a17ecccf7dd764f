import type { DeviceClass } from "../evaluation/evidence.js";
import { type KnowingValue, type Policy, policies } from "../evaluation/value.js";
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

/** What choosing without a meter costs: each device class at both ends of the idle power, with intervals over networks. */
export function valueFigure(values: readonly KnowingValue[], view: ValueView): Figure {
	const rows = shown(values, view)
		.filter(({ dataset }) => dataset === undefined)
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
	return forest({
		title: "What choosing without a meter costs, among equally good configurations",
		caption: `Energy above the least measured, 90th percentile of the scenarios, intervals over networks. Equally good: accuracy and cost within ${percent(view.tolerance)} of those of IPA's choice. Runtime and power mode are ${values[0]?.free.length === 0 ? "fixed" : "free"}.`,
		kind: "measured",
		source: "the data sets of section 1",
		x: "energy above the least (%)",
		rows,
	});
}

/** What the value says, in two sentences with their numbers. */
export function valueMarkdown(values: readonly KnowingValue[], view: ValueView): string {
	const own = shown(values, view).filter(({ dataset }) => dataset !== undefined);
	const range = (policy: Policy) => {
		const found = own.flatMap(({ policies: all, device, dataset }) =>
			all
				.filter((one) => one.policy === policy)
				.flatMap(({ extra }) => extra.at(-1)?.share ?? [])
				.map(({ value }) => ({ value, where: `${dataset}, ${deviceWords[device]}` })),
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
