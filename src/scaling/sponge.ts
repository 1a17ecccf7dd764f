import { ols } from "../statistics/ols.js";

/** Latency of a batch b on c cores, ms: gamma b/c + delta b + epsilon/c + eta (Sponge, arXiv 2404.00704, its equation 2). */
export interface LatencyModel {
	readonly gamma: number;
	readonly delta: number;
	readonly epsilon: number;
	readonly eta: number;
}

/** Latency of a batch, whole ms, truncated toward zero as Sponge truncates it. */
export function latencyMs({ gamma, delta, epsilon, eta }: LatencyModel, batch: number, cores: number): number {
	// + 0 makes a truncated -0 a 0.
	return Math.trunc((gamma * batch) / cores + delta * batch + epsilon / cores + eta) + 0;
}

export interface LatencyPoint {
	readonly batch: number;
	readonly cores: number;
	readonly latency_s: number;
}

export interface LatencyFit extends LatencyModel {
	readonly r2: number;
	readonly rmse_ms: number;
	/** Mean of the relative errors, without sign. */
	readonly mape: number;
}

/**
 * The latency model by ordinary least squares on latencies truncated to whole ms, as Sponge fits it.
 *
 * @throws RangeError where the points do not determine its four parameters
 */
export function fitLatency(points: readonly LatencyPoint[]): LatencyFit {
	const y = points.map(({ latency_s }) => Math.trunc(latency_s * 1000));
	const regressors: readonly ((point: LatencyPoint) => number)[] = [
		({ batch, cores }) => batch / cores,
		({ batch }) => batch,
		({ cores }) => 1 / cores,
	];
	const fit = ols(
		regressors.map((of, k) => ({ name: String(k), values: points.map(of) })),
		y,
	);
	if (fit.status === "undefined")
		throw new RangeError(`the latency model needs points that determine it: ${fit.reason}`);
	const { coefficients, fitted, rss, r2 } = fit;
	const [eta = 0, gamma = 0, delta = 0, epsilon = 0] = coefficients.map(({ estimate }) => estimate);
	const mape = y.reduce((sum, value, k) => sum + Math.abs((value - fitted[k]!) / value), 0) / y.length;
	return { gamma, delta, epsilon, eta, r2, rmse_ms: Math.sqrt(rss / y.length), mape };
}

/** What a second asks for: a load, and what the network has left of the SLO. */
export interface ScalingRequest {
	readonly model: LatencyModel;
	readonly slo_ms: number;
	readonly remaining_slo_ms: number;
	readonly rate_rps: number;
	readonly max_cores: number;
	readonly max_batch: number;
	/** Share of the SLO that may be used (0.9 in Sponge since 2024-02-18, before 1). */
	readonly headroom?: number;
}

export interface VerticalChoice {
	readonly cores: number;
	readonly batch: number;
	readonly latency_ms: number;
}

/**
 * Cores and batch of one replica that is scaled in place: the fewest cores, then the smallest batch, with which all batches
 * of a second's requests, served one after another, end within the share of the SLO that is left beside the network. The
 * queue serves the earliest deadline first; this says whether the last makes it. Undefined where nothing does.
 *
 * Faults of the original that are kept: requests of one second arrive at once, throughput is not looked at, and the
 * objective of its paper (cores + 2 x batch) is never computed.
 */
export function scaleInPlace(request: ScalingRequest): VerticalChoice | undefined {
	const { model, slo_ms, remaining_slo_ms, rate_rps, max_cores, max_batch, headroom = 0.9 } = request;
	const communication_ms = slo_ms - remaining_slo_ms;
	for (let cores = 1; cores <= max_cores; cores++)
		for (let batch = 1; batch <= max_batch; batch++) {
			const latency_ms = latencyMs(model, batch, cores);
			// A fitted latency below 0 falls with the batches: then the first is the last to end.
			const last = latency_ms > 0 ? Math.ceil(rate_rps / batch) : Math.min(1, rate_rps);
			if (last === 0 || last * latency_ms + communication_ms <= headroom * slo_ms) return { cores, batch, latency_ms };
		}
	return undefined;
}

export interface HorizontalChoice {
	readonly replicas: number;
	readonly batch: number;
	/** Of the last batch tried, which is a fault of the original: not of the batch chosen. */
	readonly reported_latency_ms: number;
}

/**
 * Sponge's horizontal baseline (FA2): replicas of one core each, the fewest that sustain the load within the SLO.
 *
 * @param max_replicas 16 in its code, whatever cores a replica may have
 * @throws RangeError where the fitted latency of a batch is 0 ms, by which the original divides
 */
export function scaleOut(request: ScalingRequest, max_replicas = 16): HorizontalChoice | undefined {
	const { model, slo_ms, remaining_slo_ms, rate_rps, max_batch, headroom = 0.9 } = request;
	const communication_ms = slo_ms - remaining_slo_ms;
	const tried: number[] = [];
	for (let batch = 1; batch <= max_batch && !(tried.at(-1)! > remaining_slo_ms); batch++) {
		const latency_ms = latencyMs(model, batch, 1);
		if (latency_ms === 0) throw new RangeError(`the fitted latency of batch ${batch} is 0 ms`);
		tried.push(latency_ms);
	}
	for (let replicas = 1; replicas <= max_replicas; replicas++)
		for (const [k, latency_ms] of tried.entries()) {
			const batch = k + 1;
			if (latency_ms > remaining_slo_ms) break;
			const throughput = replicas * Math.trunc(remaining_slo_ms / latency_ms) * batch;
			const batches = Math.ceil(rate_rps / (batch * replicas));
			if (throughput >= rate_rps && (batches + 1) * latency_ms + communication_ms < headroom * slo_ms)
				return { replicas, batch, reported_latency_ms: tried.at(-1)! };
		}
	return undefined;
}

