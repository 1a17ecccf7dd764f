import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import { paretoFront } from "../../src/search/pareto.js";
import { columnQuantiles, feasibleRows, topRows } from "../../src/search/query.js";
import { wholeSpace } from "../../src/search/space.js";
import { type SpaceQuestion, spaceSummary } from "../../src/search/spaceSummary.js";
import { pipelines } from "./pipelines.js";

const question: SpaceQuestion = {
	columns: ["accuracy", "latency_s", "throughput_rps", "cost_cores", "objective"],
	quantiles: [0, 0.1, 0.25, 0.5, 0.75, 0.999, 1],
	axes: [
		{ column: "cost_cores", better: "less" },
		{ column: "latency_s", better: "less" },
		{ column: "accuracy", better: "more" },
	],
	count: 10,
};

test("a space summarised by pieces is that of the whole table: quantiles to the last digit, front, best rows", () => {
	fc.assert(
		fc.property(pipelines({ stages: 3, variants: 3, batches: [1, 4], cap: 12 }), (spec) => {
			const pipeline = pipelineOptions(spec);
			const space = wholeSpace(pipeline);
			const rows = feasibleRows(space);
			const found = spaceSummary(pipeline, question);
			expect(found.feasible).toBe(rows.length);
			expect(found.front).toEqual([...paretoFront(space, rows, question.axes)]);
			expect(found.best).toEqual([...topRows(space, rows, "objective", 10)]);
			if (rows.length === 0) return;
			for (const name of question.columns)
				expect(found.quantiles[name]).toEqual(columnQuantiles(space, rows, name, question.quantiles));
		}),
		{ numRuns: 60 },
	);
});

test("the command takes a fraction of the table's memory on Video, and three stages are passed over", () => {
	const peak = (args: readonly string[]) => {
		const code = `process.argv.splice(1, process.argv.length, "node", ...${JSON.stringify(["main", "space", ...args])});
			process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS / 1e3));
			await import(${JSON.stringify(join(packageRoot, "dist/cli/main.js"))});`;
		const { stderr, status } = spawnSync(
			"node",
			["--input-type=module", "-e", code.replace('"node", ...["main",', '"main", ...[')],
			{
				encoding: "utf8",
			},
		);
		expect([status, stderr]).toEqual([0, expect.stringContaining("peak")]);
		return Number(/peak (\S+)/.exec(stderr)?.[1]);
	};
	expect(peak(["--json"])).toBeLessThan(400);
	expect(peak(["--profile", "nlp", "--cap", "4", "--json"])).toBeLessThan(400);
});

test("a space that would take hours is refused with what lowers it", () => {
	const { status, stderr } = spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "space", "--cap", "100000"], {
		encoding: "utf8",
	});
	expect(status).toBe(1);
	expect(stderr).toContain("--cap lowers it");
});
