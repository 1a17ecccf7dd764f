import { setTimeout as sleep } from "node:timers/promises";
import { integerBelow, type Random, seeded } from "../random.js";

/** A tensor of a request by the V2 inference protocol. */
export interface V2Input {
	readonly name: string;
	readonly shape: readonly number[];
	readonly datatype: "INT32" | "FP32" | "BYTES";
	readonly data: readonly (number | string)[];
	readonly parameters?: Readonly<Record<string, string>>;
}

/** Why a server gave no answer to use. */
export class V2Error extends Error {
	override readonly name = "V2Error";
}

/**
 * An image as IPA's load tester sends it over REST: whole numbers, height x width x channel, to be read as NumPy. The
 * pixels are seeded noise: what a model makes of them does not matter to its time, and zeros might.
 */
export function noiseImage(height_px: number, width_px: number, seed: number): V2Input {
	const random = seeded(seed);
	return {
		name: "parameters-np",
		shape: [height_px, width_px, 3],
		datatype: "INT32",
		data: Array.from({ length: height_px * width_px * 3 }, () => integerBelow(random, 256)),
		parameters: { content_type: "np" },
	};
}

/** The body of an inference request. */
export function v2Body(inputs: readonly V2Input[]): string {
	return JSON.stringify({ inputs });
}

export interface V2Target {
	/** `http://localhost:8080`, or a gateway's address with the deployment's path. */
	readonly url: string;
	readonly model: string;
	readonly timeout_s: number;
	/** Sent with each request: credentials. */
	readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an inference request over REST. Throws V2Error naming the server and what it said. */
export async function infer(target: V2Target, body: string): Promise<void> {
	const answer = await post(target, body);
	const outputs = (answer as { outputs?: unknown }).outputs;
	if (!Array.isArray(outputs) || outputs.length === 0)
		throw new V2Error(`${address(target)} answered without outputs: ${JSON.stringify(answer).slice(0, 200)}`);
}

/**
 * Whether the model is loaded and takes requests; else why not. Seldon's executor forwards inferences alone and answers
 * everything else with an error of its own: then one inference tells.
 *
 * @param body of the inference; without one such an error is the answer
 */
export async function modelReady(target: V2Target, body?: string): Promise<string | undefined> {
	const ready = `${base(target)}/ready`;
	let status: number;
	try {
		const { headers = {}, timeout_s } = target;
		const answer = await fetch(ready, { headers, signal: AbortSignal.timeout(1000 * timeout_s) });
		if (answer.ok) return undefined;
		({ status } = answer);
	} catch (error) {
		return `${ready} does not answer: ${causeOf(error)}`;
	}
	if (status === 401 || status === 403) return `${ready} answers ${status}: it asks for credentials`;
	if (status < 500 || body === undefined) return `${ready} answers ${status}`;
	return infer(target, body).then(
		() => undefined,
		({ message }: Error) => `${ready} answers ${status}, and an inference fails: ${message}`,
	);
}

function base({ url, model }: V2Target): string {
	return `${url.replace(/\/+$/, "")}/v2/models/${encodeURIComponent(model)}`;
}

function address(target: V2Target): string {
	return `${base(target)}/infer`;
}

async function post(target: V2Target, body: string): Promise<unknown> {
	let response: Response;
	let text: string;
	try {
		response = await fetch(address(target), {
			method: "POST",
			headers: { ...target.headers, "content-type": "application/json" },
			body,
			signal: AbortSignal.timeout(1000 * target.timeout_s),
		});
		text = await response.text();
	} catch (error) {
		throw new V2Error(`${address(target)} does not answer: ${causeOf(error)}`);
	}
	if (!response.ok) throw new V2Error(`${address(target)} answers ${response.status}: ${text.slice(0, 200)}`);
	try {
		return JSON.parse(text);
	} catch {
		throw new V2Error(`${address(target)} answered with no JSON: ${text.slice(0, 80)}`);
	}
}

function causeOf(error: unknown): string {
	const { cause, message, name } = error as Error & { cause?: { code?: string } };
	return name === "TimeoutError" ? "no answer in time" : (cause?.code ?? message);
}

export interface OpenLoopOptions {
	/** Mean arrival rate, requests/s. */
	readonly rate_rps: number;
	/** `poisson`: exponential gaps, from the seed; `even`: one every 1 / rate. */
	readonly arrivals: "poisson" | "even";
	readonly seed: number;
	/** The last arrival is not before both of these. */
	readonly atLeast_s: number;
	readonly atLeastRequests: number;
	/** The number of requests is a multiple of this. */
	readonly multipleOf?: number;
	/** Sends a request; rejects where it fails. */
	readonly send: () => Promise<void>;
	readonly signal: AbortSignal;
}

/** What came of an open loop, all requests answered. */
export interface OpenLoop {
	/** From when a request was due to its answer, s: a late start counts, so that a slow server hides nothing. */
	readonly latencies_s: readonly number[];
	/** From the first arrival to the last answer, s. */
	readonly elapsed_s: number;
	/** Latest start of a request after it was due, s: above a few milliseconds this client was too slow. */
	readonly latestStart_s: number;
}

/**
 * Sends requests at set times, whether or not earlier ones have been answered: a closed loop would slow down with the
 * server and never see its queue. Rejects with the first failure, or the signal's reason, once nothing is under way.
 */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoop> {
	const { atLeast_s, atLeastRequests, multipleOf = 1, send, signal } = options;
	const gap = gaps(options);
	const start = performance.now() / 1000;
	const under: Promise<void>[] = [];
	const latencies_s: number[] = [];
	let failure: unknown;
	let due_s = 0;
	let latestStart_s = 0;
	for (let sent = 0; due_s < atLeast_s || sent < atLeastRequests || sent % multipleOf !== 0; sent++) {
		const wait_s = start + due_s - performance.now() / 1000;
		if (wait_s > 0) await sleep(1000 * wait_s);
		if (signal.aborted || failure !== undefined) break;
		const at_s = start + due_s;
		latestStart_s = Math.max(latestStart_s, performance.now() / 1000 - at_s);
		const index = sent;
		under.push(
			send().then(
				() => {
					latencies_s[index] = performance.now() / 1000 - at_s;
				},
				(error: unknown) => {
					failure ??= error;
				},
			),
		);
		due_s += gap();
	}
	await Promise.all(under);
	if (failure !== undefined) throw failure;
	signal.throwIfAborted();
	return { latencies_s, elapsed_s: performance.now() / 1000 - start, latestStart_s };
}

function gaps({ rate_rps, arrivals, seed }: OpenLoopOptions): () => number {
	if (arrivals === "even") return () => 1 / rate_rps;
	const random: Random = seeded(seed);
	return () => -Math.log(1 - random()) / rate_rps;
}
