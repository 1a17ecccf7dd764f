import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/datasets/root.js";

export interface ParserQuestion {
	readonly project: string;
	readonly series: number;
	readonly model: string;
	readonly load: number | string;
	readonly accuracies: Readonly<Record<string, number>>;
	readonly latency?: string;
	readonly throughput?: string;
	readonly latency_margin?: number;
	readonly throughput_margin?: number;
	readonly only_measured_profiles?: boolean;
}

/** Variant, cores, accuracy (a share), and batch, latency s and throughput requests/s of each profile. */
export type ParsedProfile = readonly [string, number, number, readonly (readonly [number, number, number])[]];

/** What IPA's own parser, of the checkout IPA_HOME, makes of a series; throws where the Python program fails. */
export function ipaProfiles(question: ParserQuestion): readonly ParsedProfile[] | { error: string; message: string } {
	const { status, stdout, stderr } = spawnSync(
		process.env.IPA_PYTHON ?? "python3",
		[join(packageRoot, "test/ipa/parse.py")],
		{
			input: JSON.stringify({
				latency: "p99",
				throughput: "max",
				latency_margin: 0,
				throughput_margin: 0,
				only_measured_profiles: true,
				...question,
				ipa_home: process.env.IPA_HOME,
			}),
			encoding: "utf8",
			env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
		},
	);
	if (status !== 0) throw new Error(stderr);
	// Python's NaN is not JSON.
	const answer = JSON.parse(stdout.replaceAll("NaN", "null"));
	return answer.profiles ?? answer;
}
