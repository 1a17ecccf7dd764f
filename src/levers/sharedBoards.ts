import { readSharingTimes } from "../datasets/publishedTables.js";
import { seeded } from "../random.js";
import { breakingUtilisation, closedSharing, type SharedBoard } from "../sharing/processorSharing.js";

/** One board by tenants: what was measured of busy ones, and what the model of time slices says. */
export interface SharedBoardRow {
	readonly tenants: number;
	/** All busy, modelled. */
	readonly busy_modelled_s: number;
	/** All busy, measured by strategy (data/raw/gpu-sharing-yolos); absent where nobody measured it. */
	readonly busy_measured_s: Readonly<Record<string, number>>;
	/** With a pause after each answer: all that follows is modelled, a board's meter does not know its tenants. */
	readonly with_pauses_s: number;
	readonly board_w: number;
	readonly energy_j_per_request: number;
	readonly on_own_boards_j_per_request: number;
	readonly saved_share: number;
	readonly kind: "modelled";
}

/**
 * One board shared by tenants that each pause between requests, beside boards of their own.
 *
 * @param think_s mean pause between an answer and the next request of a tenant
 * @example
 * const board = { service_s: 0.088, switch_overhead: 0.11, idle_w: 60, busy_w: 250 };
 * const [alone] = await beyondEnergy.sharedBoards(board, 0.18);
 * alone.saved_share; // → 0
 */
export async function sharedBoards(board: SharedBoard, think_s: number): Promise<SharedBoardRow[]> {
	const measured = await readSharingTimes();
	return [1, 3, 5, 7].map((tenants): SharedBoardRow => {
		const own = closedSharing(board, tenants, think_s);
		return {
			tenants,
			busy_modelled_s: closedSharing(board, tenants, 0).response_s,
			busy_measured_s: Object.fromEntries(
				measured.filter((one) => one.tenants === tenants).map(({ strategy, mean_s }) => [strategy, mean_s]),
			),
			with_pauses_s: own.response_s,
			board_w: own.power_w,
			energy_j_per_request: own.energy_per_request_j,
			on_own_boards_j_per_request: own.dedicated_energy_per_request_j,
			saved_share: 1 - own.energy_per_request_j / own.dedicated_energy_per_request_j,
			kind: "modelled",
		};
	});
}

/** The load at which a shared board breaks an SLA, by how service times vary; absent where it holds up to 0.95. */
export interface BreakingPoint {
	readonly sla_in_service_times: number;
	readonly equal_requests_utilisation?: number;
	readonly exponential_requests_utilisation?: number;
	readonly kind: "modelled";
}

/**
 * Least utilisation at which the 95th percentile of the response exceeds an SLA, by simulation (seed 1).
 *
 * @param slas in units of the shared service time
 * @example
 * const [tight, loose] = beyondEnergy.breakingPoints([3, 10]);
 * tight.exponential_requests_utilisation < loose.exponential_requests_utilisation; // → true
 */
export function breakingPoints(slas: readonly number[]): BreakingPoint[] {
	return slas.map((sla): BreakingPoint => {
		const at = (service: "deterministic" | "exponential") =>
			breakingUtilisation(sla, 0.95, service, () => seeded(1), 20_000);
		const [equal, exponential] = [at("deterministic"), at("exponential")];
		return {
			sla_in_service_times: sla,
			...(equal === undefined ? {} : { equal_requests_utilisation: equal }),
			...(exponential === undefined ? {} : { exponential_requests_utilisation: exponential }),
			kind: "modelled",
		};
	});
}
