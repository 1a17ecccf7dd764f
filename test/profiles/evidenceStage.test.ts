import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { readPipeline } from "../../src/ipa/readPipeline.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import { edgetunePipeline, evidenceStage } from "../../src/profiles/evidencePipelines.js";
import { optimize } from "../../src/search/optimum.js";

const evidence = await readEvidence(join(packageRoot, "data/raw/edgetune"));
const server = evidence.cells.filter(({ population }) => population === "server(eiger-1)");
const idle = () => ({ idle_power_w: 10, kind: "modelled" as const });

describe("a stage from measured cells", () => {
	test("keeps the measured numbers of the source's own line, and leaves flagged cells out", () => {
		const { points } = evidenceStage("classification", server, idle);
		// Line 3 of the file: resnet20, 1 core, batch 2, 0.40656 J a batch in 0.018324 s.
		const point = points.find((own) => own.variant === "resnet20-cifar" && own.cores === 1 && own.batch === 2);
		expect(point).toMatchObject({ latency_s: 0.018324, accuracy_pct: 91.25, kind: "measured" });
		expect(point?.energy).toEqual({
			energy_j_per_batch: 0.40656,
			kind: "measured",
			idle_power_w: 10,
			idle_kind: "modelled",
		});
		// Line 2, batch 1, is the first trial after a change of cores: late-core-change.
		expect(points.some((own) => own.variant === "resnet20-cifar" && own.cores === 1 && own.batch === 1)).toBe(false);
	});

	test("refuses cells that repeat each other or lack what a profile needs, by file and line", () => {
		const clean = server.filter(({ flags }) => flags.length === 0);
		const [first] = clean as [(typeof clean)[number]];
		expect(() => evidenceStage("s", [first, first], idle)).toThrow(/edgetune:\d+.*the one cell of its variant/);
		const { latency_s: _, ...without } = first;
		expect(() => evidenceStage("s", [without], idle)).toThrow(/latency_s: must be there/);
		expect(() => evidenceStage("s", [], idle)).toThrow(/at least one cell/);
	});
});

describe("EdgeTune's stage as a pipeline", () => {
	test("the energy of a request by hand: the busy part measured, the idle part assumed", async () => {
		const video = await readPipeline();
		const options = { machine: "server(eiger-1)", idleShare: 0.5, arrival_rate_rps: 100, delta: 0.01 };
		const spec = edgetunePipeline(evidence, video, options);
		const found = optimize(spec);
		if (found.status !== "optimal") throw new Error(found.detail);
		const [stage] = found.configuration.stages;
		const point = spec.stages[0]?.points.find(
			(own) => own.variant === stage?.variant && own.cores === stage.cores && own.batch === stage.batch,
		);
		if (stage === undefined || point?.energy === undefined) throw new Error("no point");
		// A batch of b is busy for its latency and comes every b / rate seconds to one of the replicas.
		const busy = point.latency_s * (100 / stage.batch);
		const power_w =
			busy * (point.energy.energy_j_per_batch / point.latency_s) + (stage.replicas - busy) * point.energy.idle_power_w;
		const { energy } = found.configuration;
		if (energy.status !== "available") throw new Error(energy.reason);
		expect(energy.energy_j_per_request).toBeCloseTo(power_w / 100, 9);
		expect(energy.kind).toBe("modelled");
		expect(energy.marginal_kind).toBe("measured");
		// The least mean power of a clean cell, halved.
		const lowest = Math.min(
			...(spec.stages[0]?.points ?? []).map((own) => (own.energy?.energy_j_per_batch as number) / own.latency_s),
		);
		expect(point.energy.idle_power_w).toBeCloseTo(lowest / 2, 12);
		expect(pipelineOptions(spec).sla_s).toBeGreaterThan(0);
	});

	test("no such machine", async () => {
		const options = { machine: "laptop", idleShare: 1, arrival_rate_rps: 1 };
		expect(() => edgetunePipeline(evidence, {} as Awaited<ReturnType<typeof readPipeline>>, options)).toThrow(/laptop/);
	});
});
