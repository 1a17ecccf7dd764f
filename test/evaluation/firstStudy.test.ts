import { median } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { groupBy } from "../../src/group.js";
import { integerBelow, seeded } from "../../src/random.js";
import {
	blindly,
	byCoreSeconds,
	byThroughput,
	type Cell,
	cleanCells,
	leftOnTable,
	meanWithin,
	normals,
	spearman,
	strata,
	within,
} from "./firstStudy.js";

// The first study's headline numbers, and why each says less than it was read to say. CHANGELOG has what they became.

const throughput = ({ throughput_rps }: Cell) => throughput_rps;
const allocation = (cell: Cell) => cell.allocation;
const coreSeconds = (cell: Cell) => cell.allocation / cell.throughput_rps;
const power = ({ energy_j, throughput_rps }: Cell) => energy_j * throughput_rps;

const [edgetune, yolov7, mlenergy] = (await Promise.all(
	["edgetune", "yolov7-cascadelake", "mlenergy"].map(cleanCells),
)) as [Cell[], Cell[], Cell[]];
const machine = (name: string) => edgetune.filter(({ hardware }) => hardware.startsWith(name));
const tasks = mlenergy.filter(({ request_unit }) => request_unit === "token");

describe("the unit: a configuration at a rate, not a cell", () => {
	/** Cost and energy per request of the cells as configurations at m times the median throughput. */
	function atRate(cells: readonly Cell[], m: number, idleShare: number) {
		const rate = m * median(cells.map(throughput));
		const idle_w = idleShare * Math.min(...cells.map(power));
		const replicas = (cell: Cell) => Math.max(1, Math.ceil(rate / cell.throughput_rps - 1e-9));
		return {
			cost: (cell: Cell) => replicas(cell) * cell.allocation,
			energy: (cell: Cell) => {
				const idleReplicas = replicas(cell) - rate / cell.throughput_rps;
				return cell.energy_j + (idleReplicas * idle_w) / rate;
			},
		};
	}
	const correlation = (cells: readonly Cell[], m: number, idleShare: number) => {
		const { cost, energy } = atRate(cells, m, idleShare);
		return spearman(cells.map(cost), cells.map(energy));
	};

	test("the first study's -0.06 correlates energy with the cores of one replica", () => {
		expect(within(edgetune, "all", allocation)).toBeCloseTo(-0.06, 2);
	});

	test.each([
		["server", 0.5, 0, 0.14],
		["server", 0.5, 0.9, 0.78],
		["server", 2, 0, 0.65],
		["server", 2, 0.9, 0.66],
		["server", 20, 0, 0.8],
		["edge", 0.5, 0, 0.38],
		["edge", 0.5, 0.9, 0.36],
		["edge", 2, 0, 0.78],
		["edge", 20, 0, 0.83],
	])(
		"%s at %f of a replica's throughput, idle at %f of the least power: energy and cost agree to %f",
		(name, m, idle, rho) => {
			expect(correlation(machine(name), m, idle)).toBeCloseTo(rho, 2);
		},
	);

	test("at 5 times the throughput cost follows energy over batches and variants, and not over the server's cores", () => {
		for (const name of ["server", "edge"]) {
			const { cost, energy } = atRate(machine(name), 5, 0);
			for (const knob of ["batch", "variant"] as const)
				expect(within(machine(name), knob, cost, energy)).toBeGreaterThan(0.97);
		}
		const { cost, energy } = atRate(machine("server"), 5, 0);
		// -0.167 where rounding breaks the tie of two energies that are printed alike, 0.210496 J.
		expect(within(machine("server"), "allocation", cost, energy)).toBeCloseTo(-0.159, 3);
	});
});

