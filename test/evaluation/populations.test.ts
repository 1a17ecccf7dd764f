import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readAllEvidence } from "../../src/datasets/readEvidence.js";
import { type EvidenceCell, populationOf } from "../../src/evaluation/evidence.js";
import { admissible } from "../../src/evaluation/population.js";
import { groupBy } from "../../src/group.js";

interface OraclePopulation {
	readonly device: "cpu" | "gpu";
	readonly queueing: boolean;
	readonly least_power_w: number;
	readonly columns: readonly string[];
	readonly cells: readonly (readonly (string | number | null)[])[];
}

const file = process.env.STUDY_ORACLE ?? "test/fixtures/study-oracle.json";
const oracle = JSON.parse(readFileSync(file, "utf8")) as Record<string, OraclePopulation>;

const populations = groupBy(
	(await readAllEvidence("data")).flatMap((evidence) => admissible(evidence, "clean").cells),
	(cell) => JSON.stringify([cell.dataset, populationOf(cell)]),
);
const machines = groupBy([...populations.values()].flat(), (cell) => JSON.stringify([cell.dataset, cell.hardware]));

/** What both sides say of a cell: variant, allocation, batch, latency, throughput, energy, accuracy. */
const told = (row: OraclePopulation["cells"][number]) => row.slice(0, 7);
const own = (cell: EvidenceCell) => [
	cell.variant,
	cell.allocation,
	cell.batch,
	cell.latency_s ?? null,
	cell.throughput_rps ?? null,
	cell.energy.status === "available" ? cell.energy.energy_j_per_request : null,
	cell.accuracy_pct ?? null,
];

const sorted = (rows: readonly (readonly unknown[])[]) =>
	[...rows].sort((a, b) => {
		const at = a.findIndex((value, i) => value !== b[i]);
		return at < 0 ? 0 : (a[at] as number | string) < (b[at] as number | string) ? -1 : 1;
	});

/** Equal to the digits that the shorter of the two sides has. */
const same = (a: readonly (readonly unknown[])[], b: readonly (readonly unknown[])[]) =>
	a.length === b.length &&
	a.every((row, i) =>
		row.every((value, k) => {
			const other = b[i]?.[k];
			return typeof value === "number" && typeof other === "number"
				? Math.abs(value - other) <= 1e-6 * Math.abs(other)
				: value === other;
		}),
	);

const powerPerDevice = (cell: EvidenceCell): number =>
	cell.energy.status === "available" && cell.throughput_rps !== undefined
		? (cell.energy.energy_j_per_request * cell.throughput_rps) / (cell.device === "gpu" ? cell.allocation : 1)
		: Number.POSITIVE_INFINITY;

describe("the cells that the readers give are those of the study worked out independently", () => {
	test.each(Object.entries(oracle))("%s", (_, given) => {
		const rows = sorted(given.cells.map(told));
		const matches = [...populations.values()].filter(
			(cells) => cells.length === rows.length && same(sorted(cells.map(own)), rows),
		);
		expect(matches).toHaveLength(1);
		const cells = matches[0] as EvidenceCell[];
		for (const { device, continuous_batching } of cells) {
			expect(device === "board" ? "cpu" : device).toBe(given.device);
			expect(continuous_batching ?? false).toBe(!given.queueing);
		}
		const [{ dataset, hardware }] = cells as [EvidenceCell];
		const machine = machines.get(JSON.stringify([dataset, hardware])) as EvidenceCell[];
		expect(Math.min(...machine.map(powerPerDevice)) / given.least_power_w).toBeCloseTo(1, 5);
	});
});
