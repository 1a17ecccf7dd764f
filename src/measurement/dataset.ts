import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { csvField } from "../datasets/csvField.js";
import { writeDatasetFolder } from "../datasets/evidence.js";
import type { CellEnergy, EvidenceCell, Provenance } from "../evaluation/evidence.js";
import { idlePowers } from "./idle.js";
import { type EnergyCoefficients, modelledEnergy } from "./modelEnergy.js";
import { type Plan, planHash } from "./plan.js";
import { planCells } from "./planCells.js";
import { probeAgreement } from "./probeAgreement.js";
import { controlVariation, quietVariation } from "./quiet.js";
import type { JournalRecord, Session } from "./records.js";
import { type CellSummary, summarise } from "./summary.js";

const wideFlag = "interval-wide";

/**
 * Writes `<folder>/dataset`, a dataset in the study's own form (cells.csv, provenance.yaml), and beside it
 * `<folder>/details.csv`, what the cell table has no columns for: CPU time, percentiles, idle-subtracted energy.
 *
 * @param journals the records of each node's journal
 * @param model adds modelled energies where none was measured; they are labelled, and never evidence
 */
export async function writeMeasuredDataset(
	folder: string,
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	model?: EnergyCoefficients,
): Promise<readonly CellSummary[]> {
	const summaries = summarise(plan, journals);
	const cells = summaries.map((summary, i) => evidenceCell(plan, summary, i, model));
	await writeDatasetFolder(join(folder, "dataset"), provenanceOf(plan, journals, summaries, model), cells);
	const details = join(folder, "details.csv");
	await writeFile(`${details}.part`, detailsCsv(summaries, model));
	await rename(`${details}.part`, details);
	return summaries;
}

