import { expect, test } from "vitest";
import { seeded } from "../../src/random.js";
import {
	closedSharing,
	openSharing,
	responseQuantile,
	type ServiceKind,
	simulateSharing,
} from "../../src/sharing/processorSharing.js";
import { close, oracle } from "../oracle.js";

interface Cases {
	readonly closed: readonly {
		readonly case: {
			readonly tenants: number;
			readonly service_s: number;
			readonly think_s: number;
			readonly switch_overhead: number;
			readonly idle_w: number;
			readonly busy_w: number;
		};
		readonly expected: {
			readonly response_s: number;
			readonly throughput_per_s: number;
			readonly utilisation: number;
			readonly power_w: number;
			readonly energy_per_request_j: number;
			readonly dedicated_power_w: number;
			readonly dedicated_energy_per_request_j: number;
		};
	}[];
	readonly open: readonly {
		readonly case: { readonly service: ServiceKind; readonly mean_service_s: number; readonly utilisation: number };
		readonly expected: {
			readonly mean_response_exact_s: number;
			readonly p95_s: number;
			readonly p95_standard_error: number;
		};
	}[];
}

const cases = oracle<Cases>("sharing");

test.each(cases.closed)("closed: $case", ({ case: { tenants, think_s, ...board }, expected }) => {
	const { throughput_rps, ...found } = closedSharing(board, tenants, think_s);
	const all = { ...found, throughput_per_s: throughput_rps };
	for (const [key, value] of Object.entries(expected))
		expect([key, close(all[key as keyof typeof all], value)]).toEqual([key, true]);
});

test.each(cases.open)("open: $case", ({ case: { service, mean_service_s, utilisation }, expected }) => {
	const board = { service_s: mean_service_s, switch_overhead: 0, idle_w: 0, busy_w: 1 };
	const exact = openSharing(board, 1, utilisation / mean_service_s);
	expect(exact.status === "stable" && close(exact.response_s, expected.mean_response_exact_s)).toBe(true);
	const responses = simulateSharing(utilisation, service, 720_000, seeded(1));
	const p95_s = mean_service_s * responseQuantile(responses, 0.95);
	expect(Math.abs(p95_s - expected.p95_s) / expected.p95_standard_error).toBeLessThan(4);
});
