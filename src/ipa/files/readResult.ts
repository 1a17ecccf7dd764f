import { readJson } from "../../datasets/file.js";
import { InputError } from "../../errors.js";

/** What one profiling experiment recorded, as far as a profile goes by it. */
export interface ProfileResult {
	/** Latency of the model for each request that came back, s: serving - arrival. */
	readonly latencies_s: readonly number[];
	/** Requests that did not: a time of theirs is missing. */
	readonly timeouts: number;
	/** Throughput by second, requests/s; empty where none was recorded. */
	readonly throughputs_rps: readonly number[];
}

/**
 * Reads an experiment's JSON: `responses` (a list a second, of requests with their `times`) and `throughput`. A request
 * counts where it has sending and arrival times of its own and arrival and serving times at the model: with one of them
 * missing it is a timeout, as for IPA.
 *
 * @param model IPA's node name, by which a request gives the times at its model
 * @throws InputError where it is not JSON (cut off, say), or a value has another form
 */
export async function readResult(file: string, model: string): Promise<ProfileResult> {
	// IPA writes Prometheus' values by json.dumps, and so 0/0 as a bare NaN: no sample, as null is.
	const result = objectAt(file, "", await readJson(file, { notFinite: "null" }));
	const latencies_s: number[] = [];
	let timeouts = 0;
	for (const [second, requests] of listAt(file, "responses", result.responses).entries())
		for (const [r, request] of listAt(file, `responses.${second}`, requests).entries()) {
			const latency_s = latencyOf(file, `responses.${second}.${r}`, request, model);
			if (latency_s === undefined) timeouts++;
			else latencies_s.push(latency_s);
		}
	return { latencies_s, timeouts, throughputs_rps: throughputsOf(file, result.throughput) };
}

function latencyOf(file: string, at: string, given: unknown, model: string): number | undefined {
	const times = child(file, at, objectAt(file, at, given), "times");
	const request = child(file, `${at}.times`, times, "request");
	const own = child(file, `${at}.times.models`, child(file, `${at}.times`, times, "models"), model);
	const arrival = numberAt(file, `${at}.times.models.${model}.arrival`, own?.arrival);
	const serving = numberAt(file, `${at}.times.models.${model}.serving`, own?.serving);
	const sent = numberAt(file, `${at}.times.request.sending`, request?.sending);
	const back = numberAt(file, `${at}.times.request.arrival`, request?.arrival);
	if (arrival === undefined || serving === undefined || sent === undefined || back === undefined) return undefined;
	return serving - arrival;
}

type Fields = Readonly<Record<string, unknown>>;

function child(file: string, at: string, of: Fields | undefined, key: string): Fields | undefined {
	if (of === undefined || !Object.hasOwn(of, key)) return undefined;
	return objectAt(file, `${at}.${key}`, of[key]);
}

function throughputsOf(file: string, given: unknown): readonly number[] {
	// null: Prometheus had no sample.
	if (given === undefined || given === null) return [];
	return listAt(file, "throughput", given).flatMap((value, i) =>
		value === null ? [] : [numberAt(file, `throughput.${i}`, value) as number],
	);
}

function objectAt(file: string, field: string, value: unknown): Fields {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
	throw new InputError({ file, ...(field === "" ? {} : { field }), rule: "must be an object", value });
}

function listAt(file: string, field: string, value: unknown): readonly unknown[] {
	if (Array.isArray(value)) return value;
	throw new InputError({ file, field, rule: "must be a list", value });
}

function numberAt(file: string, field: string, value: unknown): number | undefined {
	if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
	throw new InputError({ file, field, rule: "must be a number", value });
}
