import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { csvField } from "../datasets/csv.js";
import { writeDatasetFolder } from "../datasets/readEvidence.js";
import type { CellEnergy, EvidenceCell, Provenance } from "../evaluation/evidence.js";
import type { Perhaps } from "../outcome.js";
import { datasetCaveats } from "./caveats.js";
import { fileFault } from "./journal.js";
import { type EnergyCoefficients, modelledEnergy } from "./modelEnergy.js";
import { type Plan, planHash } from "./plan.js";
import { allocationOf } from "./planCells.js";
import { qualityTargets } from "./quality.js";
import { type JournalRecord, type Session, sessionsOf } from "./records.js";
import { percent } from "./repetitions.js";
import { type CellEnergyMeasured, type CellSummary, summarise } from "./summary.js";

/**
 * What the cell table has no columns for, a row a cell: CPU time, percentiles, idle-subtracted and modelled energy.
 * "unavailable" with the reason where there is no number.
 */
export function detailsCsv(summaries: readonly CellSummary[], model: EnergyCoefficients | undefined): string {
	const rows = summaries.map((summary): Readonly<Record<string, string | number>> => {
		const { cell, energy } = summary;
		const measured = energy.status === "available" ? energy.value : undefined;
		return {
			hardware: summary.hardware,
			variant: cell.variant,
			cores: cell.cores,
			batch: cell.batch,
			...prefixed("knob_", cell.knobs),
			repetitions: summary.repetitions,
			dropped: summary.dropped,
			latency_s: summary.latency_s,
			latency_p99_s: summary.latency_p99_s,
			latency_relative_interval: summary.latency_relative_interval,
			throughput_rps: summary.throughput_rps,
			cpu_s_per_batch: shown(summary.cpu_s_per_batch),
			energy_probe: measured?.probe ?? "unavailable",
			energy_covers: measured?.covers.join(" ") ?? "unavailable",
			energy_gross_j_per_batch: measured?.gross_j ?? "unavailable",
			energy_idle_subtracted_j_per_batch: measured === undefined ? "unavailable" : shown(measured.idle_subtracted_j),
			idle_power_w: measured === undefined ? "unavailable" : shown(measured.idle_power_w),
			energy_modelled_j_per_batch: (model === undefined ? undefined : modelledEnergy(summary, model)) ?? "unavailable",
			window_batches_least: summary.batches_least,
			warm_ups_not_settled: summary.warm_ups_capped,
			...prefixed("counted_per_batch_", summary.counted),
			...prefixed("observed_", summary.observed),
			...prefixed(
				"excess_of_",
				Object.fromEntries((measured?.beside ?? []).map(({ probe, excess }) => [probe.replaceAll(/\W/g, "_"), excess])),
			),
		};
	});
	const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	const lines = rows.map((row) => columns.map((column) => csvField(row[column] ?? "unavailable")).join(","));
	return `${[columns.join(","), ...lines].join("\n")}\n`;
}

