import type { Detected } from "../energy/probes.js";
import { probeAgreement } from "../measurement/caveats.js";
import type { Environment } from "../measurement/environment.js";
import type { Meters } from "../measurement/meters.js";
import type { Plan } from "../measurement/plan.js";
import { cellName, type KnobValues } from "../measurement/planCells.js";
import type { JournalRecord, Session } from "../measurement/records.js";
import { controlVariation, percent, quietVariation } from "../measurement/repetitions.js";
import { planTime } from "../measurement/schedule.js";
import { type CellSummary, idlePowers, summarise } from "../measurement/summary.js";
import type { Perhaps } from "../outcome.js";

/** Whether the node was quiet, by the control workload, in a sentence. */
export function quietSentence(records: readonly JournalRecord[]): string {
	const variation = controlVariation(records);
	if (variation.status !== "ok") return `Whether the node was quiet is unavailable: ${variation.detail}.`;
	return `The control workload varied by ${percent(variation.value)} (s / mean): the node was **${variation.value > quietVariation ? "not quiet" : "quiet"}** (limit ${(100 * quietVariation).toFixed(0)} %).`;
}

/** Rows for a table: idle power before and after each block, and its drift; or why there is none. */
export function idleRows(records: readonly JournalRecord[]): Record<string, string | number>[] {
	const rows = [...idlePowers(records).values()].map(({ block, probe, before_w, after_w, drift }) => ({
		block: block + 1,
		probe,
		"idle before (W)": Number(before_w.toPrecision(4)),
		"idle after (W)": Number(after_w.toPrecision(4)),
		"drift (%)": Number((100 * drift).toFixed(2)),
	}));
	return rows.length > 0
		? rows
		: [{ "idle power": "unavailable", reason: whyNone(records, "no block has both baselines") }];
}

/** Rows for a table: how often what is expected between two probes held; or why nothing can be compared. */
export function agreementRows(records: readonly JournalRecord[]): Record<string, string | number>[] {
	const rows = probeAgreement(records).map(({ first, second, type, windows, broken, example }) => ({
		probes: `${first}, ${second}`,
		expected: type === "contains" ? `${first} above ${second}` : "the same counter",
		windows,
		broken,
		"at worst": example,
	}));
	return rows.length > 0
		? rows
		: [{ agreement: "unavailable", reason: whyNone(records, "one probe alone has nothing to agree with") }];
}

function whyNone(records: readonly JournalRecord[], otherwise: string): string {
	const sessions = records.filter((record): record is Session => record.type === "session");
	return sessions.some(({ probes }) => probes.length > 0) ? otherwise : "no energy source watched this run";
}

/** Rows for a table: what a run records of its machine, and what it could not find out. */
export function environmentRows(environment: Environment): Record<string, string>[] {
	return Object.entries(environment).map(([name, entry]) => ({
		what: name,
		value: entry.status === "available" ? entry.value : `unavailable: ${entry.reason}`,
	}));
}

/** Rows for a table: what plans take on this machine, as its energy sources lengthen them. */
export function planTimeRows(
	plans: readonly Plan[],
	{ available }: Pick<Meters, "available">,
): Record<string, string | number>[] {
	return plans.map((plan) => {
		const { cells, repetitions, window_s, least_s, most_s } = planTime(plan, available);
		return {
			plan: plan.name,
			cells,
			repetitions:
				repetitions.least === repetitions.most ? repetitions.least : `${repetitions.least} to ${repetitions.most}`,
			"window (s)": window_s,
			"windows and idle, at least (min)": Number((least_s / 60).toFixed(1)),
			"with every warm-up and repetition (min)": Number((most_s / 60).toFixed(1)),
			"time limit (min)": Number((plan.time_limit_s / 60).toFixed(1)),
		};
	});
}

/** Rows for a table: what each energy probe can read here, or why it cannot and what enables it. */
export function doctorRows(detected: readonly Detected[]): Record<string, string | number>[] {
	return detected.map(({ probe, detection }) => ({
		probe: probe.name,
		status: detection.status,
		covers: detection.status === "available" ? detection.covers.join(", ") : "",
		"shortest window (s)": probe.minimumWindow_s,
		"how it is read, or why not":
			detection.status === "available" ? detection.detail : `${detection.cause}: ${detection.reason}`,
		"to enable": detection.status === "available" ? "" : (detection.remedy ?? "cannot be enabled here"),
	}));
}

/** A cell's id in a journal, as a person reads it. */
export function cellLabel(id: string): string {
	const [variant, cores, batch, knobs = {}] = JSON.parse(id) as [string, number, number, KnobValues?];
	return cellName({ id, variant, cores, batch, knobs });
}

/** Rows for a table: what the repetitions of each cell came to. Measured, but for energies of a probe that models them. */
export function cellRows(plan: Plan, records: readonly JournalRecord[]): Record<string, string | number>[] {
	return summarise(plan, [records]).map(
		({ cell, repetitions, latency_s, latency_p99_s, latency_relative_interval, throughput_rps, ...rest }) => ({
			variant: cell.variant,
			cores: cell.cores,
			batch: cell.batch,
			...cell.knobs,
			repetitions,
			"latency (ms)": Number((1000 * latency_s).toPrecision(4)),
			"± (%)": Number((100 * latency_relative_interval).toFixed(2)),
			"p99 (ms)": Number((1000 * latency_p99_s).toPrecision(4)),
			"throughput (1/s)": Number(throughput_rps.toPrecision(4)),
			"CPU time a batch (s)": shown(rest.cpu_s_per_batch, (value) => value),
			"energy a batch (J, gross)": shown(rest.energy, ({ gross_j }) => gross_j),
			"less idle (J)": lessIdle(rest.energy),
			kind: rest.energy.status === "available" ? rest.energy.value.kind : "measured",
		}),
	);
}

function lessIdle(energy: CellSummary["energy"]): string | number {
	return energy.status === "available" ? shown(energy.value.idle_subtracted_j, (value) => value) : "unavailable";
}

function shown<T>(entry: Perhaps<T>, of: (value: T) => number): string | number {
	return entry.status === "available" ? Number(of(entry.value).toPrecision(4)) : `unavailable: ${entry.reason}`;
}
