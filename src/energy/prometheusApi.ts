import { z } from "zod";
import type { Refusal, RefusalCause } from "./reading.js";

/** Raw samples of one series: times of the scrapes, s since 1970, and values. */
export interface Series {
	readonly labels: Readonly<Record<string, string>>;
	readonly time_s: readonly number[];
	readonly values: readonly number[];
}

export type PrometheusAnswer =
	| {
			readonly status: "answered";
			readonly series: readonly Series[];
			/** How far Prometheus' clock, which stamps the samples, is ahead of this machine's, s; good to about 1 s. */
			readonly ahead_s: number;
	  }
	| ({ readonly status: "fault" } & Pick<Refusal, "reason" | "remedy"> & { readonly cause: RefusalCause });

const schema = z.object({
	status: z.literal("success"),
	data: z.object({
		resultType: z.literal("matrix"),
		result: z.array(
			z.object({
				metric: z.record(z.string(), z.string()),
				values: z.array(z.tuple([z.number(), z.string()])),
			}),
		),
	}),
});

/**
 * The raw samples of a selector between two times, as they were scraped. A range selector asked at an instant gives
 * them so; `increase()` and `rate()` extrapolate to the window's edges, and a range query repeats old samples.
 *
 * @param selector a series selector: `kepler_node_cpu_joules_total{zone="package"}`
 */
export async function rawSamples(
	url: string,
	selector: string,
	from_s: number,
	until_s: number,
	timeout_s = 10,
): Promise<PrometheusAnswer> {
	const window_ms = Math.max(1, Math.ceil((until_s - from_s) * 1000));
	const query = new URLSearchParams({ query: `${selector}[${window_ms}ms]`, time: until_s.toFixed(3) });
	const target = `${url.replace(/\/+$/, "")}/api/v1/query?${query}`;
	let response: Response;
	try {
		response = await fetch(target, { signal: AbortSignal.timeout(timeout_s * 1000) });
	} catch (error) {
		const { cause, message } = error as Error & { cause?: { code?: string } };
		return { status: "fault", cause: "absent", reason: `${url} does not answer: ${cause?.code ?? message}` };
	}
	const answered_ms = Date.now();
	const text = await response.text();
	if (response.status === 401 || response.status === 403)
		return { status: "fault", cause: "no-access", reason: `${url} answers ${response.status}` };
	if (!response.ok)
		return {
			status: "fault",
			cause: "command-failed",
			reason: `${url} answers ${response.status}: ${text.slice(0, 200)}`,
		};
	const result = schema.safeParse(parsed(text));
	if (!result.success)
		return { status: "fault", cause: "malformed", reason: `${url}: not an answer of Prometheus: ${text.slice(0, 80)}` };
	// Stamped as the answer begins, however long it was worked out. In whole seconds, cut off: half a second later on average.
	const told_ms = Date.parse(response.headers.get("date") ?? "") + 500;
	return {
		status: "answered",
		ahead_s: Number.isFinite(told_ms) ? (told_ms - answered_ms) / 1000 : 0,
		series: result.data.data.result.map(({ metric, values }) => ({
			labels: metric,
			time_s: values.map(([time]) => time),
			// Prometheus writes numbers as text, NaN and +Inf among them.
			values: values.map(([, value]) => Number(value === "+Inf" ? "Infinity" : value === "-Inf" ? "-Infinity" : value)),
		})),
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
