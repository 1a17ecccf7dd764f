import { join } from "node:path";
import { type CsvTable, readCsv } from "../datasets/csv.js";
import type { StageProfile } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import {
	type PublishedComparison,
	type SlaComparison,
	type StageReport,
	stageReport,
	tableComparisons,
} from "./profileReport.js";
import { requiredFigure } from "./publishedFigures.js";
import { type DerivedStage, deriveStages } from "./stageProfile.js";
import { ipaSlaFactor, type PipelineSource, pipelineSources, stageSources } from "./stages.js";

/** One of IPA's pipelines as a coherent profile, and how it compares with what IPA published. */
export interface DerivedProfile {
	readonly spec: PipelineSpec;
	readonly report: ProfileReport;
}

export interface ProfileReport {
	readonly stages: readonly StageReport[];
	/** Sum of the stage SLAs, s. */
	readonly sla_s: SlaComparison;
	/** Tables 2, 3 and 4 of the paper, which are about the Video pipeline. */
	readonly tables: readonly PublishedComparison[];
}

/**
 * Derives the profiles of IPA's five pipelines from data/raw: measured cells as `selectRows` picks them, the rest from
 * the latency model. Throughput is batch / latency, as IPA's regression step has it, so it is `modelled` wherever the
 * latency is.
 */
export async function deriveProfiles(dataRoot: string): Promise<DerivedProfile[]> {
	const raw = (name: string) => readCsv(join(dataRoot, "raw", name));
	const paper = await raw("ipa-paper/ipa-paper-tables.csv");
	const files = [...new Set(stageSources.map(({ file }) => file))];
	const profiles = new Map(
		await Promise.all(files.map(async (name) => [name, await raw(`ipa-profiles/${name}`)] as const)),
	);
	const stages = deriveStages(stageSources, profiles, paper);
	return pipelineSources.map((source) => derive(source, stages, paper));
}

function derive(source: PipelineSource, derived: ReadonlyMap<string, DerivedStage>, paper: CsvTable): DerivedProfile {
	const { name, weights, slaDivisor } = source;
	const stages = source.stages.map((stage) => derived.get(stage) as DerivedStage);
	const threshold_rps = requiredFigure(paper, "exact thresholds", name, "base-allocation threshold");
	const weight = (attribute: string) => requiredFigure(paper, "objective weights", weights, attribute);
	const reports = stages.map((stage) => stageReport(source, stage, threshold_rps, paper));
	const printed = requiredFigure(paper, "exact SLAs", name, "end-to-end SLA");
	const sum = (of: (sla_s: SlaComparison) => number) => reports.reduce((so, { sla_s }) => so + of(sla_s), 0);
	return {
		spec: {
			name,
			stages: stages.map(({ source: own, points }): StageProfile => {
				const [first] = own.variants;
				return { name: own.name, points, initial_variant: first?.name ?? "", initial_cores: 1 };
			}),
			threshold_rps,
			sla_factor: ipaSlaFactor,
			accuracy_method: "sum",
			normalize_accuracy: true,
			allocation_mode: "base",
			only_measured_profiles: true,
			scaling_cap: 100,
			weights: {
				alpha: weight("alpha (accuracy)"),
				beta: weight("beta (cost)"),
				gamma: weight("gamma = delta (batch)"),
				delta: 0,
			},
			arrival_rate_rps: 20,
			semantics: "published",
			baseline: "none",
		},
		report: {
			stages: reports,
			sla_s: {
				derived: sum(({ derived: stage_s }) => stage_s),
				derivedToEightCores: sum(({ derivedToEightCores }) => derivedToEightCores),
				ipa: printed * slaDivisor,
				printed,
			},
			tables: name === "video" ? tableComparisons(stages, paper) : [],
		},
	};
}
