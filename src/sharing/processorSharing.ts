import { pipelineOptions } from "../pipeline/options.js";
import type { ProfilePoint } from "../pipeline/profile.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import type { Random } from "../random.js";

/**
 * Time slicing of one GPU as processor sharing: with n tenants in service each gets a share 1/n of the board's time, and
 * switching costs a share `switch_overhead` of every service time as soon as there is a second tenant (measured by
 * nebuly-ai/nos on YOLOS-small, n of 3, 5, 7: 10.8 to 11.0 %, data/raw/gpu-sharing-yolos). Invalid for heavy batches that
 * outlast many slices of each other, and where memory does not hold all tenants.
 */
export interface SharedBoard {
	readonly service_s: number;
	readonly switch_overhead: number;
	/** Board power with a CUDA context and no work, and at work, W. */
	readonly idle_w: number;
	readonly busy_w: number;
}

/** What tenants get of one board that they share, beside a board for each. Energy of a tenant's share is modelled. */
export interface SharingResult {
	readonly response_s: number;
	readonly throughput_rps: number;
	readonly utilisation: number;
	readonly power_w: number;
	readonly energy_per_request_j: number;
	readonly dedicated_power_w: number;
	readonly dedicated_energy_per_request_j: number;
}

/** Service time once switching is counted: one tenant alone switches to nobody. */
function sharedService({ service_s, switch_overhead }: SharedBoard, tenants: number): number {
	return service_s * (1 + (tenants > 1 ? switch_overhead : 0));
}

/**
 * Tenants that each wait for an answer, think for a while and ask again: exact mean-value analysis, R(k) = S' (1 + Q(k-1)).
 *
 * @param think_s mean time between an answer and the next request of a tenant; 0 keeps the board busy
 */
export function closedSharing(board: SharedBoard, tenants: number, think_s: number): SharingResult {
	const service = sharedService(board, tenants);
	let [queue, response_s, throughput_rps] = [0, service, 0];
	for (let k = 1; k <= tenants; k++) {
		response_s = service * (1 + queue);
		throughput_rps = k / (think_s + response_s);
		queue = throughput_rps * response_s;
	}
	const alone = 1 / (think_s + board.service_s);
	const power_w = powerAt(board, throughput_rps * service);
	const dedicated_power_w = tenants * powerAt(board, alone * board.service_s);
	return {
		response_s,
		throughput_rps,
		utilisation: throughput_rps * service,
		power_w,
		energy_per_request_j: power_w / throughput_rps,
		dedicated_power_w,
		dedicated_energy_per_request_j: dedicated_power_w / (tenants * alone),
	};
}

export type OpenSharing =
	| ({ readonly status: "stable" } & SharingResult)
	| { readonly status: "overloaded"; readonly utilisation: number };

/**
 * Tenants that each send requests at a rate, whatever is answered: M/G/1 processor sharing, whose mean response is
 * S'/(1 - rho) for any distribution of service times.
 *
 * @param rate_rps of each tenant
 */
export function openSharing(board: SharedBoard, tenants: number, rate_rps: number): OpenSharing {
	const service = sharedService(board, tenants);
	const throughput_rps = tenants * rate_rps;
	const utilisation = throughput_rps * service;
	if (utilisation >= 1) return { status: "overloaded", utilisation };
	const power_w = powerAt(board, utilisation);
	const dedicated_power_w = tenants * powerAt(board, rate_rps * board.service_s);
	return {
		status: "stable",
		response_s: service / (1 - utilisation),
		throughput_rps,
		utilisation,
		power_w,
		energy_per_request_j: power_w / throughput_rps,
		dedicated_power_w,
		dedicated_energy_per_request_j: dedicated_power_w / throughput_rps,
	};
}

const powerAt = ({ idle_w, busy_w }: SharedBoard, utilisation: number): number =>
	idle_w + (busy_w - idle_w) * Math.min(1, utilisation);

/** Service times in units of their mean. */
export type ServiceKind = "exponential" | "deterministic";

/**
 * Response times of an M/G/1 queue under processor sharing, in units of the mean service time, by simulation: Poisson
 * arrivals, and a clock of service that every request in the queue has received alike since it came.
 *
 * @param requests how many answers are counted, after a tenth as many to warm up
 * @throws RangeError unless 0 < utilisation < 1
 */
