import { blindAtSameObjective, followGrid } from "../adaptation/followGrid.js";
import type { Series } from "../carbon/series.js";
import type { IntensitySeries } from "../datasets/carbon.js";
import { readPriceYear } from "../datasets/gridYear.js";
import { InputError } from "../errors.js";
import type { Configuration } from "../pipeline/configuration.js";
import { pipelineOptions } from "../pipeline/options.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { verticalOnly } from "../scaling/vertical.js";
import { energyFront, energySaved, tradeOff } from "../search/energyFront.js";
import { optimize } from "../search/optimum.js";
import { withTenants } from "../sharing/processorSharing.js";
import { persistence, savings } from "../shifting/savings.js";
import { prefixSums } from "../shifting/slots.js";
import type { Kind } from "../units.js";
import { type Network, placeFrom, readGridYears, readNetwork, type Spread, spreadOf } from "./timeAndPlace.js";

/** What one lever does for a pipeline, beside its best configuration without it. Shares may be below 0: a loss. */
export interface LeverEffect {
	readonly lever: string;
	/** Under what circumstances. */
	readonly at: string;
	/** Share of the operational carbon saved. */
	readonly saved_share: number;
	/** The same with the floor of the node charged to the pipeline whole, where it has one. */
	readonly saved_with_floor_share?: number;
	/** Over start dates or hours, where it depends on them. */
	readonly saved_spread_share?: Spread;
	/** Change of the pipeline's accuracy, as the objective counts it, and of its latency, s. */
	readonly accuracy_change: number;
	readonly added_latency_s: number;
	/** Share by which the money rises: cores for a choice of configuration, wholesale electricity for one of time. */
	readonly money_share: number;
	readonly money_of: "cores" | "electricity";
	/** Kind of the saving: modelled as soon as an energy, a latency or a forecast in it is. */
	readonly kind: Kind;
	/** How sure the saving is, in a few words. */
	readonly sure: string;
	readonly rests_on: string;
}

/** A lever that the pipeline does not have. */
export interface LeverAbsent {
	readonly lever: string;
	readonly absent: string;
}

export interface VideoGrid {
	/** Where the pipeline runs. */
	readonly home: IntensitySeries;
	readonly grids: readonly IntensitySeries[];
	readonly network: Network;
	/** Wholesale prices of the same hours. */
	readonly prices: Series;
	/** Bytes of a request, there and back. */
	readonly bytes: number;
	/** Of sharing: the low load at which it is looked at, requests/s. */
	readonly low_rate_rps: number;
}

/**
 * A year of the shipped grids, by lifecycle, with the network between them and the wholesale prices at home.
 *
 * @throws InputError where there is no such zone or year, or no price for the zone
 * @example
 * (await beyondEnergy.readGrid("DE-LU", 2024)).grids.length; // → 16
 */
export async function readGrid(home: string, year: number): Promise<Omit<VideoGrid, "bytes" | "low_rate_rps">> {
	const [grids, network, prices] = [
		await readGridYears(year, "lifecycle"),
		await readNetwork(),
		await readPriceYear(home, year),
	];
	const own = grids.find(({ zone }) => zone === home);
	const fail = (rule: string): never => {
		throw new InputError({ file: "data/raw/electricity-price-2021-2024", field: "zone", rule, value: home });
	};
	if (own === undefined) return fail(`must be one of ${grids.map(({ zone }) => zone).join(", ")}`);
	if (prices === undefined) return fail(`must have wholesale prices of ${year}`);
	return { home: own, grids, network, prices };
}

/** A batch of requests to be worked off: two hours, due within a day of when they came. */
const batchJob = { length: 2, slack: 22, interruptible: false };

/**
 * Every lever on one pipeline whose points have energies, by the same yardstick.
 *
 * @throws RangeError where the pipeline has no feasible configuration or no energies
 * @example
 * const { spec } = await pipeline.readPreset("video");
 * const video = pipeline.withModelledEnergy({ ...spec, arrival_rate_rps: 5 }, await pipeline.readEnergyCoefficients());
 * const days = { zone: "DE-LU", values: Float64Array.from({ length: 72 }, (_, hour) => (hour % 24 < 12 ? 200 : 400)) };
 * const grid = { home: days, grids: [days], network: new Map(), prices: days, bytes: 1e5, low_rate_rps: 1 };
 * beyondEnergy.leverEffects(video, grid).find(({ lever }) => lever === "place").saved_share; // → 0
 */
