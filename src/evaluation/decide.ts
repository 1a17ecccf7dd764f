import { jackknifeRatio } from "../statistics/jackknifeRatio.js";
import type { Grid } from "./grid.js";
import type { Tally } from "./misranked.js";
import type { Thresholds } from "./settings.js";

/**
 * Does an ordering (a metric, a formula) stand in for energy? `yes`: it misranks little, shown; `reversed`: its
 * opposite does; `no`: it misranks too much, shown.
 */
export type Answer = "yes" | "reversed" | "no" | "undetermined";

/** Why nothing is decided. */
export type OpenReason =
	| "unknown"
	| "stands-still"
	| "few-variants"
	| "noise"
	| "interval"
	| "machines-disagree"
	| "idle-power"
	| "metrics-open"
	| "formula-open";

/** A misranked share with what it rests on, and the answer that follows. */
export interface Decision {
	readonly answer: Answer;
	/** Where the answer is `undetermined`. */
	readonly reason?: OpenReason;
	/** Misranked share, 0..1, with its interval; absent where no pair is left. */
	readonly misranked?: { readonly share: number; readonly low: number; readonly high: number };
	/** Networks that have pairs which outlast the noise. */
	readonly variants: number;
	readonly machines: readonly string[];
	/** Share of the pairs, by weight, that outlast the noise, and of these the share in which the ordering ties. */
	readonly outlasting: number;
	readonly tied: number;
	/** Machines that by themselves show the contrary, where the reason is `machines-disagree`. */
	readonly contrary?: readonly string[];
}

/** The answer of a tally: over all machines, with each machine that can speak for itself heard. */
export function decide(tally: Tally, grid: Grid, thresholds: Thresholds): Decision {
	const machines = [...grid.machines.keys()];
	const pooled = decideOver(tally, grid, machines, thresholds);
	if (pooled.answer !== "yes" && pooled.answer !== "reversed") return pooled;
	if (pooled.machines.length < 2) return pooled;
	const contrary = machines.filter((machine) => {
		const { answer, variants } = decideOver(tally, grid, [machine], thresholds);
		return variants >= thresholds.minimum_variants && answer !== "undetermined" && answer !== pooled.answer;
	});
	if (contrary.length === 0) return pooled;
	return {
		...pooled,
		answer: "undetermined",
		reason: "machines-disagree",
		contrary: contrary.map((machine) => grid.machines[machine] as string),
	};
}

function decideOver(tally: Tally, grid: Grid, over: readonly number[], thresholds: Thresholds): Decision {
	const known = sum(tally.known, over);
	const outlastingWeight = sum(tally.outlasting, over);
	const wrong = sum(tally.machineWrong, over);
	const stake = sum(tally.machineStake, over);
	const active = over.filter((machine) => (tally.machineStake[machine] as number) > 0);
	const networks = byNetwork(tally, grid, new Set(active));
	const numbers = {
		variants: networks.length,
		machines: active.map((machine) => grid.machines[machine] as string),
		outlasting: known > 0 ? outlastingWeight / known : 0,
		tied: outlastingWeight > 0 ? sum(tally.tied, over) / outlastingWeight : 0,
	};
	const open = (reason: OpenReason, misranked?: Decision["misranked"]): Decision => ({
		answer: "undetermined",
		reason,
		...(misranked === undefined ? {} : { misranked }),
		...numbers,
	});
	if (known === 0) return open("unknown");
	if (!(stake > 0)) return open("noise");
	const misranked = intervalOver(tally, wrong, stake, networks, active, thresholds);
	if (numbers.tied >= thresholds.stands_still_ties) return open("stands-still", misranked);
	if (numbers.outlasting < thresholds.minimum_outlasting) return open("noise", misranked);
	if (numbers.variants < thresholds.minimum_variants) return open("few-variants", misranked);
	const bound = thresholds.misranked_bound;
	if (misranked.high <= bound) return { answer: "yes", misranked, ...numbers };
	if (misranked.low >= 1 - bound) return { answer: "reversed", misranked, ...numbers };
	if (misranked.low > bound) return { answer: "no", misranked, ...numbers };
	return open("interval", misranked);
}

interface UnitSums {
	readonly numerator: number;
	readonly denominator: number;
}

/** Over networks, the same on every machine; from enough machines on also over machines, and the wider counts. */
function intervalOver(
	tally: Tally,
	numerator: number,
	denominator: number,
	networks: readonly UnitSums[],
	active: readonly number[],
	{ level, prior_variants, minimum_machines }: Thresholds,
): NonNullable<Decision["misranked"]> {
	const whole = { numerator, denominator, level };
	const prior = { units: prior_variants, ratio: 0.5 };
	const { ratio, low, high } = jackknifeRatio({ ...whole, units: networks, prior });
	if (active.length < minimum_machines) return { share: ratio, low, high };
	const machines = active.map((machine) => ({
		numerator: tally.machineWrong[machine] as number,
		denominator: tally.machineStake[machine] as number,
	}));
	const other = jackknifeRatio({ ...whole, units: machines, prior: { units: 0, ratio: 0.5 } });
	const wider = other.high - other.low > high - low ? other : { low, high };
	return { share: ratio, low: wider.low, high: wider.high };
}

function byNetwork(tally: Tally, grid: Grid, machines: ReadonlySet<number>): UnitSums[] {
	const wrong = new Float64Array(grid.networks.length);
	const stake = new Float64Array(grid.networks.length);
	for (let unit = 0; unit < tally.stake.length; unit++) {
		if (!machines.has(grid.unitMachine[unit] as number)) continue;
		const network = grid.unitNetwork[unit] as number;
		wrong[network] = (wrong[network] as number) + (tally.wrong[unit] as number);
		stake[network] = (stake[network] as number) + (tally.stake[unit] as number);
	}
	return [...stake.keys()]
		.filter((network) => (stake[network] as number) > 0)
		.map((network) => ({ numerator: wrong[network] as number, denominator: stake[network] as number }));
}

function sum(values: Float64Array, over: readonly number[]): number {
	return over.reduce((total, index) => total + (values[index] as number), 0);
}
