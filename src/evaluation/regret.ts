import { quantileSorted } from "simple-statistics";
import { groupBy } from "../group.js";
import type { EvidenceCell } from "./evidence.js";
import { energyOf } from "./metrics.js";
import type { RegretGrid } from "./settings.js";

/** Energy left on the table by choosing without energy. */
export type Regret =
	| {
			readonly status: "estimated";
			/** Choices within this share of the best objective count as equally good. */
			readonly tolerance: number;
			readonly scenarios: number;
			/** Scenarios with at least two choices within the tolerance. */
			readonly withChoice: number;
			/** Share of the chosen configuration's energy that another equally good choice saves: 0..1. */
			readonly median: number;
			readonly p90: number;
			readonly max: number;
			/** Every scenario's share, rising: the regret curve. */
			readonly shares: readonly number[];
	  }
	| {
			readonly status: "undefined";
			readonly reason: "no-latency-or-throughput" | "no-feasible-scenario";
			readonly tolerance: number;
	  };

interface Option {
	readonly accuracy: number;
	readonly cost: number;
	readonly batch: number;
	readonly energy_j: number;
}

/**
 * For each scenario (weights, SLA, arrival rate) the configuration with the best of IPA's objective
 * alpha x accuracy - beta x cost - gamma x batch is chosen without energy, cost being allocation x the fewest replicas
 * that carry the rate; then the least energy per request among the configurations whose objective is within
 * tolerance x |best| is compared with the chosen one's. Among exact ties the chooser is indifferent, so the mean energy
 * of the tied configurations counts as chosen.
 *
 * Where the source gives no accuracy the choice is among the configurations of one variant, whose accuracy is equal.
 */
export function regret(cells: readonly EvidenceCell[], grid: RegretGrid, tolerance: number): Regret {
	const known = cells.filter(
		({ latency_s, throughput_rps }) => latency_s !== undefined && throughput_rps !== undefined,
	);
	if (known.length === 0) return { status: "undefined", reason: "no-latency-or-throughput", tolerance };
	const shares: number[] = [];
	let withChoice = 0;
	for (const choices of choiceSets(known)) {
		const latencies = choices.map((cell) => cell.latency_s as number).sort((a, b) => a - b);
		const rates = choices.map((cell) => cell.throughput_rps as number).sort((a, b) => a - b);
		// Among equal accuracies its weight changes nothing, and repeating it would only repeat scenarios.
		const alphas = choices[0]?.accuracy_pct === undefined ? [0] : grid.alpha;
		for (const quantile of grid.sla_quantiles) {
			const sla_s = quantileSorted(latencies, quantile);
			const feasible = choices.filter((cell) => (cell.latency_s as number) <= sla_s);
			for (const multiple of grid.rate_multiples) {
				const options = feasible.map((cell) => optionOf(cell, multiple * quantileSorted(rates, 0.5)));
				for (const alpha of alphas)
					for (const beta of grid.beta)
						for (const gamma of grid.gamma) {
							const scenario = leftOnTable(options, { alpha, beta, gamma }, tolerance);
							if (scenario === undefined) continue;
							shares.push(scenario.share);
							if (scenario.choices > 1) withChoice++;
						}
			}
		}
	}
	if (shares.length === 0) return { status: "undefined", reason: "no-feasible-scenario", tolerance };
	shares.sort((a, b) => a - b);
	return {
		status: "estimated",
		tolerance,
		scenarios: shares.length,
		withChoice,
		median: quantileSorted(shares, 0.5),
		p90: quantileSorted(shares, 0.9),
		max: shares.at(-1) as number,
		shares,
	};
}

function choiceSets(cells: readonly EvidenceCell[]): EvidenceCell[][] {
	const sets = groupBy(cells, (cell) =>
		JSON.stringify([cell.dataset, cell.population, cell.accuracy_pct === undefined ? cell.variant : ""]),
	);
	return [...sets.values()].filter((set) => set.length > 1);
}

function optionOf(cell: EvidenceCell, rate_rps: number): Option {
	return {
		accuracy: (cell.accuracy_pct ?? 0) / 100,
		cost: cell.allocation * Math.max(1, Math.ceil(rate_rps / ((cell.throughput_rps as number) / cell.replicas))),
		batch: cell.batch,
		energy_j: energyOf(cell, "request") as number,
	};
}

function leftOnTable(
	options: readonly Option[],
	{ alpha, beta, gamma }: { alpha: number; beta: number; gamma: number },
	tolerance: number,
): { share: number; choices: number } | undefined {
	if (options.length < 2) return undefined;
	const objectives = options.map(({ accuracy, cost, batch }) => alpha * accuracy - beta * cost - gamma * batch);
	const best = Math.max(...objectives);
	const rounding = 1e-12 * Math.max(1, Math.abs(best));
	let least_j = Number.POSITIVE_INFINITY;
	let tied_j = 0;
	let ties = 0;
	let choices = 0;
	options.forEach(({ energy_j }, i) => {
		const behind = best - (objectives[i] as number);
		if (behind <= rounding) {
			tied_j += energy_j;
			ties++;
		}
		if (behind <= tolerance * Math.abs(best) + rounding) {
			choices++;
			least_j = Math.min(least_j, energy_j);
		}
	});
	return { share: 1 - least_j / (tied_j / ties), choices };
}
