import { readFileSync } from "node:fs";
import { sampleCorrelation } from "simple-statistics";
import { expect } from "vitest";
import type { Outcome } from "../../src/statistics/checks.js";
import { ranks } from "../../src/statistics/kendall.js";

/** Reference values computed by the scripts in test/statistics/reference. */
export function fixture<T>(name: string): T {
	return JSON.parse(readFileSync(new URL(`../fixtures/statistics/${name}`, import.meta.url), "utf8")) as T;
}

/** Spearman's rank correlation with mean ranks at ties, undefined where a side stands still. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
	const value = sampleCorrelation([...ranks(x)], [...ranks(y)]);
	return Number.isFinite(value) ? value : undefined;
}

/** The value of an outcome that must exist. */
export function ok<T>(outcome: Outcome<T>): { readonly status: "ok" } & T {
	if (outcome.status !== "ok") throw new Error(`${outcome.reason}: ${outcome.detail}`);
	return outcome;
}

/** The reason of an outcome that must not exist. */
export function reason<T>(outcome: Outcome<T>): string {
	return outcome.status === "undefined" ? outcome.reason : outcome.status;
}

/** Agreement to a relative error, with an absolute floor for values at 0. */
export function expectClose(actual: number, expected: number, relative = 1e-9, floor = 1e-300): void {
	const error = Math.abs(actual - expected) / Math.max(Math.abs(expected), floor);
	expect(error, `${actual} against ${expected}`).toBeLessThanOrEqual(relative);
}

export function expectAllClose(
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	relative = 1e-9,
	floor = 1e-300,
): void {
	expect(actual.length).toBe(expected.length);
	for (let i = 0; i < expected.length; i++) expectClose(actual[i] as number, expected[i] as number, relative, floor);
}

/** What regression.R wrote. */
export interface RegressionFixture {
	readonly source: string;
	readonly longley: {
		readonly columns: Readonly<Record<string, readonly number[]>>;
		readonly y: readonly number[];
		readonly fit: FitValues;
	};
	readonly sweep: {
		readonly columns: Readonly<Record<"cores" | "batch" | "accuracy" | "latency", readonly number[]>>;
		readonly energy: readonly number[];
		readonly full: FitValues;
		readonly smaller: FitValues;
		readonly through_origin: Pick<FitValues, "estimate" | "standard_error" | "r2" | "adjusted_r2">;
	};
	readonly t_interval: Readonly<Record<"mean" | "sd" | "n" | "low" | "high" | "low_90" | "high_90", number>>;
	readonly fisher_z: Readonly<Record<"r" | "n" | "low" | "high", number>>;
}

export interface FitValues {
	readonly estimate: readonly number[];
	readonly standard_error: readonly number[];
	readonly t: readonly number[];
	readonly p: readonly number[];
	readonly low: readonly number[];
	readonly high: readonly number[];
	readonly r2: number;
	readonly adjusted_r2: number;
	readonly residual_sd: number;
	readonly rss: number;
	readonly residuals: readonly number[];
	readonly vif: readonly number[];
	readonly condition_number: number;
}
