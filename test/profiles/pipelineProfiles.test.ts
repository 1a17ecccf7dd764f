import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import {
	fitLatencyModel,
	leaveCellOut,
	leaveVariantOut,
	modelledLatency,
	type ServingRow,
	selectRows,
} from "../../src/profiles/latencyModel.js";
import { deriveProfiles } from "../../src/profiles/profileReport.js";
import { optimize } from "../../src/search/optimum.js";
import { verify } from "../../src/search/verify.js";

const row = (given: Partial<ServingRow>): ServingRow => ({
	variant: "v",
	cores: 1,
	batch: 1,
	load_rps: 20,
	series: "71",
	quality: "dev",
	latency_s: 0.1,
	line: 2,
	...given,
});

test("a cell takes the best quality, then the load nearest to IPA's, and never an unfilled batch", () => {
	const chosen = selectRows([
		row({ quality: "legacy", latency_s: 9 }),
		row({ latency_s: 0.2 }),
		row({ quality: "paper-table", load_rps: 60, latency_s: 0.3 }),
		row({ quality: "paper-table", load_rps: 10, latency_s: 0.4 }),
		row({ batch: 32, load_rps: 20 }),
	]);
	expect(chosen.map(({ latency_s }) => latency_s)).toEqual([0.4]);
});

const fitted = (...given: Parameters<typeof fitLatencyModel>) => {
	const fit = fitLatencyModel(...given);
	if (fit.status !== "ok") throw new Error(fit.detail);
	return fit.model;
};

test("the latency model recovers a law of its own form, and a variant from its GFLOPs alone", () => {
	const gflops = new Map([1, 2, 4, 8].map((size) => [`v${size}`, size]));
	const law = (size: number, cores: number, batch: number) => (0.03 * size ** 0.9 * batch ** 0.8) / cores ** 0.6;
	const rows = [1, 2, 4, 8].flatMap((size) =>
		[1, 2, 4].flatMap((cores) =>
			[1, 4].map((batch) => row({ variant: `v${size}`, cores, batch, latency_s: law(size, cores, batch) })),
		),
	);
	const error = leaveCellOut(rows, gflops);
	expect("worst" in error && error.worst).toBeLessThan(1e-9);
	const model = fitted(
		rows.filter(({ variant }) => variant !== "v4"),
		gflops,
	);
	expect(modelledLatency(model, { variant: "v4", cores: 2, batch: 4 }, gflops)).toBeCloseTo(law(4, 2, 4), 9);
});

test("slopes that the cells do not determine are taken as given", () => {
	const sizes = new Map([
		["v1", 1],
		["v2", 2],
	]);
	const law = (size: number, cores: number, batch: number) => (0.03 * size * batch ** 0.8) / cores ** 0.6;
	const cells = [1, 2].map((size) => row({ variant: `v${size}`, cores: 2, batch: 1, latency_s: law(size, 2, 1) }));
	const model = fitted(cells, sizes, { batch: 0.8, cores: -0.6, both: 0 });
	expect(modelledLatency(model, { variant: "v2", cores: 8, batch: 4 }, sizes)).toBeCloseTo(law(2, 8, 4), 12);
	expect(fitLatencyModel(cells, sizes)).toMatchObject({ status: "undefined" });
	// A cell a variant: none can be left out; a variant left out is told by its size.
	expect(leaveCellOut(cells, sizes, { batch: 0.8, cores: -0.6, both: 0 })).toEqual({ count: 0 });
	const error = leaveVariantOut(cells, sizes, { batch: 0.8, cores: -0.6, both: 0 });
	expect("worst" in error && error.worst).toBeLessThan(1e-9);
});

const derived = await deriveProfiles(join(packageRoot, "data"));
const profile = (name: string) => derived.find(({ spec }) => spec.name === name) as (typeof derived)[number];
const pointOf = (name: string, variant: string, cores: number, batch: number) =>
	profile(name)
		.spec.stages.flatMap(({ points }) => points)
		.find((own) => own.variant === variant && own.cores === cores && own.batch === batch);

test("the Video profile keeps IPA's measured points as they are and says where it disagrees", () => {
	const { spec, report } = profile("video");
	// Points that IPA's own adaptation log prints (yolov5n and resnet18 at 1 core, batch 1, load 20, p99).
	expect(pointOf("video", "resnet18", 1, 1)).toMatchObject({ kind: "measured", latency_s: 0.07385 });
	expect(pointOf("video", "yolov5n", 1, 1)).toMatchObject({ kind: "measured", latency_s: 0.086638 });
	expect(pointOf("video", "yolov5l", 1, 1)?.kind).toBe("modelled");
	expect(report.stages.map(({ withoutCells }) => withoutCells)).toEqual([["yolov5l"], []]);
	const [crop] = report.stages;
	expect(crop?.baseAllocations.map(({ exact }) => exact)).toEqual([1, 1, 2, 4, 8]);
	expect(crop?.baseAllocations.slice(0, 4).map((own) => own.derived)).toEqual([1, 1, 2, 4]);
	expect(pipelineOptions(spec).stages.map(({ options }) => options.length)).toEqual([35, 35]);
});

