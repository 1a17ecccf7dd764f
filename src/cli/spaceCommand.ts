import { parseArgs } from "node:util";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { pipelineOptions } from "../pipeline/options.js";
import { configurationAt } from "../search/query.js";
import { spaceSize } from "../search/space.js";
import { spaceSummary } from "../search/spaceSummary.js";
import type { Kind } from "../units.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOption, pipelineOptionNames, pipelineOptionUsage } from "./input/pipelineOption.js";
import { accuracyText } from "./output/accuracyText.js";

export const spaceUsage = `sustainable-ipa space [--profile FILE|NAME] [--derived | --family sum|product] [--ipa-home DIR] [--rate RPS] [--cap REPLICAS] [--count] [--json]
  Every configuration of a pipeline: how many, how many are feasible, their metrics, the front and the best ten.
${pipelineOptionUsage}
  --cap      most replicas of a stage, instead of the pipeline's own
  --count    only how many there are and what they take in memory; builds nothing`;

/** What is passed over in about a minute. */
const mostRows = 2e9;
const metrics = ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"] as const;

/** Passes over the whole space of a pipeline and prints what it holds. */
export async function spaceCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			...pipelineOptionNames,
			cap: { type: "string" },
			count: { type: "boolean" },
			json: { type: "boolean" },
		},
	});
	const spec = await pipelineOption(values);
	const scaling_cap = numberOption("--cap", values.cap, "positive integer") ?? spec.scaling_cap;
	const pipeline = pipelineOptions({ ...spec, scaling_cap });
	const { rows, bytes, withEnergy } = spaceSize(pipeline);
	process.stderr.write(
		`${rows} configurations, ${(bytes / 1e6).toFixed(0)} MB as one table; summarised a piece at a time, about ${Math.ceil(rows / 2e7)} s\n`,
	);
	if (values.count === true) return 0;
	if (rows > mostRows)
		throw new InputError({
			file: `pipeline ${spec.name}`,
			field: "scaling_cap",
			rule: `must keep the space under ${mostRows} configurations (--cap lowers it)`,
			value: rows,
		});
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
	const summary = {
		pipeline: spec.name,
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
	if (values.json === true) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
	else
		console.log(
			[
				`${spec.name}: ${feasible} of ${rows} configurations carry ${pipeline.spec.arrival_rate_rps} requests/s within ${pipeline.sla_s.toFixed(3)} s; accuracy: ${accuracyText(pipeline.spec)}`,
				`  options of the stages by kind of their latencies: ${kindsText(summary.kinds)}; of their energies: ${kindsText(summary.energy_kinds)}`,
				...Object.entries(quantiles).map(
					([name, five]) => `  ${name}: ${five.map((value) => value.toPrecision(4)).join("  ")}  (min, quartiles, max)`,
				),
				`front of cost, latency and accuracy: ${front.length} configurations; best by the objective:`,
				...summary.best.map(
					({ stages, objective, cost_cores, latency_s, accuracy, kind }) =>
						`  ${objective.toFixed(4)}  ${stages.map(({ variant, cores, batch, replicas }) => `${variant} ${cores} cores batch ${batch} x${replicas}`).join(" | ")}  cost ${cost_cores}, ${latency_s.toFixed(3)} s, accuracy ${accuracy.toFixed(4)}, ${kind}`,
				),
			].join("\n"),
		);
	return 0;
}

function countsByKind(given: readonly Kind[]): Partial<Record<Kind, number>> {
	return Object.fromEntries([...groupBy(given, (kind) => kind)].map(([kind, own]) => [kind, own.length]));
}

function kindsText(counts: Partial<Record<Kind, number>>): string {
	return (
		Object.entries(counts)
			.map(([kind, count]) => `${count} ${kind}`)
			.join(", ") || "unavailable"
	);
}
