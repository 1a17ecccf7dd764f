import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import { listDatasets, readAllEvidence } from "../../src/datasets/evidence.js";
import { readProvenance } from "../../src/datasets/provenance.js";
import type { Evidence, EvidenceCell } from "../../src/evaluation/evidence.js";

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
	["batchdvfs", 551, 551],
	["edgetune", 126, 126],
	["luccioni", 417, 417],
	["mlenergy", 1858, 1855],
	["ossna23-bloom", 683, 682],
	["sprout", 24, 24],
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
		expect(cell).toMatchObject({ batch: 2, knobs: { power_cap_w: 100, max_new_tokens: 20 }, latency_s: 0.7057 });
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
});

describe("bars and flags are those that the data declares", () => {
	test("barred: the node of idle GPUs, the meter of constant power, the machine without a meter, with the reason", () => {
		const barred = [...shipped.values()].flatMap(({ dataset, provenance }) => (provenance.barred ? [dataset] : []));
		expect(barred).toEqual(["luccioni", "sprout", "video-quick"]);
		expect(evidenceOf("luccioni").provenance.barred).toContain("idle");
		expect(evidenceOf("sprout").provenance.barred).toContain("constant");
	});

	// 9 first trials a machine and 23 quantised rows: the README of edgetune. Three zero energies: that of ossna23.
	test.each([
		["edgetune", "late-core-change", "suspect", 18],
		["edgetune", "time-quantised", "suspect", 23],
		["ossna23-bloom", "no-energy", "fault", 3],
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
			const text = readFileSync(join("src", file), "utf8");
			return names.filter((name) => new RegExp(`["'\`/]${name}["'\`/]`).test(text)).map((name) => `${file}: ${name}`);
		});
		expect(named).toEqual([]);
	});
});
