import { join } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../errors.js";
import { type Environment, hardwareName, withoutPlaces } from "./environment.js";
import { type Journal, openJournal } from "./journal.js";
import type { Meter, Meters } from "./meters.js";
import type { Plan } from "./plan.js";
import { cellName, controlCell, type Shard, shardCells } from "./planCells.js";
import { type Progress, timeLeft } from "./progress.js";
import type { JournalRecord } from "./records.js";
import { type Block, blockCount, blockOf, firstRepetition, type Step } from "./schedule.js";
import { measureWindow, unsettledCell, warmUp, watched } from "./window.js";
import { arithmetic, type Workload, type WorkloadSource } from "./workload.js";

export interface RunSetting {
	readonly plan: Plan;
	readonly shard: Shard;
	/** Where the journal is. */
	readonly folder: string;
	readonly workloads: WorkloadSource;
	readonly meters: Meters;
	readonly environment: Environment;
	/** Aborted to stop: the repetition under way is abandoned, and the journal stays whole. */
	readonly signal: AbortSignal;
	readonly report: (progress: Progress) => void;
	/** Told of each record once it is on the disk. */
	readonly recorded?: (record: JournalRecord) => void;
}

/** `complete`: every cell has its repetitions. `stopped`: by the signal; the same call goes on from there. */
export interface RunOutcome {
	readonly status: "complete" | "stopped";
	readonly records: readonly JournalRecord[];
	readonly finished: number;
	readonly planned: number;
}

const journalName = "journal.jsonl";

/** What a run holds while it goes on. */
interface Going extends RunSetting {
	readonly journal: Journal;
	readonly records: JournalRecord[];
	readonly done: ReadonlySet<string> & Set<string>;
	readonly session: number;
	readonly startedAt: number;
	readonly finishedBefore: number;
	planned: number;
}

/**
 * Runs what is left of a shard of a plan, block by block. Each finished repetition is on the disk, in the journal,
 * before the next begins; what the journal holds is never run again.
 */
export async function runPlan(setting: RunSetting): Promise<RunOutcome> {
	const { plan, shard, signal } = setting;
	const journal = openJournal(join(setting.folder, journalName), plan, shard);
	try {
		const records = [...journal.records];
		const finishedBefore = records.filter(({ type }) => type === "repetition").length;
		const going: Going = {
			...setting,
			journal,
			records,
			done: new Set(records.map(keyOf)),
			session: records.filter(({ type }) => type === "session").length,
			startedAt: performance.now(),
			finishedBefore,
			planned: Math.max(finishedBefore, shardCells(plan, shard).length * plan.repetitions.min),
		};
		const outcome = (status: RunOutcome["status"]): RunOutcome => ({
			status,
			records,
			finished: repetitionsOf(going),
			planned: going.planned,
		});
		try {
			await runBlocks(going);
		} catch (error) {
			if (!signal.aborted) throw error;
			return outcome("stopped");
		}
		return outcome("complete");
	} finally {
		journal.close();
	}
}

async function runBlocks(going: Going): Promise<void> {
	const { plan, shard } = going;
	let begun = false;
	for (let index = 0; index < blockCount(plan); index++) {
		const first = firstRepetition(plan, index);
		// Asked of the repetitions before this block alone, so that a resumed block visits the cells it began with.
		const block = blockOf(plan, shard, index, (cell) => unsettledCell(plan, going.records, cell.id, first));
		const left = block.steps.filter(
			(step) =>
				step.type === "visit" && missing(going, step).length > 0 && !going.done.has(failedKey(step.cell.id, index)),
		);
		if (left.length === 0 && closed(going, block)) continue;
		if (!block.required) {
			if (spent_s(going) > plan.time_limit_s) return;
			const expected = left.reduce((sum, step) => sum + (step.type === "visit" ? missing(going, step).length : 0), 0);
			going.planned = repetitionsOf(going) + expected;
		}
		if (!begun) {
			appendSession(going);
			// Compiled before it is timed.
			for (let i = 0; i < 3; i++) arithmetic(plan.control.steps ?? 0);
		}
		begun = true;
		await runBlock(going, block);
	}
}

/** Are the controls and idle baselines of a block there too? A block without steps has none. */
function closed(going: Going, { index, steps }: Block): boolean {
	const controls = steps.every((step) => step.type !== "control" || going.done.has(controlKey(index, step.position)));
	const idles = going.meters.available.length === 0 || steps.length === 0 || going.done.has(idleKey(index, "after"));
	return controls && idles;
}

async function runBlock(going: Going, block: Block): Promise<void> {
	const { plan } = going;
	if (block.steps.length === 0) return;
	await idleBaseline(going, block.index, "before");
	for (const step of block.steps) {
		going.signal.throwIfAborted();
		if (!block.required && spent_s(going) > plan.time_limit_s) return;
		if (step.type === "control") await runControl(going, block.index, step.position);
		else if (plan.on_failure === "skip") await tryVisit(going, block.index, step);
		else await visit(going, block.index, step);
	}
	await idleBaseline(going, block.index, "after");
}

/** So many failures one after another, of as many cells, are no cell's own. */
const failuresAtMost = 5;

