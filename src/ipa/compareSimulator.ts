import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { type PipelineOptions, pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { configurationAt, feasibleRows, topRows } from "../search/query.js";
import { spaceChunks, spaceSize } from "../search/space.js";
import { compareStates, type GurobiComparison, gurobiComparison, rowsOf, type StateDifferences } from "./compareIpa.js";
import { readExperiment } from "./experiment.js";
import { readIpaPipeline } from "./readIpaPipeline.js";
import {
	configFile,
	runSimulator,
	type SimulatedStates,
	type SimulatorOutcome,
	type SimulatorQuestion,
} from "./runSimulator.js";
import { linkProject, writeProject } from "./writeProject.js";

/** Times of like work, s: IPA's from its times.csv, which include writing its tables; ours build no table. */
export interface ComparedTimes {
	readonly ipa_s: number;
	readonly ours_s: number;
	/** IPA's time a configuration over ours. */
	readonly ratio: number;
}

export interface SimulatorComparison {
	readonly pipeline: string;
	/** Configurations of our space. */
	readonly rows: number;
	/** Of all-states.csv, where it was asked for. */
	readonly all?: { readonly differences: StateDifferences; readonly times: ComparedTimes };
	/** Of with-constraints.csv, where it was asked for. `cut`: it stops at num_state_limit, so counts say nothing. */
	readonly feasible?: {
		readonly differences: StateDifferences;
		/** Configurations that IPA's constraints let through and ours do not. */
		readonly notHere: number;
	} & (
		| { readonly status: "cut"; readonly ipa: number }
		| {
				readonly status: "whole";
				readonly ours: number;
				readonly ipa: number;
				readonly best: { readonly ours?: number; readonly ipa?: number };
				readonly times: ComparedTimes;
		  }
	);
	readonly gurobi?: GurobiComparison;
	readonly python: string;
}

export type SimulatorCompareOutcome =
	| { readonly status: "compared"; readonly comparison: SimulatorComparison }
	| Exclude<SimulatorOutcome, { status: "answered" }>;

type Question = Omit<SimulatorQuestion, "project" | "config">;

/**
 * Hands a pipeline of ours to IPA's simulator, through its own files, and compares: every configuration, the feasible ones
 * (without a limit), and in a second run the Gurobi decision.
 *
 * @param limit configurations to stop after; none: all of them
 */
export async function compareWithSimulator(
	spec: PipelineSpec,
	question: Question,
	limit?: number,
): Promise<SimulatorCompareOutcome> {
	return inFolder(async (project) => {
		const config = "pipeline";
		await writeProject(project, spec, config, {
			generate: limit === undefined ? ["all", "feasible"] : ["all"],
			// Read by nothing without "optimal"; "gurobi" would have to stand with it.
			optimization_method: "brute-force",
			num_state_limit: limit ?? null,
		});
		const states = await runSimulator({ ...question, project, config });
		if (states.status !== "answered") return states;
		await writeProject(project, spec, config, {
			generate: ["optimal"],
			optimization_method: "gurobi",
			num_state_limit: 1,
		});
		const decided = await runSimulator({ ...question, project, config });
		return { status: "compared", comparison: compared(spec, states, limit ?? null, decided) };
	});
}

/**
 * Runs IPA's simulator on an experiment of the checkout as it is, in a folder of its own, and ours on the same files.
 *
 * @param config name of data/configs/pipeline-simulation/NAME.yaml
 * @throws InputError where a file of the experiment is missing or breaks a rule
 */
export async function compareExperiment(
	config: string,
	question: Question,
	onLeftOut: (what: string) => void = () => {},
): Promise<SimulatorCompareOutcome> {
	const { ipaHome } = question;
	const file = configFile(ipaHome, config);
	const spec = await readIpaPipeline(file, { ipaHome, asSimulated: true, onLeftOut });
	const { num_state_limit: limit = null } = await readExperiment(file);
	return inFolder(async (project) => {
		await linkProject(project, ipaHome, file, config);
		const outcome = await runSimulator({ ...question, project, config });
		if (outcome.status !== "answered") return outcome;
		return { status: "compared", comparison: compared(spec, outcome, limit, outcome) };
	});
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), "sustainable-ipa-simulator-"));
	try {
		return await work(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

type Answered = Extract<SimulatorOutcome, { status: "answered" }>;

function compared(
	spec: PipelineSpec,
	{ all, feasible, times, python }: Answered,
	limit: number | null,
	decided: SimulatorOutcome,
): SimulatorComparison {
	// IPA's enumeration knows no baseline.
	const pipeline = pipelineOptions({ ...spec, semantics: "ipa-e1f08dd", baseline: "none" });
	const { rows } = spaceSize(pipeline);
	const ours = all === undefined && feasible === undefined ? undefined : walked(pipeline);
	const gurobi = gurobiOf(spec, decided);
	return {
		pipeline: spec.name,
		rows,
		python,
		...(all === undefined || ours === undefined
			? {}
			: {
					all: {
						differences: compareStates(pipeline, all),
						times: timesOf(timed(times.all_s, "all"), all.objective.length, ours.seconds, rows),
					},
				}),
		...(feasible === undefined || ours === undefined
			? {}
			: {
					feasible: {
						differences: compareStates(pipeline, feasible),
						notHere: notFeasible(pipeline, feasible),
						...(limit !== null && feasible.objective.length >= limit
							? { status: "cut" as const, ipa: feasible.objective.length }
							: {
									status: "whole" as const,
									ours: ours.feasible,
									ipa: feasible.objective.length,
									best: { ...(ours.best === undefined ? {} : { ours: ours.best }), ...bestOf(feasible) },
									times: timesOf(timed(times.feasible_s, "feasible_time"), rows, ours.seconds, rows),
								}),
					},
				}),
		...(gurobi === undefined ? {} : { gurobi }),
	};
}

/** Walks the whole space, a chunk at a time: how long, how many are feasible, and the best objective of those. */
function walked(pipeline: PipelineOptions): { seconds: number; feasible: number; best?: number } {
	const start = performance.now();
	let feasible = 0;
	let best: number | undefined;
	for (const chunk of spaceChunks(pipeline, undefined, true)) {
		const own = feasibleRows(chunk);
		feasible += own.length;
		const [row] = topRows(chunk, own, "objective", 1);
		if (row !== undefined) best = Math.max(best ?? Number.NEGATIVE_INFINITY, chunk.columns.objective[row] as number);
	}
	return { seconds: (performance.now() - start) / 1000, feasible, ...(best === undefined ? {} : { best }) };
}

function timesOf(ipa_s: number, ipaRows: number, ours_s: number, ourRows: number): ComparedTimes {
	return { ipa_s, ours_s, ratio: ipa_s / ipaRows / (ours_s / ourRows) };
}

function timed(seconds: number | undefined, name: string): number {
	if (seconds !== undefined) return seconds;
	throw new InputError({ file: "times.csv of IPA's simulator", field: name, rule: "must be there" });
}

function bestOf({ objective }: SimulatedStates): { ipa?: number } {
	return objective.length === 0 ? {} : { ipa: objective.reduce((a, b) => Math.max(a, b)) };
}

function notFeasible(pipeline: PipelineOptions, theirs: SimulatedStates): number {
	return rowsOf(pipeline, theirs).filter(
		(own) => own.status === "unknown" || !configurationAt(pipeline, own.row).feasible,
	).length;
}

function gurobiOf(spec: PipelineSpec, decided: SimulatorOutcome): GurobiComparison | undefined {
	if (decided.status === "timed-out") return { status: "failed", reason: decided.reason };
	if (decided.status !== "answered") return { status: decided.status, reason: decided.reason };
	if (decided.gurobi === undefined || decided.times.gurobi_s === undefined) return undefined;
	return gurobiComparison(spec, decided.gurobi, decided.times.gurobi_s);
}
