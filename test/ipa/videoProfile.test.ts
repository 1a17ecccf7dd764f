import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { fitLatencyModel, leaveCellOut, modelledLatency } from "../../src/ipa/latencyModel.js";
import { type ServingRow, selectRows } from "../../src/ipa/profilePoints.js";
import { deriveVideoProfile } from "../../src/ipa/videoProfile.js";
import { pipelineOptions } from "../../src/pipeline/options.js";

const row = (given: Partial<ServingRow>): ServingRow => ({
	variant: "v",
	cores: 1,
	batch: 1,
	load_rps: 20,
	series: "71",
	quality: "dev",
	latency_p99_s: 0.1,
	line: 2,
	...given,
});

test("a cell takes the best quality, then the load nearest to IPA's, and never an unfilled batch", () => {
	const chosen = selectRows([
		row({ quality: "legacy", latency_p99_s: 9 }),
		row({ latency_p99_s: 0.2 }),
		row({ quality: "paper-table", load_rps: 60, latency_p99_s: 0.3 }),
		row({ quality: "paper-table", load_rps: 10, latency_p99_s: 0.4 }),
		row({ batch: 32, load_rps: 20 }),
	]);
	expect(chosen.map(({ latency_p99_s }) => latency_p99_s)).toEqual([0.4]);
});

test("the latency model recovers a law of its own form, and a variant from its GFLOPs alone", () => {
	const gflops = new Map([1, 2, 4, 8].map((size) => [`v${size}`, size]));
	const law = (size: number, cores: number, batch: number) => (0.03 * size ** 0.9 * batch ** 0.8) / cores ** 0.6;
	const rows = [1, 2, 4, 8].flatMap((size) =>
		[1, 2, 4].flatMap((cores) =>
			[1, 4].map((batch) => row({ variant: `v${size}`, cores, batch, latency_p99_s: law(size, cores, batch) })),
		),
	);
	expect(leaveCellOut(rows, gflops).worst).toBeLessThan(1e-9);
	const model = fitLatencyModel(
		rows.filter(({ variant }) => variant !== "v4"),
		gflops,
	);
	expect(modelledLatency(model, { variant: "v4", cores: 2, batch: 4 }, gflops)).toBeCloseTo(law(4, 2, 4), 9);
});

test("the derived profile keeps IPA's measured points as they are and says where it disagrees", async () => {
	const { spec, report } = await deriveVideoProfile(join(packageRoot, "data"));
	const point = (variant: string, cores: number, batch: number) =>
		spec.stages
			.flatMap(({ points }) => points)
			.find((own) => own.variant === variant && own.cores === cores && own.batch === batch);
	// Points that IPA's own adaptation log prints (yolov5n and resnet18 at 1 core, batch 1, load 20, p99).
	expect(point("resnet18", 1, 1)).toMatchObject({ kind: "measured", latency_s: 0.07385 });
	expect(point("yolov5n", 1, 1)).toMatchObject({ kind: "measured", latency_s: 0.086638 });
	expect(point("yolov5l", 1, 1)?.kind).toBe("modelled");
	expect(report.map(({ withoutCells }) => withoutCells)).toEqual([["yolov5l"], []]);
	const [crop] = report;
	expect(crop?.baseAllocations.map(({ published }) => published)).toEqual([1, 1, 2, 4, 8]);
	expect(crop?.baseAllocations.slice(0, 4).map(({ derived }) => derived)).toEqual([1, 1, 2, 4]);
	expect(pipelineOptions(spec).stages.map(({ options }) => options.length)).toEqual([35, 35]);
});
