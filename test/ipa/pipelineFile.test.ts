import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mappingFileSchema } from "../../src/datasets/mapping.js";
import { provenanceSchema } from "../../src/datasets/provenance.js";
import { pipelineSchema, readPipeline } from "../../src/ipa/readPipeline.js";
import { planSchema } from "../../src/measurement/plan.js";

const folder = mkdtempSync(join(tmpdir(), "pipeline-file-"));
const written = (name: string, text: string) => {
	const file = join(folder, name);
	writeFileSync(file, text);
	return file;
};
const point =
	"{ variant: a, accuracy_pct: 70, cores: 1, batch: 1, latency_s: 0.1, throughput_rps: 10, kind: measured }";
const yaml = [
	"name: mine",
	"threshold_rps: 5",
	"arrival_rate_rps: 20",
	"weights: { alpha: 1, beta: 0.1 }",
	"stages:",
	"  - name: only",
	"    points:",
	`      - ${point}`,
].join("\n");

describe("a pipeline of one's own", () => {
	test("YAML with defaults is what the whole JSON is", async () => {
		const spec = await readPipeline(written("mine.yaml", yaml));
		expect(spec).toMatchObject({ sla_factor: 1, accuracy_method: "sum", scaling_cap: 100, semantics: "published" });
		expect(spec.weights).toEqual({ alpha: 1, beta: 0.1, gamma: 0, delta: 0 });
		expect(spec.stages[0]).toMatchObject({ initial_variant: "a", initial_cores: 1 });
		expect(await readPipeline(written("mine.json", JSON.stringify(spec)))).toEqual(spec);
	});

	test("all faults at once, in words, at their line and column", async () => {
		const bad = yaml
			.replace("threshold_rps: 5\n", "")
			.replace("latency_s: 0.1", "latency_s: fast")
			.concat("\ncolour: red\n");
		const file = written("bad.yaml", bad);
		const error = await readPipeline(file).catch((thrown: unknown) => thrown as Error);
		expect((error as Error).message.split("\n").sort()).toEqual(
			[
				`${file}, threshold_rps is missing: requests/s a replica must carry`,
				`${file}:7:72, stages.0.points.0.latency_s: must be a number, received "fast"`,
				`${file}:8:9, colour: is no field that is known here, received "red"`,
			].sort(),
		);
	});
});

// `npm run schemas` writes them.
test.each([
	["pipeline", pipelineSchema],
	["plan", planSchema],
	["mapping", mappingFileSchema],
	["provenance", provenanceSchema],
] as const)("data/schema/%s.json is the schema that files are read by", (name, schema) => {
	const file = `data/schema/${name}.json`;
	const text = `${JSON.stringify(z.toJSONSchema(schema, { io: "input" }), undefined, "\t")}\n`;
	if (process.env.WRITE_SCHEMAS === "1") writeFileSync(file, text);
	expect(readFileSync(file, "utf8")).toBe(text);
});