describe("the regret test measures indifference to batch", () => {
	test("energies that throughput determines leave as much on the table as the measured ones", () => {
		const coupled = mlenergy.map((cell) => ({ ...cell, energy_j: (700 * cell.allocation) / cell.throughput_rps }));
		expect(leftOnTable(mlenergy, 0, blindly).p90).toBeCloseTo(15.3, 1);
		expect(leftOnTable(mlenergy, 0.01, blindly).p90).toBeCloseTo(34.1, 1);
		expect(leftOnTable(coupled, 0, blindly).p90).toBeCloseTo(18.3, 1);
		expect(leftOnTable(coupled, 0.01, blindly).p90).toBeCloseTo(37.2, 1);
	});

	test.each([
		["edgetune", 45.8, 0, 0],
		["yolov7-cascadelake", 62.2, 0, 0],
		["mlenergy", 34.1, 0.3, 0],
		["ossna23-bloom", 84.6, 4, 4],
		["batchdvfs", 33.5, 25.1, 25.1],
	])("%s: %f percent blindly, %f by throughput, %f by core-seconds", async (name, blind, fast, busy) => {
		const cells = await cleanCells(name);
		expect(leftOnTable(cells, 0.01, blindly).p90).toBeCloseTo(blind, 1);
		expect(Math.abs(leftOnTable(cells, 0.01, byThroughput).p90 - fast)).toBeLessThan(0.06);
		expect(Math.abs(leftOnTable(cells, 0.01, byCoreSeconds).p90 - busy)).toBeLessThan(0.06);
	});

	test("1 % of |objective| admits 14 points of accuracy as equally good", () => {
		expect(Math.floor(leftOnTable(yolov7, 0.01, blindly).accuracySpan)).toBe(14);
	});
});

test("on both CPU sets throughput orders energy within machines, which the pooled word hid", () => {
	expect(within(edgetune, "all", throughput)).toBeCloseTo(-0.94, 2);
	expect(within(yolov7, "all", throughput)).toBeLessThan(-0.9);
});

describe("counterexamples that were artefacts", () => {
	test("throughput over ML.ENERGY's batches: the tasks whose energies hardly move carry it", () => {
		expect(within(mlenergy, "batch", throughput)).toBeCloseTo(-0.7, 2);
		const video = strata(
			mlenergy.filter(({ request_unit }) => request_unit === "video"),
			"batch",
		);
		const spread = video
			.filter(({ length }) => length > 1)
			.map((cells) => {
				const energies = cells.map(({ energy_j }) => energy_j);
				return Math.max(...energies) / Math.min(...energies);
			});
		expect(median(spread)).toBeCloseTo(1.04, 2);
		for (const task of new Set(tasks.map(({ population }) => population.split(" ")[0])))
			expect(
				within(
					tasks.filter(({ population }) => population.startsWith(`${task} `)),
					"batch",
					throughput,
				),
			).toBeLessThan(-0.97);
	});

	test("among pairs that differ by over 5 %, 1.8 % are misranked", () => {
		let [pairs, wrong] = [0, 0];
		for (const cells of strata(mlenergy, "batch"))
			for (const [i, a] of cells.entries())
				for (const b of cells.slice(i + 1)) {
					const [low, high] = a.energy_j < b.energy_j ? [a, b] : [b, a];
					if (high.energy_j / low.energy_j <= 1.05 || high.throughput_rps === low.throughput_rps) continue;
					pairs++;
					if (high.throughput_rps > low.throughput_rps) wrong++;
				}
		expect((100 * wrong) / pairs).toBeCloseTo(1.8, 1);
	});

	test("the number of GPUs varies in 257 strata once parallelism may move with it, and energy rises with it", () => {
		const groups = groupBy(mlenergy, (cell) =>
			JSON.stringify([cell.population, cell.workload, cell.variant, cell.batch, cell.knobs.weight_precision]),
		);
		const correlations = [...groups.values()].flatMap((cells) => {
			const byCount = [...groupBy(cells, allocation).values()];
			if (byCount.length < 2) return [];
			const energies = byCount.map((own) => own.reduce((sum, { energy_j }) => sum + energy_j, 0) / own.length);
			return [
				spearman(
					byCount.map((own) => (own[0] as Cell).allocation),
					energies,
				),
			];
		});
		expect(correlations).toHaveLength(257);
		expect(correlations.reduce((sum, value) => sum + value, 0) / 257).toBeCloseTo(0.975, 3);
	});

	test("throughput over variants, per language task, machine and number of GPUs, is what survives: -0.77", () => {
		const groups = groupBy(tasks, (cell) =>
			JSON.stringify([cell.population, cell.allocation, cell.batch, cell.knobs.weight_precision]),
		);
		const estimate = (weights: ReadonlyMap<string, number> | undefined) => {
			let [sum, total] = [0, 0];
			for (const cells of groups.values()) {
				const drawn = cells.flatMap((cell) =>
					new Array<Cell>(weights?.get(cell.variant) ?? (weights ? 0 : 1)).fill(cell),
				);
				const value = spearman(
					drawn.map(throughput),
					drawn.map(({ energy_j }) => energy_j),
				);
				if (Number.isNaN(value)) continue;
				sum += drawn.length * value;
				total += drawn.length;
			}
			return sum / total;
		};
		expect(estimate(undefined)).toBeCloseTo(-0.77, 2);
		const variants = [...new Set(tasks.map(({ variant }) => variant))];
		const random = seeded(1);
		const resampled = Array.from({ length: 300 }, () => {
			const weights = new Map<string, number>();
			for (const _ of variants) {
				const drawn = variants[integerBelow(random, variants.length)] as string;
				weights.set(drawn, (weights.get(drawn) ?? 0) + 1);
			}
			return estimate(weights);
		}).sort((a, b) => a - b);
		expect(resampled[7]).toBeCloseTo(-0.83, 1);
		expect(resampled[292]).toBeCloseTo(-0.62, 1);
	});
});

