import { max, mean } from "simple-statistics";
import { type Compared, checkRelations, type Relation } from "../energy/relations.js";
import { groupBy } from "../group.js";
import type { Plan } from "./plan.js";
import { planCells } from "./planCells.js";
import { type ControlDrift, runQuality } from "./quality.js";
import { type JournalRecord, type MeterReading, sessionsOf } from "./records.js";
import { controlVariation, percent, quietVariation } from "./repetitions.js";
import { type CellSummary, idlePowers, shortCells } from "./summary.js";

/** How often a relation that is expected between two probes held, over the windows that both watched. */
export interface ProbeAgreement {
	readonly first: string;
	readonly second: string;
	readonly type: Relation["type"];
	readonly windows: number;
	readonly broken: number;
	/** The window in which it was broken by most; of the first where none is. */
	readonly example: string;
}

/** The agreement of probes over every window of a journal, idle baselines included. One probe alone has none. */
export function probeAgreement(records: readonly JournalRecord[]): readonly ProbeAgreement[] {
	const relations = records.flatMap((record) => {
		const readings =
			record.type === "idle"
				? record.readings
				: record.type === "repetition" || record.type === "control"
					? record.window.readings
					: [];
		return checkRelations(readings.flatMap(compared));
	});
	return [...groupBy(relations, ({ first, second, type }) => `${first} ${second} ${type}`).values()].map((own) => {
		const worst = own.reduce((a, b) => (excess(b) > excess(a) ? b : a));
		const { first, second, type } = worst;
		const broken = own.filter(({ status }) => status === "broken").length;
		return { first, second, type, windows: own.length, broken, example: worst.statement };
	});
}

/** By how much a relation is broken, as a share of its tolerance. */
function excess({ type, first_j, second_j, tolerance_j }: Relation): number {
	const apart_j = type === "same-counter" ? Math.abs(first_j - second_j) : second_j - first_j;
	return apart_j / tolerance_j;
}

/** A reading with its domains; journals of an earlier version have none. */
function compared(reading: MeterReading): Compared[] {
	if (reading.status !== "reading" || reading.domains === undefined || reading.resolution_j === undefined) return [];
	return [reading as Compared];
}

/** A preferred probe's windows may be longer than the batches' by this share before it is said. */
const longer = 0.01;

/**
 * What the energy sources said of the windows of a run's repetitions, beyond their joules: each caveat and each refusal
 * with the number of its windows, how much of the preferred source's window lay outside of the batches, and what boards
 * have to do with the cells' energies.
 */
function energyCaveats(journals: readonly (readonly JournalRecord[])[]): string[] {
	const windows = journals.flat().flatMap((record) => (record.type === "repetition" ? [record.window] : []));
	const readings = windows.flatMap((window) => window.readings);
	const found = [...groupBy(readings, ({ probe }) => probe)].flatMap(([probe, own]) => [
		...counted(own.flatMap((reading) => (reading.status === "reading" ? (reading.caveats ?? []) : []))).map(
			([caveat, many]) => `${probe}, in ${many} of ${own.length} windows: ${caveat}`,
		),
		...counted(own.flatMap((reading) => (reading.status === "refused" ? [causeOf(reading)] : []))).map(
			([cause, many]) => `${probe} gave no number in ${many} of ${own.length} windows: ${cause}`,
		),
	]);
	const over = windows.flatMap(({ readings: [first], elapsed_s }) =>
		first?.status === "reading" ? [first.duration_s / elapsed_s - 1] : [],
	);
	if (over.length > 0 && mean(over) > longer)
		found.push(
			`the energy source's windows were longer than the batches' by ${percent(mean(over))} on average, ${percent(max(over))} at most: what was drawn before and after is in the mean power, which is then too low`,
		);
	const [first] = windows.flatMap((window) => window.readings.slice(0, 1));
	const boards = new Set(readings.flatMap((entry) => (coversBoard(entry) ? [entry.probe] : [])));
	if (first?.status === "reading" && boards.size > 0 && !coversBoard(first) && !first.covers.includes("node"))
		found.push(
			`energies of boards (${[...boards].join(", ")}) are beside those of the cells and not in them: where the work runs on a board, name its probe first in the plan`,
		);
	if (first?.status === "reading" && first.covers.every((part) => part === "board"))
		found.push(
			`energies are of boards alone, ${chosen(first) ?? "all of the machine's, idle ones too"}; allocation and cost are still the plan's cores, not a number of boards`,
		);
	return found;
}

/** Who chose the boards, where anyone did: "those that the plan names, 1 of 2". */
function chosen({ totalRule = "" }: Extract<MeterReading, { status: "reading" }>): string | undefined {
	const [, by] = /^sum of the boards that (.* names, .*)$/.exec(totalRule) ?? [];
	return by === undefined ? undefined : `those that ${by}`;
}

function coversBoard(reading: MeterReading): boolean {
	return reading.status === "reading" && reading.covers.includes("board");
}

/** Reasons hold values that differ from window to window: they are counted by cause. */
function causeOf({ cause, reason }: Extract<MeterReading, { status: "refused" }>): string {
	return cause ?? reason;
}

function counted(texts: readonly string[]): [string, number][] {
	return [...groupBy(texts, (text) => text)].map(([text, own]) => [text, own.length]);
}

