import { readFileSync } from "node:fs";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";

interface OracleProfile {
	variant: string;
	accuracy: number;
	cores: number;
	batch: number;
	latency: number;
	throughput: number;
}

interface OracleState {
	stages: { variant: string; cores: number; batch: number; replicas: number }[];
	accuracy: number;
	latency: number;
	throughput: number;
	cost: number;
	objective: number;
}

export interface OracleCase {
	case: {
		id: number;
		stages: { name: string; profiles: OracleProfile[]; initial_variant: string; initial_cores: number }[];
		threshold: number;
		sla_factor: number;
		normalize_accuracy: boolean;
		accuracy_method: "sum" | "average" | "multiply";
		allocation_mode: "base" | "fix" | "variable";
		only_measured_profiles: boolean;
		scaling_cap: number;
		alpha: number;
		beta: number;
		gamma: number;
		arrival_rate: number;
	};
	expected: {
		profiles: Record<string, OracleProfile[]>;
		stage_slas: Record<string, number>;
		pipeline_sla: number;
		accuracies_normalized: Record<string, Record<string, number>>;
		base_allocations?: Record<string, Record<string, number>>;
		error?: string;
		n_states: number;
		n_feasible: number;
		sample_states: OracleState[];
		optimum: number | null;
		optimal_states: OracleState[];
	};
}

/** Answers recorded from IPA's own code, or another file of that form named by IPA_ORACLE. */
export const oracle = JSON.parse(
	readFileSync(process.env.IPA_ORACLE ?? new URL("../fixtures/ipa-oracle.json", import.meta.url), "utf8"),
) as OracleCase[];

export function specOf({ case: given }: OracleCase): PipelineSpec {
	return {
		name: `oracle ${given.id}`,
		stages: given.stages.map((stage) => ({
			name: stage.name,
			initial_variant: stage.initial_variant,
			initial_cores: stage.initial_cores,
			points: stage.profiles.map(
				({ variant, accuracy, cores, batch, latency, throughput }): ProfilePoint => ({
					variant,
					accuracy_pct: accuracy,
					cores,
					batch,
					latency_s: latency,
					throughput_rps: throughput,
					kind: "measured",
				}),
			),
		})),
		threshold_rps: given.threshold,
		sla_factor: given.sla_factor,
		accuracy_method: given.accuracy_method === "multiply" ? "product" : given.accuracy_method,
		normalize_accuracy: given.normalize_accuracy,
		allocation_mode: given.allocation_mode,
		only_measured_profiles: given.only_measured_profiles,
		scaling_cap: given.scaling_cap,
		weights: { alpha: given.alpha, beta: given.beta, gamma: given.gamma, delta: 0 },
		arrival_rate_rps: given.arrival_rate,
		semantics: "ipa-e1f08dd",
		baseline: "none",
	};
}
