import type { Known } from "../carbon/sci.js";
import { groupBy } from "../group.js";
import type { AnnealingGap } from "../levers/annealing.js";
import type { CoresInPlace, ScalingSystem } from "../levers/coresInPlace.js";
import type { PublishedFigure } from "../levers/publishedLevers.js";
import type { NamedFootprint } from "../levers/sciUse.js";
import { type HomePlacement, type Spread, spreadOf, type ZoneShift } from "../levers/timeAndPlace.js";
import type { LeverAbsent, LeverEffect } from "../levers/videoLevers.js";
import { seeded } from "../random.js";
import { breakingUtilisation, closedSharing, type SharedBoard } from "../sharing/processorSharing.js";
import { bars } from "./bars.js";
import type { Figure } from "./house.js";

type Row = Record<string, string | number>;

/** A share as percent, to a hundredth. */
const percent = (share: number): number => Math.round(share * 1e4) / 100 + 0;
const ranged = ({ p5, p95 }: Spread): string => `${percent(p5)} to ${percent(p95)}`;
const short = (value: number): string => String(Number(value.toPrecision(3)));

/** Rows of a footprint: each part with its range, kind and sources. */
export function footprintRows({ perRequest: own, per1000, perMonth }: NamedFootprint): Row[] {
	const row = (part: string, known: Known): Row => {
		if (known.status === "unavailable")
			return { part, value: "unavailable", unit: "", range: "", kind: "", "rests on": known.reason };
		const { value, low, high, unit, kind, sources } = known.factor;
		return {
			part,
			value: short(value),
			unit,
			range: low === high ? "" : `${short(low)} to ${short(high)}`,
			kind,
			"rests on": sources.join("; "),
		};
	};
	return [
		row("energy of a request", own.energy_j),
		row("E: with the facility's overhead", own.energy_kwh),
		row("I: intensity of the grid", own.intensity_g_per_kwh),
		row("E x I: operational", own.operational_g),
		row("M: embodied", own.embodied_g),
		row("SCI: (E x I + M) per request", own.sci_g),
		row("embodied share of the SCI", own.embodied_share),
		row("electricity, wholesale", own.money),
		row("water", own.water_l),
		row("SCI of 1,000 requests", per1000.sci_g),
		row("SCI of a month at this load", perMonth.sci_g),
		row("electricity of that month, wholesale", perMonth.money),
	];
}

/** Rows of what waiting saves, a zone each. */
export function shiftRows(shifts: readonly ZoneShift[]): Row[] {
	return shifts.map(({ zone, mean_g_per_kwh, persistence, oracle, lost_share }) => ({
		zone,
		"mean g/kWh": Math.round(mean_g_per_kwh),
		"saved by yesterday's hours, median (%)": percent(persistence.median),
		"5 to 95 % of start dates": ranged(persistence),
		"start dates on which it loses (%)": percent(lost_share),
		"by an oracle, median (%)": percent(oracle.median),
	}));
}

/** Rows of what serving elsewhere saves. */
export function placeRows(named: readonly { readonly request: string; readonly placed: HomePlacement }[]): Row[] {
	return named.map(({ request, placed: { home, saved, savedByHour, most, added_latency_s, allowed } }) => ({
		request,
		home,
		"zones within the SLA": allowed.length,
		"saved over the year (%)": percent(saved),
		"5 to 95 % of hours": ranged(savedByHour),
		"most hours at": `${most.zone} (${percent(most.share)} %)`,
		"added latency (ms)": Math.round(1000 * added_latency_s),
	}));
}

/** One row of how far annealing ends from the optimum. */
export function annealingRows(gaps: readonly AnnealingGap[]): Row[] {
	const gap = spreadOf(gaps.map(({ gap_x100 }) => gap_x100));
	return [
		{
			"optimised hours": gaps.length,
			"configurations, all of which the exact search looks at": gaps[0]?.n_configurations ?? 0,
			"annealing's evaluations an hour, mean": spreadOf(gaps.map(({ evaluations }) => evaluations)).mean,
			"gap in score x 100, median": gap.median,
			mean: gap.mean,
			"95 %": gap.p95,
			worst: Math.max(...gaps.map(({ gap_x100 }) => gap_x100)),
			"hours on the optimum (%)": percent(gaps.filter(({ gap_x100 }) => gap_x100 < 1e-9).length / gaps.length),
		},
	];
}

/** Rows of one board by tenants, each busy for a share of its time: modelled, beside what was measured of busy ones. */
export function sharingRows(
	board: SharedBoard,
	think_s: number,
	measured: readonly { readonly strategy: string; readonly tenants: number; readonly mean_s: number }[],
): Row[] {
	const of = (strategy: string, tenants: number) =>
		measured.find((each) => each.strategy === strategy && each.tenants === tenants)?.mean_s ?? "–";
	return [1, 3, 5, 7].map((tenants) => {
		const own = closedSharing(board, tenants, think_s);
		return {
			tenants,
			"all busy, modelled (s)": closedSharing(board, tenants, 0).response_s,
			"time slicing, measured (s)": of("time-slicing", tenants),
			"MPS, measured (s)": of("mps", tenants),
			"MIG 1g, measured (s)": of("mig-1g", tenants),
			"with pauses, modelled (s)": own.response_s,
			"board (W, modelled)": own.power_w,
			"J/request, modelled": own.energy_per_request_j,
			"J/request on boards of their own, modelled": own.dedicated_energy_per_request_j,
			"saved (%)": percent(1 - own.energy_per_request_j / own.dedicated_energy_per_request_j),
		};
	});
}

