import type { PipelineOptions } from "../pipeline/options.js";
import type { SpaceColumns } from "./spaceColumns.js";
import type { Terms } from "./spaceTerms.js";

/** Computes the rows from `from` on, as many as the columns hold. */
export function fillRows(
	{ spec, sla_s }: PipelineOptions,
	terms: readonly Terms[],
	radices: readonly number[],
	columns: SpaceColumns,
	from: number,
): void {
	const { alpha, beta, gamma, delta } = spec.weights;
	const product = spec.accuracy_method === "product";
	const scale = spec.accuracy_method === "average" ? 1 / terms.length : 1;
	const strict = spec.semantics === "ipa-e1f08dd";
	const rate = spec.arrival_rate_rps;
	const { accuracy, latency_s, throughput_rps, cost_cores, objective, feasible, energy_j_per_request } = columns;
	const rows = accuracy.length;
	const {
		accuracy: lastAccuracy,
		latency_s: lastLatency,
		throughput_rps: lastThroughput,
		cost_cores: lastCost,
		batch: lastBatch,
		energy_j: lastEnergy,
	} = terms.at(-1) as Terms;
	const run = radices.at(-1) as number;
	const digits = new Array<number>(terms.length).fill(0);
	const weighted = delta > 0;
	let before: { accuracy: number; latency: number } | undefined;
	for (let start = 0; start < rows; start += run) {
		// Sums over all stages but the last, which are fixed within a run.
		let sums = {
			accuracy: product ? 1 : 0,
			latency: 0,
			throughput: Number.POSITIVE_INFINITY,
			cost: 0,
			batch: 0,
			energy: 0,
		};
		let rest = Math.floor((from + start) / run);
		for (let s = terms.length - 2; s >= 0; s--) {
			const radix = radices[s] as number;
			digits[s] = rest % radix;
			rest = Math.floor(rest / radix);
		}
		// First stage first, as `configuration` adds: the same last digits, so the same answer at the SLA.
		for (let s = 0; s < terms.length - 1; s++) {
			const i = digits[s] as number;
			const own = terms[s] as Terms;
			sums = {
				accuracy: product ? sums.accuracy * (own.accuracy[i] as number) : sums.accuracy + (own.accuracy[i] as number),
				latency: sums.latency + (own.latency_s[i] as number),
				throughput: Math.min(sums.throughput, own.throughput_rps[i] as number),
				cost: sums.cost + (own.cost_cores[i] as number),
				batch: sums.batch + (own.batch[i] as number),
				energy: sums.energy + (own.energy_j[i] as number),
			};
		}
		// One column at a time, which keeps each loop to two streams of memory. Runs that differ in replicas alone have the
		// same accuracies and latencies: those are copied.
		const { accuracy: a0, latency: l0, throughput: t0, cost: c0, batch: b0, energy: e0 } = sums;
		if (before?.accuracy === a0) accuracy.copyWithin(start, start - run, start);
		else if (product)
			for (let i = 0, row = start; i < run; i++, row++) accuracy[row] = a0 * (lastAccuracy[i] as number);
		else for (let i = 0, row = start; i < run; i++, row++) accuracy[row] = (a0 + (lastAccuracy[i] as number)) * scale;
		if (before?.latency === l0) latency_s.copyWithin(start, start - run, start);
		else for (let i = 0, row = start; i < run; i++, row++) latency_s[row] = l0 + (lastLatency[i] as number);
		before = sums;
		for (let i = 0, row = start; i < run; i++, row++) {
			const l = latency_s[row] as number;
			const t = lastThroughput[i] as number;
			throughput_rps[row] = Math.min(t, t0);
			feasible[row] = t0 >= rate && t >= rate && (strict ? l < sla_s : l <= sla_s) ? 1 : 0;
		}
		for (let i = 0, row = start; i < run; i++, row++) {
			const c = c0 + (lastCost[i] as number);
			cost_cores[row] = c;
			objective[row] = alpha * (accuracy[row] as number) - beta * c - gamma * (b0 + (lastBatch[i] as number));
		}
		if (energy_j_per_request !== undefined)
			for (let i = 0, row = start; i < run; i++, row++) {
				const e = e0 + (lastEnergy[i] as number);
				energy_j_per_request[row] = e;
				if (weighted) objective[row] = (objective[row] as number) - delta * e;
			}
	}
}