/** One sample of a network's log. */
export interface BandwidthSample {
	readonly bytes: number;
	readonly interval_ms: number;
}

/** Milliseconds that the network leaves of the SLO for an image, second by second, as Sponge counts them. */
export function remainingSlo(samples: readonly BandwidthSample[], image_kib: number, slo_ms: number): number[] {
	return samples.map(({ bytes, interval_ms }) =>
		Math.max(0, Math.floor(slo_ms - (image_kib * 1024) / Math.floor(bytes / interval_ms))),
	);
}

/** A run of in-place scaling over seconds of a network. */
export interface ScalingRun {
	/** Cores of each second; the last feasible ones where none are (0 before the first). */
	readonly cores: readonly number[];
	readonly infeasible_seconds: number;
	readonly mean_cores: number;
}

/** Decides each second; where nothing is feasible the configuration is kept. */
export function scalingRun(
	remaining_slo_ms: readonly number[],
	request: Omit<ScalingRequest, "remaining_slo_ms">,
): ScalingRun {
	const cores: number[] = [];
	let infeasible_seconds = 0;
	for (const remaining of remaining_slo_ms) {
		const choice = scaleInPlace({ ...request, remaining_slo_ms: remaining });
		if (choice === undefined) infeasible_seconds++;
		cores.push(choice?.cores ?? cores.at(-1) ?? 0);
	}
	return { cores, infeasible_seconds, mean_cores: cores.reduce((sum, c) => sum + c, 0) / cores.length };
}

/** A request at the server: when it comes off the network, and by when its answer is wanted, ms. */
export interface TimedRequest {
	readonly arrives_ms: number;
	readonly deadline_ms: number;
}

/** What serves from an instant on: replicas of so many cores each, and the largest batch. */
export interface ServingStep {
	readonly from_ms: number;
	readonly replicas: number;
	readonly cores: number;
	readonly batch: number;
}

export interface QueueResult {
	readonly requests: number;
	/** Requests that were answered after their deadline. */
	readonly late: number;
	/** Allocated cores over the time from the first step to the last answer, core-seconds. */
	readonly core_seconds: number;
	/** Answers in the order of the requests given, ms. */
	readonly answered_ms: Float64Array;
}

/**
 * A queue that serves the earliest deadline first (Sponge's), in batches: whoever is free takes as many as its batch allows
 * of those that are there, and the batch takes what the latency model says of its size and cores, at least 1 ms. A change of
 * cores or replicas holds for batches that begin after it; nothing is dropped.
 *
 * @param steps by time; the first must begin by the first arrival
 * @throws RangeError where there is no step by the first arrival
 */
export function serveByDeadline(
	requests: readonly TimedRequest[],
	steps: readonly ServingStep[],
	model: LatencyModel,
): QueueResult {
	const order = [...requests.keys()].sort((a, b) => requests[a]!.arrives_ms - requests[b]!.arrives_ms);
	const [firstStep] = steps;
	if (firstStep === undefined || firstStep.from_ms > (requests[order[0] ?? 0]?.arrives_ms ?? 0))
		throw new RangeError("a first step must say what serves by the first arrival");
	const answered_ms = new Float64Array(requests.length);
	const waiting: number[] = [];
	const free: number[] = [];
	let [next, now, step] = [0, firstStep.from_ms, 0];
	let [answered, last] = [0, firstStep.from_ms];
	while (answered < requests.length) {
		while (step + 1 < steps.length && steps[step + 1]!.from_ms <= now) step++;
		const { replicas, cores, batch } = steps[step]!;
		while (free.length < replicas) free.push(now);
		while (next < order.length && requests[order[next]!]!.arrives_ms <= now) waiting.push(order[next++]!);
		const server = free.findIndex((at, k) => k < replicas && at <= now);
		if (waiting.length > 0 && server >= 0) {
			waiting.sort((a, b) => requests[a]!.deadline_ms - requests[b]!.deadline_ms);
			const taken = waiting.splice(0, batch);
			const done = now + Math.max(1, latencyMs(model, taken.length, cores));
			for (const index of taken) answered_ms[index] = done;
			free[server] = done;
			answered += taken.length;
			last = Math.max(last, done);
			continue;
		}
		const upcoming = [
			next < order.length ? requests[order[next]!]!.arrives_ms : Number.POSITIVE_INFINITY,
			step + 1 < steps.length ? steps[step + 1]!.from_ms : Number.POSITIVE_INFINITY,
			...(waiting.length > 0 ? free.slice(0, replicas).filter((at) => at > now) : []),
		];
		now = Math.min(...upcoming);
	}
	const late = requests.filter(({ deadline_ms }, k) => answered_ms[k]! > deadline_ms).length;
	let core_ms = 0;
	for (const [k, { from_ms, replicas, cores }] of steps.entries())
		core_ms += Math.max(0, Math.min(last, steps[k + 1]?.from_ms ?? last) - from_ms) * replicas * cores;
	return { requests: requests.length, late, core_seconds: core_ms / 1000, answered_ms };
}

/**
 * Requests of a steady sender over a network, a remaining SLO a second: each comes after what its second's network takes,
 * and is due `slo_ms` after it was sent.
 */
export function networkRequests(
	remaining_slo_ms: readonly number[],
	{ slo_ms, rate_rps }: { readonly slo_ms: number; readonly rate_rps: number },
): TimedRequest[] {
	return remaining_slo_ms.flatMap((remaining, second) =>
		Array.from({ length: rate_rps }, (_, k) => {
			const sent = 1000 * second + (1000 * k) / rate_rps;
			return { arrives_ms: sent + slo_ms - remaining, deadline_ms: sent + slo_ms };
		}),
	);
}
