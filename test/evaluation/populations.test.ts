import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readAllEvidence } from "../../src/datasets/evidence.js";
import { admissible } from "../../src/evaluation/admissible.js";
import { type EvidenceCell, populationOf } from "../../src/evaluation/evidence.js";
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

/** Six significant digits, which is what the shorter of the two sides has. */
const rounded = (values: readonly unknown[]) =>
	JSON.stringify(values.map((value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value)));
const sorted = (rows: readonly (readonly unknown[])[]) => rows.map(rounded).sort();

const powerPerDevice = (cell: EvidenceCell): number =>
	cell.energy.status === "available" && cell.throughput_rps !== undefined
		? (cell.energy.energy_j_per_request * cell.throughput_rps) / (cell.device === "gpu" ? cell.allocation : 1)
		: Number.POSITIVE_INFINITY;

describe("the cells that the readers give are those of the study worked out independently", () => {
	test.each(Object.entries(oracle))("%s", (_, given) => {
		const rows = sorted(given.cells.map(told));
		const matches = [...populations.values()].filter(
			(cells) => cells.length === rows.length && JSON.stringify(sorted(cells.map(own))) === JSON.stringify(rows),
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
