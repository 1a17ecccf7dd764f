/** IPA's Optimizer with the plugin's method exact beside its own Gurobi method, decision by decision in one process. Skipped without IPA_HOME. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../src/datasets/root.js";
import { readPipeline } from "../src/ipa/readPipeline.js";

interface Decision {
	readonly rate_rps: number;
	readonly exact: { readonly seconds: number; readonly objective: number | null };
	readonly gurobi?: { readonly seconds: number; readonly objective: number | null };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const ms = (seconds: number) => `${(1000 * seconds).toFixed(1)} ms`;

const ipa_home = process.env.IPA_HOME;
if (ipa_home === undefined) console.log("the plugin in IPA: skipped (IPA_HOME names no checkout)");
else {
	const video = { ...(await readPipeline()), scaling_cap: 10 };
	const input = JSON.stringify({
		ipa_home,
		command: ["node", join(packageRoot, "dist/cli/main.js")],
		pipeline: video,
		rates: Array.from({ length: 40 }, (_, i) => 1 + i),
	});
	const { status, stdout, stderr } = spawnSync(
		process.env.IPA_PYTHON ?? "python3",
		[join(packageRoot, "bench/plugin.py")],
		{ input, encoding: "utf8" },
	);
	if (status !== 0) throw new Error(stderr);
	const [first, ...rest] = stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Decision);
	const exact = median(rest.map((own) => own.exact.seconds));
	console.log(
		`Video through IPA's Optimizer, ${rest.length} decisions, medians; the program's start is in the first alone`,
	);
	console.log(`  exact: ${ms(exact)} (first ${ms(first?.exact.seconds as number)})`);
	const both = rest.flatMap(({ rate_rps, exact: ours, gurobi }) =>
		gurobi === undefined ? [] : [{ rate_rps, ours, gurobi }],
	);
	if (both.length === 0) console.log("  Gurobi: skipped (gurobipy is not installed for this Python)");
	else {
		const theirs = median(both.map(({ gurobi }) => gurobi.seconds));
		console.log(`  Gurobi: ${ms(theirs)}, ${(theirs / exact).toFixed(0)} times`);
		// Below: Gurobi stops within 1e-4 of its optimum. Above: IPA's Gurobi model loosens the SLA (bench/ipa.ts says by how much).
		const differences = both.map(({ ours, gurobi }) => (gurobi.objective ?? -Infinity) - (ours.objective ?? -Infinity));
		const above = both.filter((_, i) => (differences[i] as number) > 1e-9);
		const below = both.filter((_, i) => (differences[i] as number) < -1e-9);
		console.log(
			`  Gurobi's objective is the optimum in ${both.length - above.length - below.length}, lower in ${below.length}`,
		);
		console.log(
			`  and higher than any configuration within the SLA in ${above.length}: at ${above.map((own) => own.rate_rps).join(", ")} requests/s`,
		);
	}
}