/** A visit whose failure is kept in the journal, in its place. */
async function tryVisit(going: Going, block: number, step: Extract<Step, { type: "visit" }>): Promise<void> {
	try {
		await visit(going, block, step);
	} catch (error) {
		if (going.signal.aborted || !(error instanceof InputError)) throw error;
		const latest = going.records.filter(({ type }) => type === "repetition" || type === "failed");
		if (latest.slice(1 - failuresAtMost).filter(({ type }) => type === "failed").length >= failuresAtMost - 1)
			throw error;
		const reason = withoutPlaces(error.message);
		append(going, { type: "failed", cell: step.cell.id, block, session: going.session, reason });
	}
}

async function visit(going: Going, block: number, step: Extract<Step, { type: "visit" }>): Promise<void> {
	const { plan, signal, meters } = going;
	const numbers = missing(going, step);
	if (numbers.length === 0 || going.done.has(failedKey(step.cell.id, block))) return;
	report(going, cellName(step.cell));
	const workload = await going.workloads.prepare(step.cell);
	try {
		const warm_up = await warm(going, workload);
		for (const repetition of numbers) {
			const length = { atLeast_s: lengthened(plan.window_s, meters.available), atLeastBatches: 1 };
			const window = await measureWindow(workload, length, meters.available, signal);
			append(going, {
				type: "repetition",
				cell: step.cell.id,
				repetition,
				block,
				session: going.session,
				warm_up,
				window,
			});
			report(going, cellName(step.cell));
		}
	} finally {
		await workload.close();
	}
}

/** Batches of the arithmetic in a window: enough for a median that one interruption does not move. */
const controlBatches = 5;

async function runControl(going: Going, block: number, position: number): Promise<void> {
	if (going.done.has(controlKey(block, position))) return;
	const { plan, meters, signal } = going;
	const cell = controlCell(plan);
	const workload: Workload =
		cell === undefined
			? { cpuOf: "self", runBatch: async () => control(plan), close: async () => {} }
			: await going.workloads.prepare(cell);
	const length = {
		atLeast_s: lengthened(cell === undefined ? 0 : plan.window_s, meters.available),
		atLeastBatches: controlBatches,
	};
	try {
		if (cell !== undefined) await warm(going, workload);
		const window = await measureWindow(workload, length, meters.available, signal);
		append(going, { type: "control", block, position, session: going.session, window });
	} finally {
		await workload.close();
	}
}

function warm({ plan, signal }: Going, workload: Workload) {
	return warmUp(plan.warm_up, async () => {
		await setImmediate();
		signal.throwIfAborted();
		const before = performance.now();
		await workload.runBatch();
		return (performance.now() - before) / 1000;
	});
}

async function idleBaseline(going: Going, block: number, when: "before" | "after"): Promise<void> {
	const { available } = going.meters;
	if (available.length === 0 || going.done.has(idleKey(block, when))) return;
	report(going, `idle baseline ${when} block ${block + 1}`);
	const { value, readings } = await watched(available, async () => {
		const started_at = new Date().toISOString();
		await sleep(lengthened(going.plan.idle_s, available) * 1000, undefined, { signal: going.signal });
		return { started_at };
	});
	append(going, { type: "idle", block, when, session: going.session, ...value, readings });
}

function appendSession(going: Going): void {
	append(going, {
		type: "session",
		started_at: new Date().toISOString(),
		hardware: hardwareName(going.environment),
		environment: Object.fromEntries(
			Object.entries(going.environment).map(([name, entry]) => [
				name,
				entry.status === "available" ? entry : { ...entry, reason: withoutPlaces(entry.reason) },
			]),
		),
		probes: going.meters.available.map(({ name }) => name),
		probes_unavailable: going.meters.unavailable.map(({ probe, reason }) => ({ probe, reason: withoutPlaces(reason) })),
	});
}

function append(going: Going, record: JournalRecord): void {
	going.journal.append(record);
	going.records.push(record);
	going.done.add(keyOf(record));
	going.recorded?.(record);
}

/** A time of the plan's, or as long as the meters need to resolve it. */
function lengthened(seconds: number, meters: readonly Meter[]): number {
	return Math.max(seconds, ...meters.map(({ minimumWindow_s }) => minimumWindow_s));
}

function missing(going: Going, { cell, repetitions }: Extract<Step, { type: "visit" }>): number[] {
	return repetitions.filter((repetition) => !going.done.has(repetitionKey(cell.id, repetition)));
}

function report(going: Going, now: string): void {
	const finished = repetitionsOf(going);
	const spent = spent_s(going);
	const left_s = timeLeft(finished - going.finishedBefore, going.planned - finished, spent);
	going.report({ finished, planned: going.planned, spent_s: spent, left_s, now });
}

function repetitionsOf({ records }: Going): number {
	return records.filter(({ type }) => type === "repetition").length;
}

function spent_s({ startedAt }: Going): number {
	return (performance.now() - startedAt) / 1000;
}

function keyOf(record: JournalRecord): string {
	if (record.type === "repetition") return repetitionKey(record.cell, record.repetition);
	if (record.type === "failed") return failedKey(record.cell, record.block);
	if (record.type === "control") return controlKey(record.block, record.position);
	return record.type === "idle" ? idleKey(record.block, record.when) : record.type;
}

const repetitionKey = (cell: string, repetition: number) => JSON.stringify(["repetition", cell, repetition]);
const failedKey = (cell: string, block: number) => JSON.stringify(["failed", cell, block]);
const controlKey = (block: number, position: number) => JSON.stringify(["control", block, position]);
const idleKey = (block: number, when: string) => JSON.stringify(["idle", block, when]);

async function control({ control: { steps } }: Plan): Promise<undefined> {
	arithmetic(steps ?? 0);
	return undefined;
}