/** What a reader of a measured dataset must know of it, a sentence each: the method, the node, the energy sources. */
export function datasetCaveats(
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	summaries: readonly CellSummary[],
	modelled: boolean,
): string[] {
	const found = [...runnerCaveats(plan), "accuracy_pct is the published accuracy of the variant, not measured here"];
	const planned = planCells(plan).length;
	const measured = new Set(summaries.map(({ cell }) => cell.id)).size;
	if (measured < planned) found.push(`${planned - measured} of the plan's ${planned} cells are not measured`);
	const short = shortCells(plan, summaries).length;
	if (short > 0)
		found.push(
			`${short} cells have fewer than the plan's least ${plan.repetitions.min} repetitions: a run did not end`,
		);
	const dropped = summaries.reduce((sum, summary) => sum + summary.dropped, 0);
	found.push(`${dropped} whole repetitions dropped beyond 3 sigma (impossible for cells of up to ten repetitions)`);
	const capped = summaries.filter(({ warm_ups_capped }) => warm_ups_capped > 0).length;
	if (capped > 0)
		found.push(`in ${capped} cells a warm-up ended at its cap of ${plan.warm_up.at_most_s} s, not settled`);
	const { failed, control_energy, control_latency, agreement } = runQuality(plan, journals, summaries);
	if (failed.length > 0)
		found.push(
			`${failed.length} visits failed: ${[...new Set(failed.map(({ cell, reason }) => `${cell}: ${reason}`))].join("; ")}`,
		);
	if (plan.control.cell !== undefined) found.push(`the control is a cell of the plan's runner`);
	if (control_latency.status === "available") found.push(`control, latency: ${driftText(control_latency.value)}`);
	if (control_energy.status === "available") found.push(`control, energy: ${driftText(control_energy.value)}`);
	for (const { probe, median, farthest, cell } of agreement)
		found.push(
			`energy by ${probe} over that of the cells, of the same coverage: ${percent(median)} more in the median, ${percent(farthest)} at the farthest (${cell})`,
		);
	journals.forEach((records, i) => {
		const node = journals.length === 1 ? "the node" : `node ${i + 1}`;
		const variation = controlVariation(records);
		if (variation.status === "ok" && plan.control.cell === undefined)
			found.push(
				`the control workload varied by ${percent(variation.value)} (s / mean): ${node} was ${variation.value > quietVariation ? "NOT quiet" : "quiet"} (limit ${percent(quietVariation)})`,
			);
		for (const { block, drift, before_w, after_w } of idlePowers(records).values())
			found.push(
				`idle power drifted by ${percent(drift)} over block ${block + 1} on ${node}, from ${rounded(before_w)} W to ${rounded(after_w)} W`,
			);
		for (const { first, second, type, windows, broken, example } of probeAgreement(records))
			found.push(
				`${first} ${type === "contains" ? "contains" : "agrees with"} ${second} in ${windows - broken} of ${windows} windows on ${node}${broken > 0 ? `: at worst ${example}` : ""}`,
			);
	});
	found.push(...energyCaveats(journals));
	const probes = sessionsOf(journals).flatMap(({ probes_unavailable }) =>
		probes_unavailable.map(({ probe, reason }) => `no energy by ${probe}: ${reason}`),
	);
	found.push(...new Set(probes));
	for (const session of sessionsOf(journals))
		found.push(
			`environment at ${session.started_at}: ${Object.entries(session.environment)
				.map(
					([name, entry]) => `${name} ${entry.status === "available" ? entry.value : `unavailable (${entry.reason})`}`,
				)
				.join("; ")}`,
		);
	if (modelled) found.push("energies of kind modelled are computed from latency, cores and CPU time: never evidence");
	return found;
}

function driftText({ windows, variation, drift }: ControlDrift): string {
	const blocks = drift.status === "available" ? percent(drift.value) : `unavailable (${drift.reason})`;
	return `${windows} windows vary by ${percent(variation)} (s / mean), means of blocks drift by ${blocks}`;
}

function rounded(value: number): number {
	return Math.round(10 * value) / 10;
}

function runnerCaveats({ runner, window_s, variants, knobs = {} }: Plan): string[] {
	if (runner.type === "mlserver")
		return [
			`latency_s is the mean over repetitions of the mean latency of a request in windows of at least ${window_s} s, from when it was due to its answer, under an open loop of ${runner.rate_rps} requests/s (${runner.arrivals}): queueing included`,
			"energy is of the whole window, shared among its requests: what the machine draws while it waits for requests is in it",
			"batches and cores are those that the plan says the server was deployed with; they were not checked",
		];
	const found = [
		`latency_s is the mean over repetitions of the mean batch latency in windows of at least ${window_s} s, batches one after another`,
	];
	if ("tenants" in knobs || variants.some((variant) => "tenants" in (variant.knobs ?? {})))
		found.push(
			"tenants are processes that run the cell at once, on the same cores: latency is of a batch of one of them, throughput and energy are of all; a window ends when the last one's batch is done, and for that batch fewer run",
		);
	if (runner.type === "command" && runner.device === "gpu")
		found.push(
			"allocation is a number of boards, shared by all tenants; energy is as the source covers it, not of the host unless it says so",
		);
	if (runner.type === "onnx")
		found.push(
			`weights of the embedded models are random (seed ${runner.weights_seed}), batch normalisation is folded in, boxes are not decoded; float32; images of a batch are parts of one picture`,
			"each cell ran in a process of its own, kept on its cores by taskset where that is there; latency is by the process' own clock",
		);
	return found;
}
