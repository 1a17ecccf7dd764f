import type { Step } from "../adaptation/adapt.js";
import { type ComparisonOptions, decideSystems, type LoadWindow } from "../adaptation/compareSystems.js";
import { numberField, readCsv, textField } from "../datasets/csv.js";
import { InputError } from "../errors.js";
import { type Preset, type PresetFamily, type PresetPipeline, presetFamilies, presetPipelines } from "./presets.js";

/** One of the lines that IPA's figures draw: a system's cost and accuracy at every decision over a window. */
export interface PublishedSeries {
	readonly figure: string;
	readonly pipeline: PresetPipeline;
	readonly family: PresetFamily;
	readonly workload: string;
	readonly system: string;
	/** By step; step 0 is what ran before the first decision. */
	readonly steps: readonly {
		readonly step: number;
		readonly t_s: number;
		readonly cost_cores: number;
		/** As plotted: the sum of ranks, or 100 x the product of the accuracies. */
		readonly accuracy: number;
	}[];
}

/**
 * Reads published runs (data/raw/ipa-published/ipa-published-runs.csv, or another table of its form).
 *
 * @throws InputError with the line and the column that is missing or out of range, or a pipeline that has no preset
 */
export async function readPublishedRuns(file: string): Promise<PublishedSeries[]> {
	const series = new Map<string, PublishedSeries & { steps: PublishedSeries["steps"][number][] }>();
	for (const row of (await readCsv(file)).rows) {
		const oneOf = <T extends string>(field: string, names: readonly T[]): T => {
			const value = textField(row, field);
			if (!(names as readonly string[]).includes(value))
				throw new InputError({ file, line: row.line, field, rule: `must be one of ${names.join(", ")}`, value });
			return value as T;
		};
		const own = {
			figure: textField(row, "figure"),
			pipeline: oneOf("pipeline", presetPipelines),
			family: oneOf("accuracy_method", presetFamilies),
			workload: textField(row, "workload"),
			system: textField(row, "system"),
		};
		const key = JSON.stringify(Object.values(own));
		const known = series.get(key) ?? { ...own, steps: [] };
		series.set(key, known);
		known.steps.push({
			step: numberField(row, "step", "whole"),
			t_s: numberField(row, "t_s", "not negative"),
			cost_cores: numberField(row, "cost_cores", "not negative"),
			accuracy: numberField(row, "accuracy", "not negative"),
		});
	}
	return [...series.values()];
}

/** Means of a run over its decisions, the start left out. */
export interface RunMeans {
	readonly steps: number;
	readonly cost_cores: number;
	/** As IPA's figures plot it: the sum of ranks, or 100 x the product of the accuracies. */
	readonly accuracy: number;
}

/** A published line beside what we decide under the same settings. */
export interface PublishedComparison extends Omit<PublishedSeries, "steps"> {
	readonly published: RunMeans;
	readonly ours: RunMeans;
	/** Ours over published. */
	readonly cost_ratio: number;
	/** Ours less published, in the figure's own unit. */
	readonly accuracy_difference: number;
	/** Ours at every decision, the start first. */
	readonly ourSteps: PublishedSeries["steps"];
	readonly publishedSteps: PublishedSeries["steps"];
}

/**
 * Every published line beside our own decisions for the same pipeline, family, window and system.
 *
 * @param presetOf the preset of a pipeline and family
 * @param windows the windows of load by name
 * @throws InputError where a line's window or system is not known
 */
export async function comparePublished(
	series: readonly PublishedSeries[],
	presetOf: (pipeline: PublishedSeries["pipeline"], family: PublishedSeries["family"]) => Promise<Preset>,
	windows: ReadonlyMap<string, LoadWindow>,
	options: Pick<ComparisonOptions, "lstm" | "predictor">,
): Promise<PublishedComparison[]> {
	const runs = new Map<string, PublishedSeries["steps"]>();
	const compared: PublishedComparison[] = [];
	for (const { steps, ...line } of series) {
		const { pipeline, family, workload, system } = line;
		const key = JSON.stringify([pipeline, family, workload, system]);
		const ourSteps =
			runs.get(key) ?? plotted(await presetOf(pipeline, family), windows, { ...options, workload, system });
		runs.set(key, ourSteps);
		const [published, ours] = [meansOf(steps), meansOf(ourSteps)];
		compared.push({
			...line,
			published,
			ours,
			cost_ratio: ours.cost_cores / published.cost_cores,
			accuracy_difference: ours.accuracy - published.accuracy,
			ourSteps,
			publishedSteps: steps,
		});
	}
	return compared;
}

/** What a system decides over a window, in the units of the preset's figures. */
export function plotted(
	preset: Preset,
	windows: ReadonlyMap<string, LoadWindow>,
	{
		workload,
		system,
		...options
	}: Pick<ComparisonOptions, "lstm" | "predictor"> & { workload: string; system: string },
): PublishedSeries["steps"] {
	const load = windows.get(workload);
	if (load === undefined)
		throw new InputError({
			file: "published runs",
			field: "workload",
			rule: `must be one of ${[...windows.keys()].join(", ")}`,
			value: workload,
		});
	const [row] = decideSystems(preset, load.rps_damped8, { ...options, window: workload, only: [system] });
	if (row?.outcome.status !== "decided") throw new RangeError(`${system}: ${row?.outcome.reason ?? "was not run"}`);
	const accuracyOf = plottedAccuracy(preset);
	return row.outcome.steps.map((step, k) => ({
		step: k,
		t_s: step.at_s,
		cost_cores: step.plan.cost_cores,
		accuracy: accuracyOf(step),
	}));
}

/** Accuracy as the figures of a preset's family plot it. */
function plottedAccuracy({ file, spec }: Preset): (step: Step) => number {
	if (file.family === "sum") return ({ plan }) => plan.accuracy;
	const shares = spec.stages.map(
		({ points }) => new Map(points.map(({ variant, accuracy_pct }) => [variant, accuracy_pct / 100])),
	);
	return ({ plan }) =>
		plan.stages.reduce((product, { variant }, s) => product * (shares[s]?.get(variant) as number), 100);
}

function meansOf(steps: PublishedSeries["steps"]): RunMeans {
	const decided = steps.filter(({ step }) => step >= 1);
	const mean = (of: (step: PublishedSeries["steps"][number]) => number) =>
		decided.reduce((sum, step) => sum + of(step), 0) / decided.length;
	return {
		steps: decided.length,
		cost_cores: mean(({ cost_cores }) => cost_cores),
		accuracy: mean(({ accuracy }) => accuracy),
	};
}
