import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/datasets/root.js";
import type { PipelineSpec } from "../../src/pipeline/spec.js";

/** A decision to ask of IPA's Optimizer, by the method exact and, where said, by IPA's own. */
export interface Case {
	readonly pipeline: PipelineSpec;
	readonly settings: Readonly<Record<string, unknown>>;
	readonly enumerate?: boolean;
	readonly gurobi?: boolean;
	readonly complete?: boolean;
	readonly limit?: number;
	readonly batching_cap?: number;
}

export type Row = Readonly<Record<string, number | string>>;

export type Table =
	| { readonly columns: readonly string[]; readonly rows: readonly Row[] }
	| { readonly error: string; readonly message: string; readonly bound: string | null };

export interface Decision {
	readonly exact: Table;
	readonly enumerated?: { readonly objective: readonly number[] } | Extract<Table, { error: string }>;
	readonly gurobi?: Table;
	/** What IPA's own pipeline says after the decision. */
	readonly state?: { readonly latency_s: number; readonly throughput_rps: number; readonly objective: number };
}

export const program = ["node", join(packageRoot, "dist/cli/main.js")];

/** Runs one of this folder's Python programs with the plugin on its path; returns its JSON lines. */
export function runPython(file: string, input: object): unknown[] {
	const { status, stdout, stderr } = spawnSync(
		process.env.IPA_PYTHON ?? "python3",
		[join(packageRoot, "test/ipa-plugin", file)],
		{
			input: JSON.stringify(input),
			encoding: "utf8",
			maxBuffer: 1e9,
			env: { ...process.env, PYTHONPATH: join(packageRoot, "ipa-plugin"), PYTHONDONTWRITEBYTECODE: "1" },
		},
	);
	if (status !== 0) throw new Error(stderr);
	return stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
}

export function decide(ipa_home: string, cases: readonly Case[]): Decision[] {
	return runPython("decide.py", { ipa_home, command: program, cases }) as Decision[];
}
