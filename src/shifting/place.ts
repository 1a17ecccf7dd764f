/** A site that a request could be served at. */
export interface Site {
	readonly name: string;
	/** Intensity of each step, g/kWh, the same steps at every site. */
	readonly intensity_g_per_kwh: ArrayLike<number>;
	/** From where the request comes to this site; 0 and Infinity for the site itself. */
	readonly rtt_s: number;
	readonly throughput_bits_per_s: number;
	/** Power usage effectiveness of its data centre. */
	readonly pue?: number;
}

/** What a request takes, wherever it is served. */
export interface PlacedRequest {
	readonly energy_j: number;
	/** Bytes that cross the network, there and back. */
	readonly bytes: number;
	/** Latency of serving it, without the network. */
	readonly service_s: number;
	readonly sla_s: number;
	/** Energy of the network, kWh a GB, at the intensity of the request's own site (0.001 in Cloud Carbon Footprint). */
	readonly network_kwh_per_gb: number;
}

/** Where requests go step by step, and what that emits. */
export interface Placement {
	/** Index of the site of each step. */
	readonly site: Int32Array;
	/** Grams a request, network included. */
	readonly grams: Float64Array;
	/** Grams a request at the first site, which is where requests come from. */
	readonly atHome_g: Float64Array;
	/** Latency of a request at each site, s; sites over the SLA are never chosen. */
	readonly latency_s: readonly number[];
}

/**
 * The site of least emissions for each step, among those whose network leaves the request within its SLA; the first of
 * equals, so that nothing moves for nothing.
 *
 * @param sites the first is where requests come from
 * @throws RangeError where no site meets the SLA, or the sites have different numbers of steps
 */
export function placement(sites: readonly Site[], request: PlacedRequest): Placement {
	const [home] = sites;
	if (home === undefined) throw new RangeError("placement needs at least one site");
	const steps = home.intensity_g_per_kwh.length;
	const different = sites.find(({ intensity_g_per_kwh }) => intensity_g_per_kwh.length !== steps);
	if (different !== undefined) throw new RangeError(`${different.name} must have the ${steps} steps of ${home.name}`);
	const latency_s = sites.map(
		({ rtt_s, throughput_bits_per_s }) => request.service_s + rtt_s + (8 * request.bytes) / throughput_bits_per_s,
	);
	const allowed = sites.flatMap((_, k) => (latency_s[k]! <= request.sla_s ? [k] : []));
	if (allowed.length === 0) throw new RangeError(`no site serves within ${request.sla_s} s: ${latency_s.join(", ")} s`);
	const kwh = request.energy_j / 3.6e6;
	const network_kwh = (request.bytes / 1e9) * request.network_kwh_per_gb;
	const gramsAt = (k: number, step: number) =>
		kwh * (sites[k]!.pue ?? 1) * sites[k]!.intensity_g_per_kwh[step]! +
		(k === 0 ? 0 : network_kwh * home.intensity_g_per_kwh[step]!);
	const site = new Int32Array(steps);
	const grams = new Float64Array(steps);
	const atHome_g = new Float64Array(steps);
	for (let step = 0; step < steps; step++) {
		let best = allowed[0]!;
		for (const k of allowed) if (gramsAt(k, step) < gramsAt(best, step)) best = k;
		site[step] = best;
		grams[step] = gramsAt(best, step);
		atHome_g[step] = gramsAt(0, step);
	}
	return { site, grams, atHome_g, latency_s };
}