export function leverEffects(spec: PipelineSpec, grid: VideoGrid): (LeverEffect | LeverAbsent)[] {
	const base = best(spec);
	const model = "IPA's profile and the energy model given";
	const ranks = "the energy model ranks core-seconds and says nothing finer";
	const change = (to: Configuration, from: Configuration) => ({
		saved_share: 1 - joules(to) / joules(from),
		...(withFloor(to) === undefined ? {} : { saved_with_floor_share: 1 - withFloor(to)! / withFloor(from)! }),
		accuracy_change: to.accuracy - from.accuracy,
		added_latency_s: to.latency_s - from.latency_s,
		money_share: to.cost_cores / from.cost_cores - 1,
		money_of: "cores" as const,
		kind: "modelled" as const,
	});
	const front = energyFront(spec);
	if (front.status === "infeasible") throw new RangeError(front.detail);
	const [atFivePercent, most] = [0.01, 1].map(
		(loss) => energySaved(front.points, spec.weights, loss).point.configuration,
	);
	const low = { ...spec, arrival_rate_rps: grid.low_rate_rps };
	const rate = `${spec.arrival_rate_rps} requests/s`;
	return [
		{
			lever: "energy in the objective",
			at: `${rate}, losing at most 5 % of what the objective weighs`,
			...change(atFivePercent!, base),
			sure: ranks,
			rests_on: model,
		},
		{
			lever: "lighter variants (CLOVER's knob)",
			at: `${rate}, the configuration of least energy, whatever it loses`,
			...change(most!, base),
			sure: `${ranks}; that lighter variants take less is sure`,
			rests_on: `${model}; accuracies published`,
		},
		timeOfBatch(grid),
		timeOfService(spec, grid, model),
		place(spec, base, grid, model),
		{
			lever: "sharing an allocation (time slices of 2 and 4 tenants)",
			at: `${grid.low_rate_rps} requests/s, beside allocations that nobody shares`,
			...change(best(withTenants(low, [2, 4])), best(free(low))),
			sure: "least of all: a slice's latency and joules are both modelled",
			rests_on: `${model}; round robin with 11 % switching, measured on another network (data/raw/gpu-sharing-yolos)`,
		},
		{
			lever: "scaling in place (Sponge)",
			at: `${rate}, one replica a stage, beside replicas of any allocation`,
			...change(best(verticalOnly(spec)), best(free(spec))),
			sure: `${ranks}; on measured machines a larger allocation takes 0.7 to 1.1 times the energy`,
			rests_on: `${model}; latencies by cores measured (IPA)`,
		},
		{
			lever: "directives (SPROUT)",
			absent:
				"no stage of the pipeline is a language model; on its own data 40 to 60 % at 91 to 97 % of the preference",
		},
		{ lever: "reporting (SCI)", absent: "saves nothing by itself" },
	];
}

function timeOfBatch({ home, prices }: VideoGrid): LeverEffect {
	const { forecast, begins } = savings(home.values, persistence(home.values, 24), batchJob);
	const sums = prefixSums(prices.values);
	const over = (from: number) => sums[from + batchJob.length]! - sums[from]!;
	let [atOnce, shifted, waited] = [0, 0, 0];
	for (const [start, begin] of begins.entries()) {
		atOnce += over(start);
		shifted += over(begin);
		waited += (begin - start) / begins.length;
	}
	const spread = spreadOf(forecast);
	return {
		lever: "time of a batch",
		at: `2 h of requests, due within a day, ${home.zone}, planned by yesterday's hours`,
		saved_share: spread.mean,
		saved_with_floor_share: spread.mean,
		saved_spread_share: spread,
		accuracy_change: 0,
		added_latency_s: waited * 3600,
		money_share: shifted / atOnce - 1,
		money_of: "electricity",
		kind: "modelled",
		sure: "as sure as the intensities; the spread is over start dates",
		rests_on: "published hourly intensities and prices; no energy enters the share",
	};
}

