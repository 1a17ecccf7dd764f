import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { dcmiProbe } from "../../src/energy/dcmi.js";
import { etrace2Probe } from "../../src/energy/etrace2.js";
import { perfProbe } from "../../src/energy/perf.js";
import { powercapProbe } from "../../src/energy/powercap.js";
import type { Outcome } from "../../src/energy/reading.js";
import { checkRelations } from "../../src/energy/relations.js";
import { realTime } from "../realTime.js";
import { drawing, fakePowercap, range_uj } from "./fakePowercap.js";
import { fakeEtrace2, fakePerf } from "./fakeReaders.js";
import { fakeTool } from "./fakeTool.js";

const bmc = (watts: number) =>
	fakeTool("ipmitool", `process.stdout.write("    Instantaneous power reading: ${watts} Watts\\n");`).command;

/** One window of a machine of 70 W, watched by four probes as the harness starts and stops them. */
async function watchAll({ perfFactor = 1, node_w = 230 } = {}): Promise<readonly Outcome[]> {
	const zone = (name: string) => ({ name, energy_uj: 0 });
	const root = fakePowercap({ "intel-rapl:0": zone("package-0"), "intel-rapl:0:0": zone("dram") });
	const child = await drawing(root, {
		"intel-rapl:0": { start_uj: range_uj - 30_000_000, watts: 60, range_uj },
		"intel-rapl:0:0": { start_uj: 1, watts: 10, range_uj },
	});
	try {
		const probes = [
			powercapProbe({ root }),
			perfProbe({ command: fakePerf(root, perfFactor).command }),
			etrace2Probe({ command: fakeEtrace2(root).command, root }),
			dcmiProbe({ commands: [bmc(node_w)], period_s: 0.2 }),
		];
		for (const probe of probes) expect(await probe.detect()).toMatchObject({ status: "available" });
		const runs = [];
		for (const probe of probes) runs.push(await probe.start());
		// Long beside what starting and stopping four children takes on a busy machine, which the tolerance allows for.
		await sleep(2500);
		const outcomes: Outcome[] = [];
		for (const run of runs.reverse()) outcomes.unshift(await run.stop());
		return outcomes;
	} finally {
		await child.end();
	}
}

const readingsOf = (outcomes: readonly Outcome[]) =>
	outcomes.map((outcome) => {
		if (outcome.status === "refused") throw new Error(outcome.reason);
		return outcome;
	});

describe("probes that watch one window", realTime, () => {
	test("of one machine: RAPL's readers agree, and the node is above them", async () => {
		const readings = readingsOf(await watchAll());
		for (const { probe, energy_j, duration_s } of readings)
			expect(Math.abs(energy_j / duration_s / (probe === "dcmi" ? 230 : 70) - 1)).toBeLessThan(0.1);
		const relations = checkRelations(readings);
		expect(relations.map(({ type, first, second, status }) => `${type} ${first} ${second} ${status}`).sort()).toEqual([
			"contains dcmi etrace2 holds",
			"contains dcmi perf holds",
			"contains dcmi powercap holds",
			"same-counter perf etrace2 holds",
			"same-counter powercap etrace2 holds",
			"same-counter powercap perf holds",
		]);
	});

	test("one that reads its joules in another unit is found out; so is a node below its package", async () => {
		const relations = checkRelations(readingsOf(await watchAll({ perfFactor: 5, node_w: 2 })));
		const broken = relations.filter(({ status }) => status === "broken");
		expect(broken.map(({ first, second }) => `${first} ${second}`).sort()).toEqual([
			"dcmi etrace2",
			"dcmi perf",
			"dcmi powercap",
			"perf etrace2",
			"powercap perf",
		]);
		expect(broken[0]?.statement).toMatch(/powercap [\d.]+ J ≠ perf [\d.]+ J \(package and dram, to within [\d.]+ J\)/);
	});
});

describe("relations by hand", () => {
	const reading = (probe: string, package_j: number, dram_j: number | undefined, duration_s = 10) => {
		const domain = (covers: "package" | "dram", energy_j: number) => ({
			domain: covers,
			covers,
			energy_j,
			resolution_j: 0.1,
			wraps: 0,
			inTotal: true,
		});
		const domains = [domain("package", package_j), ...(dram_j === undefined ? [] : [domain("dram", dram_j)])];
		return {
			probe,
			domains,
			energy_j: package_j + (dram_j ?? 0),
			duration_s,
			resolution_j: 0.1 * domains.length,
			covers: domains.map(({ covers }) => covers),
		};
	};
	test("without DRAM on one side, packages alone are compared", () =>
		expect(checkRelations([reading("powercap", 100, 20), reading("perf", 100.1, undefined)])).toMatchObject([
			{ status: "holds", first_j: 100, second_j: 100.1 },
		]));
	test("the tolerance is what both resolve: 0.4 J for two domains each", () => {
		expect(checkRelations([reading("powercap", 100, 20), reading("perf", 100.3, 20)])).toMatchObject([
			{ status: "holds", tolerance_j: expect.closeTo(0.4, 9) },
		]);
		expect(checkRelations([reading("powercap", 100, 20), reading("perf", 100.5, 20)])).toMatchObject([
			{ status: "broken" },
		]);
	});
	// 0.1 s longer, at up to twice 12 W: 2.4 J more.
	test("and what fits between their edges", () => {
		expect(checkRelations([reading("powercap", 102, 20, 10.1), reading("perf", 100, 20)])).toMatchObject([
			{ status: "holds", tolerance_j: expect.closeTo(0.4 + (2 * 122 * 0.1) / 10.1, 9) },
		]);
	});
	const node = (energy_j: number, duration_s = 10) => ({
		probe: "dcmi",
		domains: [],
		energy_j,
		duration_s,
		resolution_j: 10,
		covers: ["node" as const],
	});
	// Whole watts over 10 s and 0.2 J of the two domains: 10.2 J.
	test("a node is above its part, or below by no more than both resolve", () => {
		const part = reading("powercap", 100, 20);
		expect(checkRelations([node(111), part])).toMatchObject([
			{
				status: "holds",
				type: "contains",
				first_j: 111,
				second_j: 120,
				tolerance_j: expect.closeTo(10.2, 9),
				statement: "dcmi 111 J ≥ powercap 120 J (package and dram, to within 10.2 J)",
			},
		]);
		expect(checkRelations([part, node(1000)])).toMatchObject([{ status: "holds", first: "dcmi" }]);
		expect(checkRelations([part, node(109)])).toMatchObject([
			{ status: "broken", statement: "dcmi 109 J < powercap 120 J (package and dram, to within 10.2 J)" },
		]);
		// 0.5 s longer, at up to twice the larger of 12 W and 11 W: 12 J more.
		expect(checkRelations([part, node(98.5, 10.5)])).toMatchObject([
			{ status: "holds", tolerance_j: expect.closeTo(22.2, 9) },
		]);
	});
	test("a node is no part of a node, and a board's counter is none of RAPL's", () => {
		const board = { ...reading("nvidia-smi", 50, undefined), covers: ["board" as const] };
		expect(checkRelations([node(100), node(200)])).toEqual([]);
		expect(checkRelations([board, reading("powercap", 100, 20)])).toEqual([]);
	});
	test("the statement says which way the two stand", () => {
		const statement = (second_j: number) =>
			checkRelations([reading("powercap", 100, 20), reading("perf", second_j, 20)])[0]?.statement;
		expect(statement(100)).toBe("powercap 120 J = perf 120 J (package and dram, to within 0.4 J)");
		expect(statement(110)).toBe("powercap 120 J ≠ perf 130 J (package and dram, to within 0.4 J)");
	});
});