function prefixed(prefix: string, values: Readonly<Record<string, string | number>>): Record<string, string | number> {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

function shown(entry: Perhaps<number>): number | string {
	return entry.status === "available" ? entry.value : `unavailable: ${entry.reason}`;
}

const wideFlag = "interval-wide";

/** What a measured dataset is written with. */
export interface MeasuredDatasetOptions {
	/** Adds modelled energies where none was measured; they are labelled, and never evidence. */
	readonly model?: EnergyCoefficients | undefined;
	/** Where the dataset goes, with its details and journals in it; by default `<folder>/dataset`, without. */
	readonly dataset?: string | undefined;
}

/**
 * Writes `<folder>/dataset`, a dataset in the study's own form (cells.csv, provenance.yaml), and beside it
 * `<folder>/details.csv`, what the cell table has no columns for: CPU time, percentiles, idle-subtracted energy.
 *
 * Throws InputError where the folder cannot be written.
 *
 * @param journals the records of each node's journal
 */
export async function writeMeasuredDataset(
	folder: string,
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	{ model, dataset }: MeasuredDatasetOptions = {},
): Promise<readonly CellSummary[]> {
	const summaries = summarise(plan, journals);
	const cells = summaries.map((summary, i) => evidenceCell(plan, summary, i, model));
	const provenance = provenanceOf(plan, journals, summaries, model);
	const details = join(folder, "details.csv");
	try {
		await mkdir(folder, { recursive: true });
		const table = detailsCsv(summaries, model);
		if (dataset === undefined) await writeDatasetFolder(join(folder, "dataset"), provenance, cells);
		else await writeDatasetFolder(dataset, provenance, cells, { "details.csv": table, ...journalTexts(journals) });
		await writeFile(`${details}.part`, table);
		await rename(`${details}.part`, details);
	} catch (error) {
		throw fileFault(folder, error);
	}
	return summaries;
}

function journalTexts(journals: readonly (readonly JournalRecord[])[]): Readonly<Record<string, string>> {
	return Object.fromEntries(
		journals.map((records, i) => [
			journals.length === 1 ? "journal.jsonl" : `journal-${i + 1}.jsonl`,
			records.map((record) => `${JSON.stringify(record)}\n`).join(""),
		]),
	);
}

function evidenceCell(
	plan: Plan,
	summary: CellSummary,
	index: number,
	model: EnergyCoefficients | undefined,
): EvidenceCell {
	const { cell, hardware, energy } = summary;
	const meter = energy.status === "available" ? meterOf(energy.value) : "no energy source";
	const { runner } = plan;
	const onGpu =
		runner.type === "command" && runner.device !== undefined
			? runner.device === "gpu"
			: energy.status === "available" && energy.value.covers.every((part) => part === "board");
	return {
		dataset: plan.name,
		population: [hardware, cell.stage, plan.runner.request_unit, meter].filter((part) => part !== undefined).join(", "),
		hardware,
		device: onGpu ? "gpu" : "cpu",
		variant: cell.variant,
		allocation: allocationOf(plan, cell),
		batch: cell.batch,
		replicas: 1,
		knobs: cell.knobs,
		workload: {},
		request_unit: plan.runner.request_unit,
		latency_s: summary.latency_s,
		throughput_rps: summary.throughput_rps,
		...(cell.accuracy_pct === undefined ? {} : { accuracy_pct: cell.accuracy_pct }),
		energy: cellEnergy(summary, model),
		...(energy.status === "available" && energy.value.idle_power_w.status === "available"
			? { idle_power_w: energy.value.idle_power_w.value }
			: {}),
		repetitions: summary.repetitions,
		kind: "measured",
		flags: flagsOf(plan, summary).map(({ name }) => name),
		line: index + 2,
	};
}

/** What makes a cell suspect, and what each flag means. */
function flagsOf(plan: Plan, summary: CellSummary): readonly { readonly name: string; readonly meaning: string }[] {
	const { repetitions } = plan;
	const { energy, observed, cell } = summary;
	const apart = energy.status === "available" ? energy.value.beside : [];
	// Each of our processes holds one context on a board; more are others'.
	const contexts = Number(cell.knobs.tenants ?? 1);
	const alone =
		!(plan.runner.type === "command" && plan.runner.device === "gpu") ||
		!((observed.compute_processes ?? 0) > contexts);
	return [
		...(relativeIntervals(summary).some((width) => width > repetitions.target_relative_interval)
			? [{ name: wideFlag, meaning: wideMeaning(plan) }]
			: []),
		...(apart.some(({ excess }) => Math.abs(excess) > qualityTargets.disagreement)
			? [
					{
						name: "sources-disagree",
						meaning: `two sources of the same coverage differ by over ${percent(qualityTargets.disagreement)} of the energy`,
					},
				]
			: []),
		...(alone
			? []
			: [
					{
						name: "not-alone",
						meaning:
							"more processes held a context on the board than the cell has tenants: others' work may be in its energy",
					},
				]),
		...summary.flags,
	];
}

/** Relative half-widths of the t-intervals of what the plan's target is about. */
function relativeIntervals({ latency_relative_interval, energy }: CellSummary): number[] {
	return energy.status === "available"
		? [latency_relative_interval, energy.value.gross_relative_interval]
		: [latency_relative_interval];
}

function cellEnergy(summary: CellSummary, model: EnergyCoefficients | undefined): CellEnergy {
	const { cell, energy } = summary;
	if (energy.status === "available") {
		const { kind, gross_j, gross_sd_j, power_w } = energy.value;
		return {
			status: "available",
			kind,
			energy_j_per_request: gross_j / cell.batch,
			energy_j_per_batch: gross_j,
			power_w,
			energy_sd_j_per_request: gross_sd_j / cell.batch,
		};
	}
	const modelled = model === undefined ? undefined : modelledEnergy(summary, model);
	if (modelled !== undefined)
		return {
			status: "available",
			kind: "modelled",
			energy_j_per_request: modelled / cell.batch,
			energy_j_per_batch: modelled,
		};
	return energy;
}

function wideMeaning({ repetitions: { target_relative_interval, max } }: Plan): string {
	return `the interval is wider than ${percent(target_relative_interval)} of the mean after ${max} repetitions or at the time limit`;
}

function provenanceOf(
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	summaries: readonly CellSummary[],
	model: EnergyCoefficients | undefined,
): Omit<Provenance, "files"> {
	const sessions = sessionsOf(journals);
	const commits = [...new Set(sessions.map((session) => text(session, "git_commit")))];
	const probes = [...new Set(sessions.flatMap((session) => session.probes))];
	const used = [
		...new Set(summaries.flatMap(({ energy }) => (energy.status === "available" ? [meterOf(energy.value)] : []))),
	];
	const modelled =
		model !== undefined &&
		summaries.some(
			(summary) => summary.energy.status === "unavailable" && modelledEnergy(summary, model) !== undefined,
		);
	return {
		dataset: plan.name,
		title: plan.title,
		source: `sustainable-ipa measure, plan ${plan.name} (sha256 ${planHash(plan)}), seed ${plan.seed}, ${sessions.map(({ started_at }) => started_at).join(", ")}`,
		commit: commits.join(", ") || "unavailable",
		path: "journal.jsonl",
		hardware: [...new Set(summaries.map(({ hardware }) => hardware))].join("; ") || "unavailable",
		energy_method:
			(used.length === 0
				? `unavailable: no ${probes.length === 0 ? "energy source" : `usable reading by ${probes.join(", ")}`}`
				: `gross energy by ${used.join("; ")}; watched by ${probes.join(", ")}`) +
			(modelled ? `; modelled by ${model.name} (${model.source})` : ""),
		kind: "measured",
		units: { latency_s: "s", throughput_rps: "1/s", accuracy_pct: "percent", energy_j_per_request: "J", power_w: "W" },
		licence: "as the project",
		caveats: datasetCaveats(plan, journals, summaries, modelled),
		...(summaries.every(({ energy }) => energy.status === "unavailable")
			? { barred: "no measured energy: it can say nothing about energy" }
			: {}),
		flags: [{ name: wideFlag, meaning: wideMeaning(plan) }, ...summaries.flatMap((summary) => flagsOf(plan, summary))]
			.filter(({ name }, i, all) => all.findIndex((other) => other.name === name) === i)
			.map(({ name, meaning }) => ({ name, meaning, severity: "suspect" as const })),
	};
}

/** Cells whose energies cover different things are of different populations. */
function meterOf({ probe, covers }: CellEnergyMeasured): string {
	return `${probe} (${covers.join(" and ")})`;
}

function text({ environment }: Session, name: string): string {
	const entry = environment[name];
	return entry?.status === "available" ? entry.value : `unavailable (${entry?.reason ?? "not captured"})`;
}