/** Rows of the load at which a shared board breaks an SLA, by how service times vary. */
export function breakRows(slas: readonly number[]): Row[] {
	return slas.map((sla) => {
		const at = (service: "deterministic" | "exponential") =>
			breakingUtilisation(sla, 0.95, service, () => seeded(1), 20_000) ?? "beyond 0.95";
		return {
			"SLA in service times": sla,
			"equal requests: p95 over it from utilisation": at("deterministic"),
			"exponential requests": at("exponential"),
		};
	});
}

/** Rows of what larger allocations do to measured energy, a data set and step of cores each. */
export function coresRows(steps: readonly CoresInPlace[]): Row[] {
	return [
		...groupBy(
			steps,
			({ dataset, hardware, from_cores, to_cores }) => `${dataset}\n${hardware}\n${from_cores} to ${to_cores}`,
		),
	].map(([key, own]) => {
		const [dataset = "", hardware = "", cores = ""] = key.split("\n");
		const energy = spreadOf(own.map(({ energy_ratio }) => energy_ratio));
		return {
			dataset,
			hardware,
			cores,
			pairs: own.length,
			"latency, median ratio": spreadOf(own.map(({ latency_ratio }) => latency_ratio)).median,
			"energy a request, median ratio": energy.median,
			"5 to 95 %": `${short(energy.p5)} to ${short(energy.p95)}`,
			kind: "measured",
		};
	});
}

/** Rows of ways of scaling on the same requests. */
export function scalingRows(systems: readonly ScalingSystem[]): Row[] {
	return systems.map(({ system, rate_rps, requests, late, core_seconds }) => ({
		"requests/s": rate_rps,
		system,
		requests,
		"late (%)": percent(late / requests),
		"core-seconds": Math.round(core_seconds),
		kind: "modelled",
	}));
}

/** Rows of published figures beside ours. */
export function publishedRows(figures: readonly PublishedFigure[]): Row[] {
	return figures.map(({ system, figure, unit, published, ours, tolerance, status, reason }) => ({
		system,
		figure,
		published: published ?? "–",
		ours: ours ?? "–",
		unit,
		"held to": tolerance ?? "–",
		outcome: reason === undefined ? status : `${status}: ${reason}`,
	}));
}

/** Rows of every lever: what it saves, what it costs, how sure that is and what it rests on. */
export function leverRows(effects: readonly (LeverEffect | LeverAbsent)[]): Row[] {
	return effects.map((effect) => ("absent" in effect ? absentRow(effect) : effectRow(effect)));
}

const absentRow = ({ lever, absent }: LeverAbsent): Row => ({
	lever,
	at: absent,
	"carbon saved (%)": "–",
	"with the node's floor charged (%)": "–",
	"5 to 95 %": "",
	"accuracy (objective's)": "–",
	latency: "–",
	"money (%)": "–",
	kind: "–",
	"how sure": "–",
	"rests on": "–",
});

function effectRow(effect: LeverEffect): Row {
	const { lever, at, saved, saved_with_floor, spread, accuracy, latency_s, money, moneyOf, kind, sure, restsOn } =
		effect;
	return {
		lever,
		at,
		"carbon saved (%)": percent(saved),
		"with the node's floor charged (%)": saved_with_floor === undefined ? "–" : percent(saved_with_floor),
		"5 to 95 %": spread === undefined ? "" : ranged(spread),
		"accuracy (objective's)": Math.round(accuracy * 1e4) / 1e4 + 0,
		latency:
			Math.abs(latency_s) >= 60
				? `+${short(latency_s / 3600)} h of waiting`
				: `${short(Math.round(latency_s * 1e4) / 1e4 + 0)} s`,
		"money (%)": `${percent(money)} (${moneyOf})`,
		kind,
		"how sure": sure,
		"rests on": restsOn,
	};
}

/** What waiting saves by zone: medians with the middle nine tenths of the start dates. */
export function shiftBars(shifts: readonly ZoneShift[], source: string): Figure {
	return bars({
		title: "What waiting saves, by zone",
		caption:
			"Medians over every hour of the year as start; whiskers from the 5th to the 95th percentile. Below 0: waiting emitted more.",
		kind: "modelled",
		source,
		y: "% of the carbon of beginning at once",
		bars: shifts.flatMap(({ zone, persistence, oracle }) =>
			(
				[
					["planned by yesterday's hours", persistence],
					["an oracle, no result", oracle],
				] as const
			).map(([group, { median, p5, p95 }]) => ({
				label: zone,
				group,
				value: 100 * median,
				interval: { low: 100 * p5, high: 100 * p95 },
			})),
		),
	});
}