function evidenceCell(
	plan: Plan,
	summary: CellSummary,
	index: number,
	model: EnergyCoefficients | undefined,
): EvidenceCell {
	const { cell, hardware, energy } = summary;
	const meter = energy.status === "available" ? energy.value.probe : "no energy source";
	const wide = relativeIntervals(summary).some((width) => width > plan.repetitions.target_relative_interval);
	return {
		dataset: plan.name,
		population: [hardware, cell.stage, plan.runner.request_unit, meter].filter((part) => part !== undefined).join(", "),
		hardware,
		device: "cpu",
		variant: cell.variant,
		allocation: cell.cores,
		batch: cell.batch,
		replicas: 1,
		knobs: {},
		request_unit: plan.runner.request_unit,
		latency_s: summary.latency_s,
		throughput_rps: summary.throughput_rps,
		...(cell.accuracy_pct === undefined ? {} : { accuracy_pct: cell.accuracy_pct }),
		energy: cellEnergy(summary, model),
		repetitions: summary.repetitions,
		kind: "measured",
		flags: wide ? [wideFlag] : [],
		line: index + 2,
	};
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

function provenanceOf(
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	summaries: readonly CellSummary[],
	model: EnergyCoefficients | undefined,
): Omit<Provenance, "files"> {
	const sessions = sessionsOf(journals);
	const commits = [...new Set(sessions.map((session) => text(session, "git_commit")))];
	const probes = [...new Set(sessions.flatMap((session) => session.probes))];
	const modelled = summaries.some(({ energy }) => energy.status === "unavailable") && model !== undefined;
	return {
		dataset: plan.name,
		title: plan.title,
		source: `sustainable-ipa measure, plan ${plan.name} (sha256 ${planHash(plan)}), seed ${plan.seed}, ${sessions.map(({ started_at }) => started_at).join(", ")}`,
		commit: commits.join(", ") || "unavailable",
		path: "journal.jsonl",
		hardware: [...new Set(summaries.map(({ hardware }) => hardware))].join("; ") || "unavailable",
		energy_method:
			(probes.length === 0
				? "unavailable: no energy source"
				: `gross energy by ${probes[0]}; watched by ${probes.join(", ")}`) +
			(modelled ? `; modelled by ${model.name} (${model.source})` : ""),
		kind: "measured",
		units: { latency_s: "s", throughput_rps: "1/s", accuracy_pct: "percent", energy_j_per_request: "J", power_w: "W" },
		licence: "as the project",
		caveats: caveats(plan, journals, summaries, modelled),
		...(summaries.every(({ energy }) => energy.status === "unavailable")
			? { barred: "no measured energy: it can say nothing about energy" }
			: {}),
		flags: [
			{
				name: wideFlag,
				meaning: `the interval is wider than ${percent(plan.repetitions.target_relative_interval)} of the mean after ${plan.repetitions.max} repetitions or at the time limit`,
				severity: "suspect",
			},
		],
	};
}

function runnerCaveats({ runner, window_s }: Plan): string[] {
	if (runner.type === "mlserver")
		return [
			`latency_s is the mean over repetitions of the mean latency of a request in windows of at least ${window_s} s, from when it was due to its answer, under an open loop of ${runner.rate_rps} requests/s (${runner.arrivals}): queueing included`,
			"batches and cores are those that the plan says the server was deployed with; they were not checked",
		];
	const found = [
		`latency_s is the mean over repetitions of the mean batch latency in windows of at least ${window_s} s, batches one after another`,
	];
	if (runner.type === "onnx")
		found.push(
			`weights of the embedded models are random (seed ${runner.weights_seed}), batch normalisation is folded in, boxes are not decoded; float32; images of a batch are parts of one picture`,
			"each cell ran in a process of its own, kept on its cores by taskset where that is there; latency is by the process' own clock",
		);
	return found;
}

function caveats(
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	summaries: readonly CellSummary[],
	modelled: boolean,
): string[] {
	const found = [...runnerCaveats(plan), "accuracy_pct is the published accuracy of the variant, not measured here"];
	const planned = planCells(plan).length;
	const measured = new Set(summaries.map(({ cell }) => cell.id)).size;
	if (measured < planned) found.push(`${planned - measured} of the plan's ${planned} cells are not measured`);
	const dropped = summaries.reduce((sum, summary) => sum + summary.dropped, 0);
	found.push(`${dropped} whole repetitions dropped beyond 3 sigma (impossible for cells of up to ten repetitions)`);
	const capped = summaries.filter(({ warm_ups_capped }) => warm_ups_capped > 0).length;
	if (capped > 0)
		found.push(`in ${capped} cells a warm-up ended at its cap of ${plan.warm_up.at_most_s} s, not settled`);
	journals.forEach((records, i) => {
		const node = journals.length === 1 ? "the node" : `node ${i + 1}`;
		const variation = controlVariation(records);
		if (variation.status === "ok")
			found.push(
				`the control workload varied by ${percent(variation.value)} (s / mean): ${node} was ${variation.value > quietVariation ? "NOT quiet" : "quiet"} (limit ${percent(quietVariation)})`,
			);
		for (const { block, drift } of idlePowers(records).values())
			found.push(`idle power drifted by ${percent(drift)} over block ${block + 1} on ${node}`);
		for (const { first, second, type, windows, broken, example } of probeAgreement(records))
			found.push(
				`${first} ${type === "contains" ? "contains" : "agrees with"} ${second} in ${windows - broken} of ${windows} windows on ${node}${broken > 0 ? `: at worst ${example}` : ""}`,
			);
	});
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

const detailColumns = [
	"hardware",
	"variant",
	"cores",
	"batch",
	"repetitions",
	"dropped",
	"latency_s",
	"latency_p99_s",
	"latency_relative_interval",
	"throughput_rps",
	"cpu_s_per_batch",
	"energy_probe",
	"energy_covers",
	"energy_gross_j_per_batch",
	"energy_idle_subtracted_j_per_batch",
	"idle_power_w",
	"energy_modelled_j_per_batch",
] as const;

function detailsCsv(summaries: readonly CellSummary[], model: EnergyCoefficients | undefined): string {
	const lines = summaries.map((summary) => {
		const { cell, energy } = summary;
		const measured = energy.status === "available" ? energy.value : undefined;
		const values: Record<(typeof detailColumns)[number], string | number> = {
			hardware: summary.hardware,
			variant: cell.variant,
			cores: cell.cores,
			batch: cell.batch,
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
		};
		return detailColumns.map((column) => csvField(values[column])).join(",");
	});
	return `${[detailColumns.join(","), ...lines].join("\n")}\n`;
}

function shown(entry: { status: "available"; value: number } | { status: "unavailable"; reason: string }) {
	return entry.status === "available" ? entry.value : `unavailable: ${entry.reason}`;
}

function sessionsOf(journals: readonly (readonly JournalRecord[])[]): Session[] {
	return journals.flat().filter((record): record is Session => record.type === "session");
}

function text({ environment }: Session, name: string): string {
	const entry = environment[name];
	return entry?.status === "available" ? entry.value : `unavailable (${entry?.reason ?? "not captured"})`;
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
