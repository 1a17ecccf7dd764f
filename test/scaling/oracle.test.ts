import { describe, expect, test } from "vitest";
import { readCsv } from "../../src/datasets/csv.js";
import {
	fitLatency,
	type LatencyModel,
	latencyMs,
	remainingSlo,
	scaleInPlace,
	scaleOut,
	scalingRun,
} from "../../src/scaling/sponge.js";
import { close, oracle } from "../oracle.js";

type Parameters = readonly [number, number, number, number];
interface Common {
	readonly params: Parameters;
	readonly slo_ms: number;
	readonly arrival_rate_rps: number;
	readonly max_cores: number;
	readonly max_batch: number;
}
interface Cases {
	readonly fits: readonly {
		readonly case: {
			readonly name: string;
			readonly batch: readonly number[];
			readonly cores: readonly number[];
			readonly latency_s: readonly number[];
		};
		readonly expected: {
			readonly params: Parameters;
			readonly r2: number;
			readonly rmse_ms: number;
			readonly mape: number;
		};
	}[];
	readonly solver: readonly {
		readonly case: Common & { readonly remaining_slo_ms: number };
		readonly expected: {
			readonly sponge: object | null;
			readonly fa2: { readonly error?: string } | null;
		};
	}[];
	readonly shipped_run: {
		readonly case: Common;
		readonly expected: readonly {
			readonly communication_ms_from: number;
			readonly to: number;
			readonly decision: { readonly cores: number; readonly batch: number; readonly latency_ms: number } | null;
		}[];
	};
	readonly trace: readonly {
		readonly case: Common & { readonly image_kib: number; readonly seconds: number };
		readonly expected: {
			readonly infeasible_seconds: number;
			readonly mean_cores_when_held: number;
			readonly first_60_cores: readonly (number | null)[];
		};
	}[];
}

const cases = oracle<Cases>("sponge");
const modelOf = ([gamma, delta, epsilon, eta]: Parameters): LatencyModel => ({ gamma, delta, epsilon, eta });
const requestOf = ({ params, slo_ms, arrival_rate_rps, max_cores, max_batch }: Common) => ({
	model: modelOf(params),
	slo_ms,
	rate_rps: arrival_rate_rps,
	max_cores,
	max_batch,
});
const samples = (await readCsv("data/raw/sponge/sponge-4g-bus-trace.csv")).rows.map(({ values }) => ({
	bytes: Number(values.bytes),
	interval_ms: Number(values.interval_ms),
}));

test.each(cases.fits)("fit: $case.name", ({ case: { batch, cores, latency_s }, expected }) => {
	const fit = fitLatency(latency_s.map((s, k) => ({ latency_s: s, batch: batch[k]!, cores: cores[k]! })));
	const found = [fit.gamma, fit.delta, fit.epsilon, fit.eta];
	expect(found.every((value, k) => close(value, expected.params[k]!, 1e-5))).toBe(true);
	for (const key of ["r2", "rmse_ms", "mape"] as const) expect(fit[key] / expected[key] - 1).toBeCloseTo(0, 6);
});

test.each(cases.solver)("decision $#", ({ case: given, expected }) => {
	const request = { ...requestOf(given), remaining_slo_ms: given.remaining_slo_ms };
	expect(scaleInPlace(request) ?? null).toEqual(expected.sponge);
	if (expected.fa2?.error !== undefined) expect(() => scaleOut(request)).toThrow("is 0 ms");
	else expect(scaleOut(request) ?? null).toEqual(expected.fa2);
});

describe("the shipped run", () => {
	const request = requestOf(cases.shipped_run.case);
	test.each(cases.shipped_run.expected)("over $communication_ms_from to $to ms", ({ decision, ...range }) => {
		for (const communication of [range.communication_ms_from, range.to])
			expect(scaleInPlace({ ...request, remaining_slo_ms: request.slo_ms - communication }) ?? null).toEqual(decision);
	});

	test("its printed latencies are those of the recovered parameters, all of them", async () => {
		const { rows } = await readCsv("data/raw/sponge/sponge-runs.csv");
		const printed = rows
			.map(({ values }) => values)
			.filter(
				({ run, step, expected_latency_ms }) =>
					run?.startsWith("sponge") && Number(step) > 6 && Number(expected_latency_ms) > 1,
			);
		const cells = new Map(printed.map((row) => [`${row.run?.slice(-3)} ${row.cores} ${row.batch}`, row]));
		expect(cells.size).toBeGreaterThan(20);
		for (const row of cells.values())
			expect(latencyMs(request.model, Number(row.batch), Number(row.cores))).toBe(Number(row.expected_latency_ms));
	});
});

test.each(cases.trace)("600 s of the bus $case", ({ case: given, expected }) => {
	const remaining = remainingSlo(samples.slice(0, given.seconds), given.image_kib, given.slo_ms);
	const run = scalingRun(remaining, requestOf(given));
	expect(run.infeasible_seconds).toBe(expected.infeasible_seconds);
	expect(run.mean_cores).toBeCloseTo(expected.mean_cores_when_held, 9);
	expected.first_60_cores.forEach((cores, k) => {
		if (cores !== null) expect(run.cores[k]).toBe(cores);
	});
});
