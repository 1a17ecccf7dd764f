import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import { decimals } from "../report/format.js";
import { spaceText } from "../report/pipelineWords.js";
import { configurationAt } from "../search/query.js";
import { spaceSize } from "../search/space.js";
import { spaceSummary } from "../search/spaceSummary.js";
import type { Kind } from "../units.js";
import { answer, describeCommand, jsonOption, reportOption } from "./command.js";
import { pipelineAtRate, pipelineOption } from "./pipelineOptions.js";

/** What is passed over in about a minute. */
const mostRows = 2e9;
const metrics = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"] as const;

export const spaceCommand = describeCommand({
	about:
		"Every configuration of a pipeline: how many, how many are feasible, their metrics, the front and the best ten.",
	examples: ["--profile nlp --rate 20", "--derived --count"],
	options: {
		...pipelineAtRate,
		cap: {
			value: "REPLICAS",
			about: "most replicas of a stage, instead of the pipeline's own",
			range: "positive integer",
		},
		count: { about: "only how many there are and what they take in memory; builds nothing" },
		...jsonOption,
		...reportOption,
	},
	run: async (call) => {
		const { values, note } = call;
		const spec = await pipelineOption(values, note);
		const pipeline = pipelineOptions({ ...spec, scaling_cap: values.cap ?? spec.scaling_cap });
		const { rows, bytes, withEnergy } = spaceSize(pipeline);
		const size = `${rows} configurations, ${decimals(0, 1e6)(bytes)} MB as one table; summarised a piece at a time, about ${Math.ceil(rows / 2e7)} s`;
		if (values.count) {
			answer(values.json, { pipeline: spec.name, configurations: rows, bytes }, () => size);
			return 0;
		}
		note(size);
		if (rows > mostRows)
			throw new InputError({
				file: `pipeline ${spec.name}`,
				field: "scaling_cap",
				rule: `must keep the space under ${mostRows} configurations (--cap lowers it)`,
				value: rows,
			});
		const summary = summaryOf(pipeline, rows, withEnergy);
		answer(values.json, summary, () => spaceText(pipeline, summary));
		if (values.report !== undefined)
			await (await import("./reportCommand.js")).reportOnPipeline(pipeline.spec, values.report, call);
		return 0;
	},
});

function summaryOf(pipeline: PipelineOptions, rows: number, withEnergy: boolean) {
	const { feasible, quantiles, front, best } = spaceSummary(pipeline, {
		columns: [...metrics, ...(withEnergy ? (["energy_j_per_request"] as const) : [])],
		quantiles: [0, 0.25, 0.5, 0.75, 1],
		axes: [
			{ column: "cost_cores", better: "less" },
			{ column: "latency_s", better: "less" },
			{ column: "accuracy", better: "more" },
		],
		count: 10,
	});
	const at = (picked: readonly number[]) => picked.map((row) => configurationAt(pipeline, row));
	const options = pipeline.stages.flatMap((stage) => stage.options);
	return {
		pipeline: pipeline.spec.name,
		configurations: rows,
		feasible,
		sla_s: pipeline.sla_s,
		// Of the options that configurations combine: a configuration with one that is modelled is modelled.
		kinds: countsByKind(options.map(({ kind }) => kind)),
		energy_kinds: countsByKind(options.flatMap(({ energy }) => (energy === undefined ? [] : [energy.kind]))),
		quantiles,
		front: at(front),
		best: at(best),
	};
}

function countsByKind(given: readonly Kind[]): Partial<Record<Kind, number>> {
	return Object.fromEntries([...groupBy(given, (kind) => kind)].map(([kind, own]) => [kind, own.length]));
}
