import { joulesPerKilowattHour } from "../units.js";
import type { Prices, Weights } from "./spec.js";

/**
 * Weights whose delta follows from prices. beta is what the objective gives for a core, and a core costs
 * `eur_per_core_hour`; so a euro per hour is worth beta / eur_per_core_hour. A joule per request at a rate r costs
 * r x 3600 x pue / 3.6e6 x eur_per_kwh euros per hour. Hence
 *
 *     delta = beta / eur_per_core_hour x eur_per_kwh x pue x 3600 r / 3.6e6
 *
 * which rises with the rate: the same joules are spent more often.
 *
 * @example
 * // beta 1, 0.04 EUR a core-hour, 0.30 EUR/kWh, 100 requests/s: 1 J per request is 100 W, 0.03 EUR/h, 0.75 cores
 * pricedWeights({ alpha: 2, beta: 1, gamma: 0, delta: 0 }, { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 }, 100).delta; // 0.75
 */
export function pricedWeights(
	weights: Weights,
	{ eur_per_kwh, eur_per_core_hour, pue = 1 }: Prices,
	rate_rps: number,
): Weights {
	const eurPerHour = (rate_rps * 3600 * pue * eur_per_kwh) / joulesPerKilowattHour;
	return { ...weights, delta: (weights.beta / eur_per_core_hour) * eurPerHour };
}
