import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { inMessage } from "../units.js";
import { credentialsRemedy, type Server } from "./credentials.js";
import { decimal, isInstant } from "./plausible.js";
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

/** Prometheus writes numbers as text, NaN and the infinities among them. */
const value = z.string().transform((text, context) => {
	const special: Record<string, number> = {
		NaN: Number.NaN,
		"+Inf": Number.POSITIVE_INFINITY,
		"-Inf": Number.NEGATIVE_INFINITY,
	};
	const number = special[text] ?? decimal(text);
	if (number !== undefined) return number;
	context.addIssue({ code: "custom", message: `must be a number, received ${JSON.stringify(text)}` });
	return z.NEVER;
});

const schema = z.object({
	status: z.literal("success"),
	/** A proxy over several servers says so where one of them did not answer. */
	warnings: z.array(z.string()).optional(),
	isPartial: z.boolean().optional(),
	data: z.object({
		resultType: z.literal("matrix"),
		result: z.array(
			z.object({
				metric: z.record(z.string(), z.string()),
				values: z.array(z.tuple([z.number().refine(isInstant, "must be seconds since 1970"), value])),
			}),
		),
	}),
});

/** Variables that name the server and its credentials begin so. */
export const prometheusPrefix = "SUSTAINABLE_IPA_PROMETHEUS";

/** A connection that breaks is tried again: the samples of a window are still there. */
const attempts = 3;
const pause_ms = 200;

/**
 * The raw samples of a selector between two times, as they were scraped. A range selector asked at an instant gives
 * them so; `increase()` and `rate()` extrapolate to the window's edges, and a range query repeats old samples.
 *
 * @param selector a series selector: `kepler_node_cpu_joules_total{zone="package"}`
 */
export async function rawSamples(
	server: Server,
	selector: string,
	from_s: number,
	until_s: number,
	timeout_s = 10,
): Promise<PrometheusAnswer> {
	const window_ms = Math.max(1, Math.ceil((until_s - from_s) * 1000));
	const query = new URLSearchParams({ query: `${selector}[${window_ms}ms]`, time: String(inMessage(until_s)) });
	const target = `${server.url}/api/v1/query?${query}`;
	for (let attempt = 1; ; attempt++) {
		const body = await bodyOf(server, target, timeout_s);
		if (body.status === "body") return answerOf(server, body);
		if (attempt === attempts || body.late) return body.fault;
		await sleep(pause_ms);
	}
}

interface Body {
	readonly status: "body";
	readonly code: number;
	readonly ok: boolean;
	readonly text: string;
	readonly date: string | null;
	readonly answered_ms: number;
}

interface NoBody {
	readonly status: "none";
	readonly late: boolean;
	readonly fault: Extract<PrometheusAnswer, { status: "fault" }>;
}

/** A whole body: one that ends in the middle, or stalls, is none. */
async function bodyOf({ url, headers, hide }: Server, target: string, timeout_s: number): Promise<Body | NoBody> {
	let answered: Response | undefined;
	try {
		answered = await fetch(target, { headers, signal: AbortSignal.timeout(timeout_s * 1000) });
		const answered_ms = Date.now();
		const { status: code, ok, headers: given } = answered;
		return { status: "body", code, ok, text: await answered.text(), date: given.get("date"), answered_ms };
	} catch (error) {
		const { cause, message, name } = error as Error & { cause?: { code?: string } };
		const late = name === "TimeoutError";
		const why = hide(cause?.code ?? message);
		const reason = answered === undefined ? `${url} does not answer: ${why}` : `${url} did not end its answer: ${why}`;
		const remedy = `start Prometheus there, or export ${prometheusPrefix}_URL=http://HOST:9090`;
		const fault = { status: "fault", cause: answered === undefined ? "absent" : "command-failed", reason } as const;
		return { status: "none", late, fault: answered === undefined ? { ...fault, remedy } : fault };
	}
}

