import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { captureEnvironment } from "./environment.js";
import { detectMeters, type Meters } from "./meters.js";
import type { Plan } from "./plan.js";
import { planCells, type Shard, shardCells, wholePlan } from "./planCells.js";
import type { Progress } from "./progress.js";
import type { JournalRecord } from "./records.js";
import { type RunOutcome, runPlan } from "./runPlan.js";
import type { WorkloadSource } from "./workload.js";
import { workloadSource } from "./workloads.js";

export interface MeasureOptions {
	/** Where the journal is kept; what it holds already is not run again. Default: a temporary one, removed at the end. */
	readonly folder?: string;
	/** The plan's, from which the paths of its files are taken; default: where the program runs. */
	readonly planFolder?: string;
	readonly shard?: Shard;
	/** Energy sources; by default those that the plan asks for and that can be read here. */
	readonly meters?: Meters;
	/** What is measured; by default what the plan's runner says. */
	readonly workloads?: WorkloadSource;
	/** Whether the machine's name is recorded; a dataset is made to be published, so by default not. */
	readonly nameHost?: boolean;
	/** Stops the run between two batches. */
	readonly signal?: AbortSignal;
	readonly report?: (progress: Progress) => void;
	/** Told of each record of the journal. */
	readonly recorded?: (record: JournalRecord) => void;
}

/** What a run came to, and the energy sources that watched it. */
export type Measured = RunOutcome & { readonly meters: Meters };

/**
 * Runs a plan on this machine, watched by its energy sources. Where there are none, latency, throughput and CPU time are
 * measured all the same and the energy is unavailable, with each probe's reason.
 *
 * @throws InputError where the plan cannot run here, or the folder holds the journal of another plan
 * @example
 * const plan = await measurement.readPlan("notebook");
 * const few = { window_s: 0.01, blocks: 1, repetitions: { min: 2, max: 2, target_relative_interval: 1 }, probes: [] };
 * const runner = { type: "command", argv: ["true"], protocol: "exit", request_unit: "run" };
 * const work = { runner, variants: [{ name: "true" }], batches: [1], control: { steps: 1, every: 9 } };
 * const { status, records } = await measurement.measurePlan({ ...plan, ...few, ...work });
 * [status, records.filter(({ type }) => type === "repetition").length]; // → ["complete", 2]
 */
export async function measurePlan(
	plan: Plan,
	{
		folder,
		planFolder,
		shard = wholePlan,
		meters: given,
		workloads: source,
		nameHost = false,
		signal = new AbortController().signal,
		report,
		recorded,
	}: MeasureOptions = {},
): Promise<Measured> {
	if (shardCells(plan, shard).length === 0)
		throw new InputError({
			file: plan.name,
			field: "shard",
			rule: `must hold cells: the plan has ${planCells(plan).length} for ${shard.count} shards`,
			value: `${shard.index}/${shard.count}`,
		});
	const workloads = source ?? workloadSource(plan, planFolder);
	const meters = given ?? (await detectMeters(plan));
	const own = folder ?? (await mkdtemp(join(tmpdir(), "sustainable-ipa-")));
	try {
		const made = await workloads.check?.();
		const outcome = await runPlan({
			plan,
			shard,
			folder: own,
			workloads,
			meters,
			environment: { ...(await captureEnvironment({ nameHost })), ...made },
			signal,
			report: report ?? (() => undefined),
			...(recorded === undefined ? {} : { recorded }),
		});
		return { ...outcome, meters };
	} finally {
		await workloads.close?.();
		if (folder === undefined) await rm(own, { recursive: true, force: true });
	}
}