test("5 % of noise makes energies that throughput determines look as if they were not", () => {
	const normal = normals(7);
	const noisy = mlenergy
		.filter(({ request_unit }) => request_unit !== "token")
		.map((cell) => ({
			...cell,
			energy_j: ((700 * cell.allocation) / cell.throughput_rps) * Math.exp(0.05 * normal()),
		}));
	// Without noise it is -1. Over 20 draws of the diffusion tasks -0.63 to -0.72, the mean is -0.67.
	const score = within(noisy, "batch", throughput);
	expect(score).toBeGreaterThan(-0.73);
	expect(score).toBeLessThan(-0.6);
});

describe("clusters counted twice", () => {
	test("EdgeTune's six clusters are three networks on two machines", () => {
		expect(groupBy(edgetune, ({ variant, hardware }) => `${variant} ${hardware}`).size).toBe(6);
		expect(groupBy(edgetune, ({ variant }) => variant).size).toBe(3);
	});

	test("YOLOv7-E6E stands in both experiments and costs 19 to 22 % less in the second", () => {
		const energy = (experiment: number, batch: number) =>
			yolov7.find(
				(cell) =>
					cell.population === `experiment ${experiment}` && cell.variant === "yolov7-e6e" && cell.batch === batch,
			)?.energy_j as number;
		expect(1 - energy(2, 10) / energy(1, 10)).toBeCloseTo(0.19, 2);
		expect(1 - energy(2, 32) / energy(1, 32)).toBeCloseTo(0.22, 2);
	});
});

test("YOLOv7's experiment 1 holds 2.8 kJ that its inference time does not explain", () => {
	const runs = yolov7.filter(({ population }) => population === "experiment 1");
	const [x, y] = [runs.map(({ throughput_rps }) => 496 / throughput_rps), runs.map(({ energy_j }) => 496 * energy_j)];
	const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
	const slope =
		x.reduce((sum, value, i) => sum + (value - mean(x)) * (y[i] as number), 0) /
		x.reduce((sum, value) => sum + (value - mean(x)) ** 2, 0);
	expect((mean(y) - slope * mean(x)) / 1000).toBeCloseTo(2.8, 1);
});

test("who pays for idle decides: less 60 % of the machine's least power, cores turn from -0.30 to +0.94", () => {
	const least = new Map(
		[...groupBy(edgetune, ({ hardware }) => hardware)].map(([name, cells]) => [name, Math.min(...cells.map(power))]),
	);
	const less = edgetune.map((cell) => ({
		...cell,
		energy_j: cell.energy_j - (0.6 * (least.get(cell.hardware) as number)) / cell.throughput_rps,
	}));
	expect(within(edgetune, "all", coreSeconds)).toBeCloseTo(0.82, 2);
	expect(within(less, "all", coreSeconds)).toBeCloseTo(0.9, 2);
	expect(within(edgetune, "all", throughput)).toBeCloseTo(-0.94, 2);
	expect(within(less, "all", throughput)).toBeCloseTo(-0.78, 2);
	expect(within(edgetune, "allocation", allocation)).toBeCloseTo(-0.3, 2);
	expect(within(less, "allocation", allocation)).toBeCloseTo(0.94, 2);
	expect(meanWithin(strata(machine("server"), "allocation"), allocation)).toBeCloseTo(-0.3, 2);
});
