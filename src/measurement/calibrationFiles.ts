import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CalibratedEnergy, calibratedEnergies, medianHalfWidth } from "../calibration/energies.js";
import { writeCellsCsv } from "../datasets/cellsCsv.js";
import { csvField } from "../datasets/csv.js";
import type { EvidenceCell } from "../evaluation/evidence.js";
import type { ProfilePoint, StageProfile } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { Kind } from "../units.js";
import type { PlanCalibration } from "./calibratePlan.js";
import type { Plan } from "./plan.js";

/** What a calibration writes beside its report. */
export interface CalibrationFilesOptions {
	/** The task as IPA names it, and the stage of `pipeline` that gets the energies. */
	readonly stage: string;
	/** The pipeline whose stage was calibrated. */
	readonly pipeline?: PipelineSpec;
}

/** A calibration's results, raw: what report.json holds. */
export interface CalibrationReport {
	readonly status: PlanCalibration["status"];
	/** Names the calibration wherever its energies go. */
	readonly calibration: string;
	readonly plan: string;
	readonly hardware: string;
	readonly cells: number;
	readonly measured: number;
	readonly scenarios: number;
	readonly margin: number;
	readonly stop_below: number;
	readonly interval_level: number;
	/** Mean chance that another cell is better by more than the margin, at the end. */
	readonly doubt: number;
	readonly half_width: number | null;
	readonly idle_power_w: number;
	readonly idle_kind: Kind;
	/** After every visit. */
	readonly curve: readonly Readonly<Record<string, number | string | null>>[];
	readonly energies: readonly CalibratedEnergy[];
}

/** What a calibration came to, for report.json. */
export function calibrationReport(
	plan: Plan,
	{ status, calibration, visits, hardware }: PlanCalibration,
): CalibrationReport {
	const { settings, scenarios, doubt, posterior, cells } = calibration;
	const half = medianHalfWidth(calibration);
	const width =
		half === undefined
			? "nothing predicted"
			: `median half width ${Math.round(100 * half)} % at level ${settings.level}`;
	const idles = visits.flatMap(({ idle_power_w }) => idle_power_w ?? []);
	return {
		status,
		calibration: `plan ${plan.name}, ${posterior.measured.length} of ${cells.length} cells measured on ${hardware}, ${width}`,
		plan: plan.name,
		hardware,
		cells: cells.length,
		measured: posterior.measured.length,
		scenarios: scenarios.length,
		margin: settings.margin,
		stop_below: settings.stopBelow,
		interval_level: settings.level,
		doubt,
		half_width: half ?? null,
		// No machine at work draws less than the idle one: the least power is the most that an idle one can draw.
		idle_power_w:
			idles.length > 0
				? idles.reduce((sum, idle) => sum + idle / idles.length, 0)
				: Math.min(...visits.map(({ power_w }) => power_w)),
		idle_kind: idles.length > 0 ? "measured" : "modelled",
		curve: visits.map(({ cell, foreseen_w = null, half_width = null, idle_power_w: _, ...visit }) => ({
			...visit,
			cell: cell.id,
			foreseen_w,
			half_width,
		})),
		energies: calibratedEnergies(calibration),
	};
}

/**
 * Writes `<folder>/report.json`; `energy.csv`, which the IPA plugin takes, where the plan has no knobs; `cells.csv`, the project's own table, which
 * `evaluate` and a later `--prior` take; and `pipeline.json`, which `optimize` and `adapt` take. Each is written aside
 * and renamed. Returns their paths.
 */
export async function writeCalibration(
	folder: string,
	plan: Plan,
	done: PlanCalibration,
	{ stage, pipeline }: CalibrationFilesOptions,
): Promise<readonly string[]> {
	const report = calibrationReport(plan, done);
	const files: Record<string, string> = {
		"report.json": `${JSON.stringify(report, null, 2)}\n`,
		// IPA has no other knobs: its table could not tell such cells apart.
		...(report.energies.some(({ cell }) => Object.keys(cell.knobs).length > 0)
			? {}
			: { "energy.csv": pluginCsv(report, stage) }),
		...(pipeline === undefined
			? {}
			: { "pipeline.json": `${JSON.stringify(calibratedPipeline(report, pipeline, stage), null, 2)}\n` }),
	};
	const paths: string[] = [];
	for (const [name, text] of Object.entries(files)) {
		const path = join(folder, name);
		await writeFile(`${path}.part`, text);
		await rename(`${path}.part`, path);
		paths.push(path);
	}
	const table = join(folder, "cells.csv");
	await writeCellsCsv(table, evidenceCells(plan, report));
	return [...paths, table];
}

const pluginColumns = [
	"task",
	"variant",
	"cores",
	"batch",
	"energy_j_per_batch",
	"idle_power_w",
	"kind",
	"energy_se_j_per_batch",
	"idle_kind",
	"power_low_w",
	"power_high_w",
	"calibration",
];

function pluginCsv({ energies, idle_power_w, idle_kind, calibration }: CalibrationReport, task: string): string {
	const rows = energies.map(({ cell, kind, energy_j_per_batch, energy_se_j_per_batch, power_low_w, power_high_w }) =>
		[
			task,
			cell.variant,
			cell.allocation,
			cell.batch,
			energy_j_per_batch,
			idle_power_w,
			kind,
			energy_se_j_per_batch,
			idle_kind,
			power_low_w,
			power_high_w,
			calibration,
		]
			.map(csvField)
			.join(","),
	);
	return `${[pluginColumns.join(","), ...rows].join("\n")}\n`;
}

/** The pipeline with the calibrated energies in its stage; a point that the plan does not measure keeps what it has. */
function calibratedPipeline(
	{ energies, idle_power_w, idle_kind, calibration }: CalibrationReport,
	pipeline: PipelineSpec,
	stage: string,
): PipelineSpec {
	const withEnergy = (point: ProfilePoint): ProfilePoint => {
		const found = energies.find(
			({ cell }) => cell.variant === point.variant && cell.allocation === point.cores && cell.batch === point.batch,
		);
		if (found === undefined) return point;
		const { energy_j_per_batch, energy_se_j_per_batch, kind } = found;
		return {
			...point,
			energy: { energy_j_per_batch, energy_se_j_per_batch, idle_power_w, kind, idle_kind, calibration },
		};
	};
	const stages = pipeline.stages.map(
		(own): StageProfile => (own.name === stage ? { ...own, points: own.points.map(withEnergy) } : own),
	);
	return { ...pipeline, stages };
}

function evidenceCells(plan: Plan, { energies, hardware, calibration }: CalibrationReport): readonly EvidenceCell[] {
	return energies.map(
		({ cell, kind, energy_j_per_request, energy_j_per_batch, power_w }, i): EvidenceCell => ({
			dataset: plan.name,
			// A predicted energy names its calibration wherever it goes.
			population: calibration,
			hardware,
			device: plan.runner.type === "command" ? (plan.runner.device ?? "cpu") : "cpu",
			variant: cell.variant,
			allocation: cell.allocation,
			batch: cell.batch,
			replicas: 1,
			knobs: cell.knobs,
			workload: {},
			request_unit: plan.runner.request_unit,
			latency_s: cell.latency_s,
			throughput_rps: cell.throughput_rps,
			...(cell.accuracy_pct === undefined ? {} : { accuracy_pct: cell.accuracy_pct }),
			energy: { status: "available", kind, energy_j_per_request, energy_j_per_batch, power_w },
			kind: "measured",
			flags: [],
			line: i + 2,
		}),
	);
}