function answerOf({ url, headers, hide }: Server, { code, ok, text, date, answered_ms }: Body): PrometheusAnswer {
	const fault = (cause: RefusalCause, reason: string, remedy?: string): PrometheusAnswer => ({
		status: "fault",
		cause,
		reason: `${url} ${hide(reason)}`,
		...(remedy === undefined ? {} : { remedy }),
	});
	if (code === 401 || code === 403) {
		const shown = headers.authorization === undefined ? "none are given" : "those given are not enough";
		return fault(
			"no-access",
			`answers ${code}: it asks for credentials, and ${shown}`,
			credentialsRemedy(prometheusPrefix),
		);
	}
	if (!ok) return fault("command-failed", `answers ${code}: ${text.slice(0, 200)}`);
	const result = schema.safeParse(parsed(text));
	if (!result.success) {
		const [issue] = result.error.issues;
		const where = issue === undefined || issue.path.length === 0 ? "" : ` (${issue.path.join(".")} ${issue.message})`;
		return fault("malformed", `gives what is not an answer of Prometheus${where}: ${text.slice(0, 80)}`);
	}
	const { warnings = [], isPartial, data } = result.data;
	if (warnings.length > 0 || isPartial === true)
		return fault("malformed", `gives a part of the answer: ${warnings[0]?.slice(0, 200) ?? "isPartial"}`);
	// Stamped as the answer begins, however long it was worked out. In whole seconds, cut off: half a second later on average.
	const told_ms = Date.parse(date ?? "") + 500;
	return {
		status: "answered",
		ahead_s: Number.isFinite(told_ms) ? (told_ms - answered_ms) / 1000 : 0,
		series: data.result.map(({ metric, values }) => ({
			labels: metric,
			time_s: values.map(([time]) => time),
			values: values.map(([, number]) => number),
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

/** What a scraped counter counted between its first and its last sample. */
export type ScrapedCount =
	| {
			readonly status: "counted";
			/** In the counter's own unit. */
			readonly counted: number;
			readonly duration_s: number;
			readonly samples: number;
			/** Times at which it began anew: an exporter or a node that was started again. */
			readonly resets: number;
			/** The largest rise between two samples: about what the scrape's moment can move. */
			readonly resolution: number;
			/** The longest time without a sample, and the usual one, s. */
			readonly longestGap_s: number;
			readonly usualGap_s: number;
	  }
	| { readonly status: "fault"; readonly cause: RefusalCause; readonly reason: string };

/** How old a value may be when it is scraped, s: dcgm-exporter looks every 30 s by default. */
const oldest_s = 30;

/**
 * Differences a scraped counter sample by sample. A fall is a reset: the counter began at 0 again, so what it shows was
 * counted since; what it counted between the sample before and its end is lost, so the sum is then a lower bound, and
 * `resets` says so. A missed scrape loses nothing, since the counter goes on.
 *
 * @param ceiling more than what it can count in a second: a larger rise is malformed
 */
export function scrapedCount({ time_s, values }: Series, ceiling = Number.POSITIVE_INFINITY): ScrapedCount {
	const count = values.length;
	if (count < 2)
		return {
			status: "fault",
			cause: "too-few-samples",
			reason: `${count === 0 ? "no sample" : "one sample"} in the window`,
		};
	let counted = 0;
	let resets = 0;
	let resolution = 0;
	const gaps: number[] = [];
	for (let i = 0; i < count; i++) {
		const value = values[i] as number;
		if (!Number.isFinite(value) || value < 0)
			return { status: "fault", cause: "malformed", reason: `the counter shows ${value}` };
		if (i === 0) continue;
		const gap_s = (time_s[i] as number) - (time_s[i - 1] as number);
		if (!(gap_s > 0))
			return { status: "fault", cause: "clock-went-back", reason: `samples ${gap_s} s after one another` };
		gaps.push(gap_s);
		const before = values[i - 1] as number;
		const rise = value < before ? value : value - before;
		if (rise > ceiling * (gap_s + oldest_s))
			return { status: "fault", cause: "malformed", reason: `the counter rose by ${rise} in ${gap_s} s` };
		if (value < before) resets++;
		counted += rise;
		resolution = Math.max(resolution, rise);
	}
	gaps.sort((a, b) => a - b);
	return {
		status: "counted",
		counted,
		duration_s: (time_s.at(-1) as number) - (time_s[0] as number),
		samples: count,
		resets,
		resolution,
		longestGap_s: gaps.at(-1) as number,
		usualGap_s: gaps[Math.floor((gaps.length - 1) / 2)] as number,
	};
}
