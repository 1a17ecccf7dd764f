import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "simple-statistics";
import { beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { readProvenance } from "../../src/datasets/provenance.js";
import { listDatasets, readAllEvidence } from "../../src/datasets/readEvidence.js";
import { type Evidence, type EvidenceCell, undeclaredWorkloads } from "../../src/evaluation/evidence.js";

let shipped: ReadonlyMap<string, Evidence>;
beforeAll(async () => {
	shipped = new Map((await readAllEvidence("data")).map((evidence) => [evidence.dataset, evidence]));
});

const evidenceOf = (name: string): Evidence => {
	const found = shipped.get(name);
	if (found === undefined) throw new Error(`no evidence ${name}`);
	return found;
};
const energyOf = ({ energy }: EvidenceCell) => {
	if (energy.status !== "available") throw new Error(energy.reason);
	return energy;
};

// Rows as the README of each dataset counts them. Cells are fewer where rows repeat a cell: found with sort and uniq.
test.each([
	["argonne-llm", 108, 108],
	["batchdvfs", 551, 551],
	["dl-energy-cnn", 113, 113],
	["edgetune", 126, 126],
	["gaissa-slm", 84, 84],
	["irene-transformers", 417, 417],
	["luccioni", 417, 417],
	["mlenergy", 1858, 1855],
	["mlperf-closed", 885, 885],
	["mlperf-edge", 1156, 1156],
	["ossna23-bloom", 683, 682],
	["pi5-llm", 115, 115],
	["splitwise-llm", 44, 44],
	["sprout", 24, 24],
	["wilkins-llm", 274, 274],
	["yolov7-cascadelake", 25, 25],
])("%s has the %i rows of its README, as %i cells", async (name, rows, cells) => {
	const readme = readFileSync(`data/raw/${name}/README.md`, "utf8");
	const [, counts] = /^# .*\(([\d + ]+) rows\)/.exec(readme) ?? [];
	expect((counts ?? "").split("+").reduce((sum, count) => sum + Number(count), 0)).toBe(rows);
	const { provenance } = evidenceOf(name);
	const [file] = provenance.files;
	expect((await readCsv(`data/raw/${name}/${file?.name}`)).rows).toHaveLength(rows);
	expect(evidenceOf(name).cells).toHaveLength(cells);
});

describe("one row of each, by hand from line 3 of its file", () => {
	const atLine3 = (name: string) => evidenceOf(name).cells.find(({ line }) => line === 3) as EvidenceCell;

	test("edgetune: 502 images in 4.599423 s and 102.047468 J", () => {
		const cell = atLine3("edgetune");
		expect(cell).toMatchObject({
			variant: "resnet20-cifar",
			allocation: 1,
			batch: 2,
			accuracy_pct: 91.25,
			device: "cpu",
		});
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(102.047468 / 502, 6);
		expect(energyOf(cell).energy_j_per_batch).toBeCloseTo(102.047468 / 251, 4);
		expect(cell.latency_s).toBeCloseTo(4.599423 / 251, 5);
		expect(cell.throughput_rps).toBeCloseTo(502 / 4.599423, 3);
	});

	test("yolov7-cascadelake: 7493 J for 496 images of 54.15 ms, in batches of 32", () => {
		const cell = atLine3("yolov7-cascadelake");
		expect(cell).toMatchObject({ variant: "yolov7-tiny", batch: 32, kind: "digitised" });
		expect(energyOf(cell)).toMatchObject({ kind: "digitised" });
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(7493 / 496, 10);
		expect(energyOf(cell).energy_j_per_batch).toBeCloseTo((7493 / 496) * 32, 8);
		expect(cell.latency_s).toBeCloseTo(0.05415 * 32, 10);
		expect(cell.throughput_rps).toBeCloseTo(1 / 0.05415, 8);
		expect(cell.accuracy_pct).toBeCloseTo(47.606, 10);
	});

	test("mlenergy: 7.842 ms between tokens, 0.398 J per token, batch 16", () => {
		const cell = atLine3("mlenergy");
		expect(cell).toMatchObject({ variant: "Qwen/Qwen3-14B", batch: 16, allocation: 1, request_unit: "token" });
		expect(cell.latency_s).toBeCloseTo(0.00784236, 8);
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(0.39816407, 8);
		// Power over throughput is an independent way to the same energy; the source's two figures agree to 1 %.
		expect(energyOf(cell).energy_j_per_request / (761.6265567745648 / 1912.846015137517)).toBeCloseTo(1, 2);
	});

	test("ossna23-bloom: 5 305 670 mJ for 100 batches of 2", () => {
		const cell = atLine3("ossna23-bloom");
		expect(cell).toMatchObject({ batch: 2, knobs: { power_cap_w: 100 }, latency_s: 0.7057 });
		expect(cell.workload).toEqual({ max_new_tokens: 20 });
		expect(cell.flags).toEqual(["scrape-noise-high"]);
		expect(energyOf(cell).energy_j_per_batch).toBeCloseTo(53.0567, 8);
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(26.52835, 8);
	});

	test("batchdvfs: 92.868 W at 82.77 images/s, in batches of 248", () => {
		const cell = atLine3("batchdvfs");
		expect(cell).toMatchObject({ variant: "InceptionV1", batch: 248, knobs: { power_cap_w: 131, sm_clock_mhz: 1063 } });
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(92.86812 / 82.7715, 4);
	});

	test("luccioni: 8399.15 J and 10.3003 s for 1000 inferences", () => {
		const cell = atLine3("luccioni");
		expect(cell).toMatchObject({ variant: "bert-base-cased", batch: 1, allocation: 8, repetitions: 10 });
		expect(cell.latency_s).toBeCloseTo(0.0103003, 12);
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(8.39915, 10);
		expect(energyOf(cell).energy_sd_j_per_request).toBeCloseTo(0.14223, 10);
	});

	test("sprout: 571.971 J and 2.3006 s a request", () => {
		const cell = atLine3("sprout");
		expect(cell).toMatchObject({ variant: "llama2-13b-chat", knobs: { directive: "L1" }, latency_s: 2.3006 });
		expect(energyOf(cell).energy_j_per_request).toBe(571.971);
	});

	test("mlperf-edge: 4.6088 W at the wall, 26.55 images/s, a whole board", () => {
		const cell = atLine3("mlperf-edge");
		expect(cell).toMatchObject({ variant: "efficientnet-lite0", device: "board", allocation: 6, accuracy_pct: 71.254 });
		expect(cell.knobs).toMatchObject({ backend: "armnn-neon", precision: "uint8", resolution_px: 224 });
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(4.6088 / 26.55, 4);
	});

	test("gaissa-slm: 85 002.5 J over 1399.08 s by ONNX on the CPU", () => {
		const cell = atLine3("gaissa-slm");
		expect(cell).toMatchObject({ variant: "bloomz-1b1", device: "cpu", allocation: 16, knobs: { runtime: "onnx" } });
		expect(energyOf(cell).energy_j_per_request / (cell.latency_s as number)).toBeCloseTo(60.756, 2);
	});

	test("dl-energy-cnn: 75.888 W in batches of 15, six runs", () => {
		const cell = atLine3("dl-energy-cnn");
		expect(cell).toMatchObject({ variant: "alexnet", allocation: 28, batch: 15, repetitions: 6 });
		expect((energyOf(cell).energy_j_per_batch / (cell.latency_s as number)) * 1).toBeCloseTo(75.888, 1);
	});

	test("pi5-llm: 4.4991 W over 6.07236 s, one thread; the idle power that its authors subtract is measured", () => {
		const cell = atLine3("pi5-llm");
		expect(cell).toMatchObject({ variant: "gemma-2-2B", device: "board", allocation: 1, idle_power_w: 2.04 });
		expect([cell.knobs, cell.workload]).toEqual([{ quantisation: "Q4_K_M" }, { benchmark: "commonsenseqa" }]);
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(4.4991 * 6.07236, 2);
		// Their figure above idle, 14.9004 J, is gross less idle power x time.
		expect(energyOf(cell).energy_j_per_request - 2.04 * 6.07236).toBeCloseTo(14.9004, 0);
	});

	test("irene-transformers: 294.75 W of the whole PC in batches of 8 x 64 tokens", () => {
		const cell = atLine3("irene-transformers");
		expect(cell).toMatchObject({ variant: "bert-base-uncased", batch: 8, workload: { sequence_length_tokens: 64 } });
		expect(energyOf(cell).energy_j_per_batch / (cell.latency_s as number)).toBeCloseTo(294.75, 1);
	});

	test("splitwise-llm: 8 GPUs at 0.636434 of 400 W for 6.17732 s", () => {
		const cell = atLine3("splitwise-llm");
		expect(cell).toMatchObject({ allocation: 8, workload: { prompt_tokens: 256, output_tokens: 128 }, repetitions: 5 });
		expect(energyOf(cell).energy_j_per_request / (8 * 400 * 0.636434 * 6.17732)).toBeCloseTo(1, 3);
		expect(energyOf(cell).energy_sd_j_per_request).toBeUndefined();
	});

	test("wilkins-llm: 13.0627 J of the CPU and 109.823 J of the GPU", () => {
		const cell = atLine3("wilkins-llm");
		expect(cell).toMatchObject({ network: "Llama-2-7B", batch: 1, workload: { input_tokens: 16, output_tokens: 32 } });
		// Medians of the sum and of the parts differ a little.
		expect(energyOf(cell).energy_j_per_request / (13.0627 + 109.823)).toBeCloseTo(1, 2);
	});

	test("argonne-llm: 296.95 W over 23.7095 s in batches of 16", () => {
		const cell = atLine3("argonne-llm");
		expect(cell).toMatchObject({ network: "Llama-2-7B", batch: 16, knobs: { framework: "vLLM" } });
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo((296.95 * 23.7095) / 16, 0);
	});

	test("mlperf-closed: 1097.38 W at 77 976 samples/s on three accelerators", () => {
		const cell = atLine3("mlperf-closed");
		expect(cell).toMatchObject({ variant: "resnet50", allocation: 3, workload: { scenario: "Server" } });
		expect(energyOf(cell).energy_j_per_request).toBeCloseTo(1097.38 / 77976.2, 6);
	});
});

test("edgetune's clean runs last 0.67 s at the least and 2.6 s in the median, as its caveat says", async () => {
	const { rows } = await readCsv("data/raw/edgetune/edgetune-resnet-cpu-rapl.csv");
	const clean = rows
		.filter(({ values }) => values.first_trial_after_core_change === "0" && values.time_quantised === "0")
		.map(({ values }) => Number(values.time_total_s));
	expect(clean).toHaveLength(88);
	expect(Math.min(...clean)).toBeCloseTo(0.67, 2);
	expect(median(clean)).toBeCloseTo(2.6, 1);
	expect(evidenceOf("edgetune").provenance.caveats.join()).toContain("0.67 s at the shortest and 2.6 s in the median");
});

describe("bars and flags are those that the data declares", () => {
	test("barred: the node of idle GPUs, logs without a batch, the meter of constant power, the machine without a meter", () => {
		const barred = [...shipped.values()].flatMap(({ dataset, provenance }) => (provenance.barred ? [dataset] : []));
		expect(barred).toEqual(["ipa-ext-video", "luccioni", "mlperf-closed", "sprout", "video-quick"]);
		expect(evidenceOf("luccioni").provenance.barred).toContain("idle");
		expect(evidenceOf("sprout").provenance.barred).toContain("constant");
	});

	// 9 first trials a machine and 23 quantised rows: the README of edgetune. Three zero energies: that of ossna23. The
	// others: the column of flags, counted with awk.
	test.each([
		["edgetune", "late-core-change", "suspect", 18],
		["edgetune", "time-quantised", "suspect", 23],
		["ossna23-bloom", "no-energy", "fault", 3],
		["mlperf-edge", "ranging-disagrees", "suspect", 46],
		["gaissa-slm", "different-work", "fault", 24],
		["irene-transformers", "tiny-cell", "suspect", 59],
		["pi5-llm", "no-power", "fault", 25],
		["splitwise-llm", "idle-level-power", "fault", 3],
		["wilkins-llm", "spread", "suspect", 15],
	])("%s: %s is a %s in %i cells", (name, flag, severity, count) => {
		const { provenance, cells } = evidenceOf(name);
		expect(provenance.flags.find((given) => given.name === flag)?.severity).toBe(severity);
		expect(cells.filter(({ flags }) => flags.includes(flag))).toHaveLength(count);
	});

	test("a run whose counter covers twice its energy does not enter the mean of its cell", () => {
		const cell = evidenceOf("ossna23-bloom").cells.find(
			({ population, knobs }) => population === "SM" && knobs.sm_clock_mhz === 150,
		);
		expect(cell?.energy).toMatchObject({ energy_j_per_request: 40.79006 });
	});

	test("a counter that did not move is no energy, not 0 J", () => {
		const { cells } = evidenceOf("ossna23-bloom");
		const missed = cells.filter(({ flags }) => flags.includes("no-energy"));
		expect(missed.map(({ energy }) => energy.status)).toEqual(["unavailable", "unavailable", "unavailable"]);
	});

	test("declared: who visited the cells, whose batches run on, what a request asks for, what a knob is", () => {
		const named = (holds: (cell: EvidenceCell) => boolean) =>
			[...shipped.values()].flatMap(({ dataset, cells }) => (cells.some(holds) ? [dataset] : []));
		expect(named(({ trajectory }) => trajectory === true)).toEqual(["batchdvfs"]);
		expect(named(({ continuous_batching }) => continuous_batching === true)).toEqual(["mlenergy"]);
		expect(named(({ device }) => device === "board")).toEqual(["mlperf-edge", "pi5-llm"]);
		const { cells } = evidenceOf("mlenergy");
		for (const cell of cells) expect(cell.continuous_batching ?? false).toBe(cell.request_unit === "token");
		for (const evidence of shipped.values()) expect(undeclaredWorkloads(evidence), evidence.dataset).toEqual([]);
	});

	test("every dataset's folder is named as it is, with files whose sha256 holds", async () => {
		for (const name of await listDatasets("data"))
			expect((await readProvenance(join("data/raw", name))).dataset).toBe(name);
	});

	test("no code names a dataset that holds energies", async () => {
		const all = await listDatasets("data");
		const read = await Promise.all(all.map((name) => readProvenance(join("data/raw", name))));
		const names = all.filter((_, i) => read[i]?.evidence !== undefined);
		expect(names).toContain("edgetune");
		const code = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
		expect(code.length).toBeGreaterThan(50);
		const named = code.flatMap((file) => {
			// What a command's help or a doc comment shows as an example decides nothing.
			const text = readFileSync(join("src", file), "utf8").replaceAll(/examples: \[[^\]]*\]|\/\*\*[\s\S]*?\*\//g, "");
			return names.filter((name) => new RegExp(`["'\`/]${name}["'\`/]`).test(text)).map((name) => `${file}: ${name}`);
		});
		expect(named).toEqual([]);
	});
});
