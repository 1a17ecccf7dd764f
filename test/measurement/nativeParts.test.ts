import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";

const out = mkdtempSync(join(tmpdir(), "native-"));
afterAll(() => rmSync(out, { recursive: true }));

/** Node on a platform for which DuckDB has no native part: nothing of it can be loaded. */
function withoutDuckDb(...args: readonly string[]) {
	const hooks = `export async function resolve(name, context, next) {
	if (name.startsWith("@duckdb/")) throw new Error("Cannot find module '@duckdb/node-bindings/duckdb.node'");
	return next(name, context);
}`;
	const hook = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;
	const options = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, ...args];
	return spawnSync("node", options, { encoding: "utf8" });
}

test("the package is imported and a table is evaluated without DuckDB's native part", () => {
	const program = "const { datasets } = await import('./dist/index.js'); console.log(typeof datasets.readEvidence);";
	expect(withoutDuckDb("--input-type=module", "-e", program)).toMatchObject({ status: 0, stdout: "function\n" });
});

test("merge writes the dataset, and says which part lacks for the Parquet file", async () => {
	const journal = "test/fixtures/faults/journal-repetition-once.jsonl";
	const { status, stderr } = withoutDuckDb("dist/cli/main.js", "merge", journal, "--out", out);
	expect(status).toBe(1);
	expect(stderr).toContain(
		"no repetitions.parquet: @duckdb/node-api: must be installed for a Parquet file: npm install --ignore-scripts @duckdb/node-api@1.5.6-r.1 (Cannot find module '@duckdb/node-bindings/duckdb.node'",
	);
	expect((await readEvidence(join(out, "dataset"))).cells).toHaveLength(4);
});