function timeOfService(spec: PipelineSpec, { home }: VideoGrid, model: string): LeverEffect {
	const front = energyFront(spec);
	if (front.status === "infeasible") throw new RangeError(front.detail);
	const { knee, points } = tradeOff(front.points);
	const delta = knee === undefined ? 0 : (knee.delta_from + Math.min(knee.delta_to, 2 * knee.delta_from)) / 2;
	const weighted = { ...spec, weights: { ...spec.weights, delta } };
	const mean_g_per_kwh = spreadOf(home.values).mean;
	const rule = { share: 0.05, reference_g_per_kwh: 250, mean_g_per_kwh };
	const follows = followGrid(weighted, home.values, rule);
	const blind = blindAtSameObjective(points, follows.objective_without_energy, mean_g_per_kwh);
	const floor_g = ({ floor_w }: { readonly floor_w: number }) =>
		(floor_w / spec.arrival_rate_rps / 3.6e6) * mean_g_per_kwh;
	return {
		lever: "time of a service",
		at: `weight of energy follows the grid hour by hour, beside a service that serves as well on the mean, ${home.zone}`,
		saved_share: 1 - follows.grams_per_request / blind.grams_per_request,
		...(spec.node === undefined
			? {}
			: {
					saved_with_floor_share:
						(blind.grams_per_request - follows.grams_per_request) / (blind.grams_per_request + floor_g(spec.node)),
				}),
		accuracy_change: follows.accuracy - blind.accuracy,
		added_latency_s: 0,
		money_share: follows.cost_cores / blind.cost_cores - 1,
		money_of: "cores",
		kind: "modelled",
		sure: "hangs on the energy model: how far accuracy can be traded against joules",
		rests_on: `${model}; published hourly intensities`,
	};
}

function place(
	spec: PipelineSpec,
	base: Configuration,
	{ home, grids, network, bytes }: VideoGrid,
	model: string,
): LeverEffect {
	const from = (energy_j: number) =>
		placeFrom(home.zone, grids, network, {
			energy_j,
			bytes,
			service_s: base.latency_s,
			sla_s: pipelineOptions(spec).sla_s,
			network_kwh_per_gb: 0.001,
		});
	const placed = from(joules(base));
	const floored = withFloor(base);
	return {
		lever: "place",
		at: `from ${home.zone} to the cleanest of ${placed.allowed.length} zones each hour, ${Math.round(bytes / 1024)} KiB a request`,
		saved_share: placed.saved_share,
		...(floored === undefined ? {} : { saved_with_floor_share: from(floored).saved_share }),
		saved_spread_share: placed.saved_by_hour_share,
		accuracy_change: 0,
		added_latency_s: placed.added_latency_s,
		money_share: 0,
		money_of: "cores",
		kind: "modelled",
		sure: "hangs on the network's energy a byte, never measured end to end; average intensities, not marginal ones",
		rests_on: `${model}; network digitised (2016), 0.001 kWh/GB its provider's estimate`,
	};
}

/** With every allocation of the profile to choose from, at the SLA as it was: what a lever of allocation is held against. */
function free(spec: PipelineSpec): PipelineSpec {
	return { ...spec, sla_s: pipelineOptions(spec).sla_s, allocation_mode: "variable" };
}

function best(spec: PipelineSpec): Configuration {
	const found = optimize(spec);
	if (found.status !== "optimal") throw new RangeError(`nothing is feasible: ${found.detail}`);
	return found.configuration;
}

function joules({ energy }: Configuration): number {
	if (energy.status === "unavailable") throw new RangeError(`no energy: ${energy.reason}`);
	return energy.energy_j_per_request;
}

/** Energy of a request with the whole floor of the node; undefined where the pipeline names none. */
function withFloor({ energy }: Configuration): number | undefined {
	return energy.status === "available" ? energy.with_floor?.energy_j_per_request : undefined;
}
