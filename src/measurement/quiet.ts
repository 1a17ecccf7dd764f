import { mean, sampleStandardDeviation } from "simple-statistics";
import type { Outcome } from "../statistics/outcome.js";
import { undefinedBecause } from "../statistics/outcome.js";
import type { JournalRecord } from "./records.js";

/** A node whose control workload varies more than this (s / mean) is not quiet. */
export const quietVariation = 0.01;

/** Variation (s / mean) of the control workload's median time over a journal; undefined below two controls. */
export function controlVariation(records: readonly JournalRecord[]): Outcome<{ readonly value: number }> {
	const times = records.flatMap((record) => (record.type === "control" ? [record.window.latency_p50_s] : []));
	if (times.length < 2) return undefinedBecause("too-few", `${times.length} control windows, at least 2 needed`);
	return { status: "ok", value: sampleStandardDeviation(times) / mean(times) };
}
