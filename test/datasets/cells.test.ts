import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeCellsCsv } from "../../src/datasets/cellsCsv.js";
import { readCellsCsv, readEvidence, writeDatasetFolder } from "../../src/datasets/readEvidence.js";
import type { EvidenceCell, Provenance } from "../../src/evaluation/evidence.js";

const temporary = () => mkdtemp(join(tmpdir(), "cells-"));

const provenance: Omit<Provenance, "files"> = {
	dataset: "given",
	title: "given by a test",
	source: "this test",
	commit: "none",
	path: "none",
	hardware: "none",
	energy_method: "none",
	kind: "measured",
	units: { energy: "J" },
	licence: "none",
	caveats: ["made up"],
	flags: [
		{ name: "odd", meaning: "odd by a test", severity: "suspect" },
		{ name: "bad", meaning: "bad by a test", severity: "fault" },
	],
};

const word = fc.stringMatching(/^[A-Za-zé][A-Za-z0-9é,"\n ]{0,8}[a-z]$/);
const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
const kind = fc.constantFrom("measured", "digitised", "modelled");
const knobValue = fc.oneof(
	word,
	fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
);

/** Cells that differ in their batch, so that none repeats another. */
const cells: fc.Arbitrary<EvidenceCell[]> = fc
	.array(
		fc.record(
			{
				population: word,
				hardware: word,
				device: fc.constantFrom("cpu", "gpu", "board"),
				variant: word,
				allocation: positive,
				replicas: fc.integer({ min: 1, max: 9 }),
				knobs: fc.dictionary(fc.constantFrom("power_cap_w", "precision", "clock, mhz"), knobValue, {
					noNullPrototype: true,
				}),
				workload: fc.dictionary(fc.constantFrom("output_tokens", "benchmark"), knobValue, { noNullPrototype: true }),
				network: word,
				idle_power_w: positive,
				power_relative_error: positive,
				continuous_batching: fc.constant(true as const),
				trajectory: fc.constant(true as const),
				request_unit: word,
				latency_s: positive,
				throughput_rps: positive,
				accuracy_pct: fc.double({ min: 0, max: 100, noNaN: true }),
				repetitions: fc.integer({ min: 1, max: 99 }),
				kind,
				flags: fc.subarray(["odd", "bad"]),
				energy: fc.oneof(
					fc.record(
						{ status: fc.constant("available" as const), kind, energy_j_per_request: positive, power_w: positive },
						{ requiredKeys: ["status", "kind", "energy_j_per_request"], noNullPrototype: true },
					),
					fc.record({ status: fc.constant("unavailable" as const), reason: word }, { noNullPrototype: true }),
				),
			},
			{
				noNullPrototype: true,
				requiredKeys: [
					"population",
					"hardware",
					"device",
					"variant",
					"allocation",
					"replicas",
					"knobs",
					"workload",
					"request_unit",
					"kind",
					"flags",
					"energy",
				],
			},
		),
		{ minLength: 1, maxLength: 5 },
	)
	.map((given) =>
		given.map((cell, i) => {
			const { energy } = cell;
			const batch = i + 1;
			return {
				...cell,
				dataset: "given",
				batch,
				line: 0,
				energy:
					energy.status === "available"
						? { ...energy, energy_j_per_batch: energy.energy_j_per_request * batch }
						: energy,
			} as EvidenceCell;
		}),
	);

const unplaced = (given: readonly EvidenceCell[]) => given.map(({ line: _, ...cell }) => cell);

describe("what is written reads back as it was", () => {
	test("a table", async () => {
		const file = join(await temporary(), "given.csv");
		await fc.assert(
			fc.asyncProperty(cells, async (given) => {
				await writeCellsCsv(file, given);
				expect(unplaced((await readCellsCsv(file)).cells)).toEqual(unplaced(given));
			}),
			{ numRuns: 100, seed: 1 },
		);
	});

	test("a folder, which replaces the one before", async () => {
		const parent = await temporary();
		const folder = join(parent, "given");
		await fc.assert(
			fc.asyncProperty(cells, async (given) => {
				await writeDatasetFolder(folder, provenance, given);
				const evidence = await readEvidence(folder);
				expect(unplaced(evidence.cells)).toEqual(unplaced(given));
				expect(evidence.provenance).toMatchObject(provenance);
				expect([await readdir(parent), (await readdir(folder)).sort()]).toEqual([
					["given"],
					["cells.csv", "provenance.yaml"],
				]);
			}),
			{ numRuns: 50, seed: 2 },
		);
	});
});

describe("what would not read back is not written", () => {
	const cell: EvidenceCell = {
		dataset: "given",
		population: "server",
		hardware: "server",
		device: "cpu",
		variant: "small",
		allocation: 2,
		batch: 4,
		replicas: 1,
		knobs: {},
		workload: {},
		request_unit: "image",
		energy: { status: "available", kind: "measured", energy_j_per_request: 1, energy_j_per_batch: 4 },
		kind: "measured",
		flags: [],
		line: 1,
	};
	const available = { status: "available", kind: "measured" } as const;
	test.each<[string, Partial<EvidenceCell>, string]>([
		[
			"an energy of 0",
			{ energy: { ...available, energy_j_per_request: 0, energy_j_per_batch: 0 } },
			"energy_j_per_request",
		],
		[
			"an energy that is not a number",
			{ energy: { ...available, energy_j_per_request: Number.NaN, energy_j_per_batch: 4 } },
			"energy_j_per_request",
		],
		["an energy per batch of another batch", { batch: 8 }, "energy_j_per_batch"],
		["an infinite latency", { latency_s: Number.POSITIVE_INFINITY }, "latency_s"],
		["a text knob that reads as a number", { knobs: { precision: "16" } }, "knobs"],
		["an empty knob", { knobs: { precision: "" } }, "knobs"],
		["a flag with a space", { flags: ["late change"] }, "flags"],
		["a variant with a space at its end", { variant: "small " }, "variant"],
		["an undeclared flag", { flags: ["strange"] }, "flags"],
	])("%s, and the folder before stays whole", async (_, change, field) => {
		const parent = await temporary();
		const folder = join(parent, "given");
		await writeDatasetFolder(folder, provenance, [cell]);
		await expect(
			writeDatasetFolder(folder, provenance, [cell, { ...cell, batch: 4, variant: "big", ...change }]),
		).rejects.toMatchObject({ fault: { line: 3, field } });
		expect(await readdir(parent)).toEqual(["given"]);
		expect(unplaced((await readEvidence(folder)).cells)).toEqual(unplaced([cell]));
	});

	test("no cells, or a provenance that would not read", async () => {
		const parent = await temporary();
		const folder = join(parent, "given");
		await expect(writeDatasetFolder(folder, provenance, [])).rejects.toThrow("at least one row");
		await expect(writeDatasetFolder(folder, { ...provenance, dataset: "A B" }, [cell])).rejects.toMatchObject({
			fault: { field: "dataset" },
		});
		expect(await readdir(parent)).toEqual([]);
	});

	test("a file in the folder's place is replaced, and a write that fails at its last step leaves nothing aside", async () => {
		const parent = await temporary();
		// A file in the way: it is moved aside like an old folder would be, and replaced.
		const folder = join(parent, "given");
		await writeFile(folder, "in the way");
		await writeDatasetFolder(folder, provenance, [cell]);
		expect(await readdir(parent)).toEqual(["given"]);
		// A table cannot be renamed onto a folder: the write fails at its last step, and cleans up after itself.
		const taken = join(parent, "taken.csv");
		await mkdir(join(taken, "inside"), { recursive: true });
		await expect(writeCellsCsv(taken, [cell])).rejects.toThrow();
		expect((await readdir(parent)).sort()).toEqual(["given", "taken.csv"]);
		expect(await readdir(taken)).toEqual(["inside"]);
	});
});
