import { join } from "node:path";
import type { LoadWindow } from "../adaptation/compareSystems.js";
import { packageRoot } from "../datasets/root.js";
import type { LstmWeights } from "../forecast/lstm.js";
import { comparePublished, type PublishedComparison, readPublishedRuns } from "./comparePublished.js";
import type { WeightsComparison } from "./compareServing.js";
import { readPreset } from "./presets.js";

/** One rule that a comparison with published figures is held to. */
export interface ToleranceCheck {
	readonly what: string;
	readonly met: boolean;
	/** Lines within the bound, of how many, and how many must be. */
	readonly count: number;
	readonly of: number;
	readonly needed: number;
	/** The line that is farthest off, and how far. */
	readonly worst: string;
	readonly worst_off: number;
}

/**
 * Bounds on what our decisions may differ from IPA's published ones by. IPA's own repetitions of a run differ by up to
 * 25 % of its cost; accuracies in units of the figure, 100 times as large where it plots a product in percent.
 */
const publishedTolerances = {
	/** Share of the lines whose mean cost is within `near`: 40 of 48. */
	share: 40 / 48,
	cost_near: 0.1,
	cost_far: 0.25,
	accuracy_near: 0.05,
	accuracy_far: 0.2,
	/** Of the figure of weights, over the pipelines whose product and sum runs had printed settings. */
	weights: 0.06,
} as const;

interface Deviation {
	readonly name: string;
	readonly off: number;
}

/**
 * Checks a comparison. Of the figures of the sum: five in six mean costs within 10 % and all within 25 %, five in six
 * mean accuracies within 0.05 and all within 0.20. Of those of the product: all costs within 25 %. Of the weights: every
 * cost of the figure of the sum within 6 % of what some choice among equal optima gives, for Video and sum-qa.
 */
export function toleranceChecks(
	runs: readonly PublishedComparison[],
	weights: readonly WeightsComparison[] = [],
): ToleranceCheck[] {
	const { share, cost_near, cost_far, accuracy_near, accuracy_far } = publishedTolerances;
	const named = ({ figure, pipeline, workload, system }: PublishedComparison) =>
		`${figure}, ${pipeline}, ${workload}, ${system}`;
	const costs = (family: string) =>
		runs
			.filter((run) => run.family === family)
			.map((run): Deviation => ({ name: named(run), off: Math.abs(run.cost_ratio - 1) }));
	const accuracies = runs
		.filter(({ family }) => family === "sum")
		.map((run): Deviation => ({ name: named(run), off: Math.abs(run.accuracy_difference) }));
	const bars = weights
		.filter(({ family, pipeline }) => family === "sum" && pipeline !== "audio-qa")
		.map(
			({ figure, pipeline, case: name, outside_share: off }): Deviation => ({
				name: `${figure}, ${pipeline}, ${name}`,
				off,
			}),
		);
	return [
		check(`sum: mean cost within ${100 * cost_near} %`, costs("sum"), cost_near, share),
		check(`sum: mean cost within ${100 * cost_far} %`, costs("sum"), cost_far, 1),
		check(`sum: mean accuracy within ${accuracy_near}`, accuracies, accuracy_near, share),
		check(`sum: mean accuracy within ${accuracy_far}`, accuracies, accuracy_far, 1),
		check(`product: mean cost within ${100 * cost_far} %`, costs("product"), cost_far, 1),
		check(
			`weights, video and sum-qa: mean cost within ${100 * publishedTolerances.weights} %`,
			bars,
			publishedTolerances.weights,
			1,
		),
	].flatMap((own) => own ?? []);
}

function check(
	what: string,
	deviations: readonly Deviation[],
	bound: number,
	share: number,
): ToleranceCheck | undefined {
	const [first, ...rest] = deviations;
	if (first === undefined) return undefined;
	const worst = rest.reduce((far, own) => (own.off > far.off ? own : far), first);
	// A mean of 120 decisions is exact to about 1e-13.
	const count = deviations.filter(({ off }) => off <= bound + 1e-9).length;
	const needed = Math.ceil(share * deviations.length - 1e-9);
	return {
		what,
		met: count >= needed,
		count,
		of: deviations.length,
		needed,
		worst: worst.name,
		worst_off: worst.off,
	};
}

/** IPA's published lines beside ours, and how far they may be apart. */
export interface PublishedRunsCompared {
	readonly runs: readonly PublishedComparison[];
	readonly checks: readonly ToleranceCheck[];
}

/**
 * Every line that IPA's figures draw beside our own decisions under the same settings, and the rules that they are held to.
 *
 * @param file another table of the form of data/raw/ipa-published/ipa-published-runs.csv
 * @throws InputError with the line of a bad row
 * @example
 * const { mkdtemp, writeFile } = await import("node:fs/promises");
 * const file = `${await mkdtemp(`${(await import("node:os")).tmpdir()}/ipa-`)}/runs.csv`;
 * const head = "figure,pipeline,accuracy_method,workload,system,step,t_s,cost_cores,accuracy";
 * const steps = [0, 1].map((step) => `figure 8,video,sum,a minute,fa2-low,${step},${10 * step},2,0`);
 * await writeFile(file, [head, ...steps].join("\n"));
 * const { weights } = await adaptation.readLstm(`${datasets.dataRoot}/models/lstm.json`);
 * const windows = new Map([["a minute", { name: "a minute", rps_damped8: Array(60).fill(5) }]]);
 * (await adaptation.comparePublishedRuns(windows, weights, file)).runs[0].cost_ratio; // → 1
 */
export async function comparePublishedRuns(
	windows: ReadonlyMap<string, LoadWindow>,
	lstm: LstmWeights,
	file = join(packageRoot, "data/raw/ipa-published/ipa-published-runs.csv"),
): Promise<PublishedRunsCompared> {
	const runs = await comparePublished(await readPublishedRuns(file), readPreset, windows, { lstm });
	return { runs, checks: toleranceChecks(runs) };
}