test("Tables 2 to 4 stand beside the profile, agreeing or not", () => {
	const { tables } = profile("video").report;
	const of = (table: string) => tables.filter((own) => own.table === table);
	expect(of("Table 2").map(({ published }) => published)).toEqual([75, 135, 23, 57, 14, 32]);
	expect(of("Table 3").map(({ published }) => published)).toEqual([80, 347, 481, 1654, 73, 136, 383, 833]);
	// ResNet-50 on 1 core, batches 1 and 8: measured, and as printed to a millisecond.
	const resnet50 = of("Table 3").filter(({ entity }) => entity.includes("resnet50"));
	for (const { derived: own, published, kind } of resnet50) {
		expect(kind).toBe("measured");
		expect(Math.abs((own as number) - (published as number))).toBeLessThan(1.5);
	}
	// The paper's x: infeasible within 32 cores.
	expect(of("Table 4")).toHaveLength(15);
	const none = of("Table 4").filter(({ published }) => published === undefined);
	expect(none.map(({ entity }) => entity)).toEqual(["yolov5x at 10 requests/s", "yolov5x at 15 requests/s"]);
	expect(none.every((own) => own.derived === undefined)).toBe(true);
	expect(of("Table 4").filter((own) => own.derived === own.published)).toHaveLength(13);
});

test("every pipeline can be optimised, and says what of it nobody measured", () => {
	expect(derived.map(({ spec }) => spec.name)).toEqual(["video", "audio-qa", "audio-sent", "sum-qa", "nlp"]);
	for (const { spec } of derived) {
		const found = optimize({ ...spec, arrival_rate_rps: 5 });
		if (found.status !== "optimal") throw new Error(`${spec.name}: ${found.detail}`);
		expect(verify(pipelineOptions({ ...spec, arrival_rate_rps: 5 }), found.configuration, {})).toEqual([]);
	}
	// A line of the measurements: series 98, 4 cores, batch 2, load 20.
	const li = "dinalzein-xlm-roberta-base-finetuned-language-identification";
	expect(pointOf("nlp", li, 4, 2)).toMatchObject({ kind: "measured", latency_s: 0.048767 });
	// At that load a batch of 32 does not fill.
	expect(pointOf("nlp", li, 4, 32)?.kind).toBe("modelled");
	const sentiment = profile("audio-sent").report.stages[1];
	expect(sentiment).toMatchObject({ stage: "nlp-sent", measured: 0, leaveCellOut: { count: 0 } });
	expect(sentiment?.borrowed).toContain("no clean measurement");
	// A word error rate of 41.28.
	expect(pointOf("audio-qa", "facebook-s2t-small-librispeech-asr", 1, 1)?.accuracy_pct).toBeCloseTo(58.72, 9);
});

test("the committed profiles are what the command derives", () => {
	for (const { spec, report } of derived)
		for (const [name, content] of [
			[spec.name, spec],
			[`${spec.name}-report`, report],
		] as const)
			expect(JSON.parse(readFileSync(join(packageRoot, "data/derived/profiles", `${name}.json`), "utf8"))).toEqual(
				JSON.parse(JSON.stringify(content)),
			);
});

test("stage SLAs at IPA's factor, on the cores that IPA profiled, beside its optimiser's", async () => {
	const reports = new Map(
		(await deriveProfiles(join(packageRoot, "data"))).map(({ spec, report }) => [spec.name, report]),
	);
	const stage = (pipeline: string, name: string) => {
		const found = reports.get(pipeline)?.stages.find((own) => own.stage === name);
		if (found === undefined) throw new Error(`${pipeline} has no stage ${name}`);
		return found.sla_s;
	};
	// What was printed differs by the pipelines' factors; one stage with one profile has one SLA.
	expect(stage("nlp", "nlp-sum").printed / stage("sum-qa", "nlp-sum").printed).toBeCloseTo(1.5, 12);
	expect(stage("nlp", "nlp-sum").ipa).toBeCloseTo(stage("sum-qa", "nlp-sum").ipa, 12);
	for (const [pipeline, name, within] of [
		["sum-qa", "nlp-sum", 0.02],
		["nlp", "nlp-li", 0.06],
		["nlp", "nlp-trans", 0.07],
		["video", "crop", 0.2],
		["video", "classification", 0.4],
	] as const) {
		const { derivedToEightCores, ipa } = stage(pipeline, name);
		expect(Math.abs(derivedToEightCores / ipa - 1)).toBeLessThan(within);
	}
	// More cores, shorter latencies, a lower SLA: the whole profile's is what the pipelines are optimised within.
	const video = reports.get("video");
	expect(video?.sla_s.derived).toBeLessThan(video?.sla_s.derivedToEightCores ?? 0);
	expect(video?.sla_s.ipa).toBeCloseTo((6.897365409135817 * 2) / 3, 9);
});