export function simulateSharing(
	utilisation: number,
	service: ServiceKind,
	requests: number,
	random: Random,
): Float64Array {
	if (!(utilisation > 0 && utilisation < 1))
		throw new RangeError(`utilisation must lie between 0 and 1, received ${utilisation}`);
	const exponential = () => -Math.log(1 - random());
	const warm = Math.ceil(requests / 10);
	const responses = new Float64Array(requests);
	// Requests leave in the order of the service clock at which they are done: a binary heap of those.
	const done: number[] = [];
	const came: number[] = [];
	let [clock, now, answered] = [0, 0, 0];
	let next = exponential() / utilisation;
	while (answered < warm + requests) {
		const leaves = done.length === 0 ? Number.POSITIVE_INFINITY : now + (done[0]! - clock) * done.length;
		if (next <= leaves) {
			clock += done.length === 0 ? 0 : (next - now) / done.length;
			now = next;
			push(done, came, clock + (service === "exponential" ? exponential() : 1), now);
			next = now + exponential() / utilisation;
		} else {
			clock = done[0]!;
			now = leaves;
			const response = now - pop(done, came);
			if (answered >= warm) responses[answered - warm] = response;
			answered++;
		}
	}
	return responses;
}

function push(keys: number[], values: number[], key: number, value: number): void {
	let k = keys.push(key) - 1;
	values.push(value);
	while (k > 0) {
		const parent = (k - 1) >> 1;
		if (keys[parent]! <= keys[k]!) break;
		swap(keys, values, k, parent);
		k = parent;
	}
}

function pop(keys: number[], values: number[]): number {
	swap(keys, values, 0, keys.length - 1);
	keys.pop();
	const value = values.pop()!;
	for (let k = 0; ; ) {
		let least = k;
		for (const child of [2 * k + 1, 2 * k + 2]) if (child < keys.length && keys[child]! < keys[least]!) least = child;
		if (least === k) return value;
		swap(keys, values, k, least);
		k = least;
	}
}

function swap(keys: number[], values: number[], a: number, b: number): void {
	[keys[a], keys[b]] = [keys[b]!, keys[a]!];
	[values[a], values[b]] = [values[b]!, values[a]!];
}

/** The share p of responses is at most this. */
export function responseQuantile(responses: Float64Array, p: number): number {
	const sorted = Float64Array.from(responses).sort();
	return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)]!;
}

/**
 * Least total utilisation, in steps of 0.01, at which the quantile p of the response exceeds an SLA: where sharing breaks
 * it. Undefined where it holds up to 0.95, past which a simulation of this length says nothing.
 *
 * @param sla_services the SLA in units of the (shared) service time
 * @param randomOf a generator anew for each utilisation, so that neighbours differ by load alone
 */
export function breakingUtilisation(
	sla_services: number,
	p: number,
	service: ServiceKind,
	randomOf: () => Random,
	requests = 50_000,
): number | undefined {
	let [low, high] = [0, 96];
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		const responses = simulateSharing(middle / 100, service, requests, randomOf());
		if (responseQuantile(responses, p) > sla_services) high = middle;
		else low = middle;
	}
	return high > 95 ? undefined : high / 100;
}

/**
 * A pipeline in which a replica may have a time slice of its allocation: each point is also there at 1/n of its cores, as
 * one of n tenants that keep it busy (processor sharing: n times the latency, 1/n of the throughput, and a share
 * `switch_overhead` more for switching). Which allocation is taken is then part of the choice, and the SLA stays that of
 * the pipeline as it was. A slice's latency and joules are modelled and say so: a board's meter does not know tenants.
 *
 * @param tenants how many may share an allocation, besides one alone
 * @throws RangeError where a number of tenants is not whole and above 1
 */
export function withTenants(spec: PipelineSpec, tenants: readonly number[], switch_overhead = 0.11): PipelineSpec {
	const bad = tenants.find((n) => !(Number.isInteger(n) && n > 1));
	if (bad !== undefined) throw new RangeError(`tenants must be whole numbers above 1, received ${bad}`);
	return {
		...spec,
		sla_s: pipelineOptions(spec).sla_s,
		allocation_mode: "variable",
		stages: spec.stages.map((stage) => {
			const known = new Set(stage.points.map(({ variant, cores, batch }) => `${variant} ${cores} ${batch}`));
			const slices = tenants.flatMap((n) => stage.points.map((point) => slice(point, n, switch_overhead)));
			return {
				...stage,
				points: [...stage.points, ...slices.filter(isNew)],
			};
			/** A measured allocation wins over a slice of a larger one, a slice of a smaller over that of a larger one. */
			function isNew({ variant, cores, batch }: ProfilePoint): boolean {
				const key = `${variant} ${cores} ${batch}`;
				return !known.has(key) && known.add(key) !== undefined;
			}
		}),
	};
}

function slice(point: ProfilePoint, tenants: number, switch_overhead: number): ProfilePoint {
	const slower = 1 + switch_overhead;
	const { energy } = point;
	return {
		...point,
		cores: point.cores / tenants,
		latency_s: point.latency_s * tenants * slower,
		throughput_rps: point.throughput_rps / (tenants * slower),
		kind: "modelled",
		...(energy === undefined
			? {}
			: {
					energy: {
						energy_j_per_batch: energy.energy_j_per_batch * slower,
						idle_power_w: energy.idle_power_w / tenants,
						kind: "modelled" as const,
					},
				}),
	};
}
