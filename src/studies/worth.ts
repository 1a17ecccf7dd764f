import type { Evaluation } from "../evaluation/evaluate.js";
import type { DeviceClass, Evidence } from "../evaluation/evidence.js";
import type { Estimate } from "../evaluation/spending.js";
import type { KnowingValue, Policy } from "../evaluation/value.js";
import type { TraceValue } from "../evaluation/valueOnTrace.js";

/** What the study rests on: a data set, with what of it is used. */
export interface EvidenceUse {
	readonly data_set: string;
	readonly device: readonly DeviceClass[];
	readonly meter: string;
	readonly kind: string;
	readonly cells: number;
	readonly cells_used: number;
	readonly variants: number;
	readonly populations: number;
	/** Cells left out, by reason. */
	readonly left_out: readonly string[];
}

/**
 * What a study rests on, a row a data set.
 *
 * @example
 * const evidence = await datasets.readEvidenceOf([`${datasets.dataRoot}/raw/edgetune`]);
 * const study = evaluation.evaluate(evidence, await datasets.readEvaluationSettings());
 * const [edgetune] = studies.evidenceUse(evidence, study);
 * edgetune.cells_used <= edgetune.cells; // → true
 */
export function evidenceUse(evidence: readonly Evidence[], { datasets }: Pick<Evaluation, "datasets">): EvidenceUse[] {
	return evidence.map(({ dataset, provenance, cells }) => {
		const use = datasets.find((one) => one.dataset === dataset);
		return {
			data_set: provenance.title,
			device: [...new Set(cells.map(({ device }) => device))],
			meter: provenance.energy_method,
			kind: provenance.kind,
			cells: cells.length,
			cells_used: use?.cells ?? 0,
			variants: new Set(cells.map(({ variant, network }) => network ?? variant)).size,
			populations: use?.populations ?? 0,
			left_out: Object.entries(use?.leftOut ?? {}).map(([reason, count]) => `${count}: ${reason}`),
		};
	});
}

/** Which of the values are told: at one tolerance, under one accounting. */
export interface ValueView {
	readonly tolerance: number;
	readonly accounting: KnowingValue["accounting"];
}

/** Energy above the least, at the highest quantile of the scenarios that the settings name. */
export interface Wasted {
	readonly device: DeviceClass;
	/** Absent for the class as a whole. */
	readonly data_set?: string;
	/** Idle power, of the machine's least power, where it was not measured. */
	readonly idle_share: number;
	readonly scenarios: number;
	/** Scenarios in which more than one option is equally good. */
	readonly with_choice: number;
	readonly networks: number;
	/** By policy, of the least energy; absent where the policy says nothing, and where there was nothing to choose. */
	readonly wasted_share: Readonly<Partial<Record<Policy, Estimate>>>;
	/** By IPA's own choice; absent where the scenarios have several units of request. */
	readonly wasted_j_per_request?: Estimate;
	readonly request_units: readonly string[];
	/** Why nothing is wasted nor saved, where in no scenario more than one option was equally good. */
	readonly because?: string;
}

const nothingToChoose = "nothing to choose: in no scenario were two configurations equally good";

/**
 * What choosing without a meter wastes, a row a device class, data set and idle power.
 *
 * @example
 * studies.wasted([], { tolerance: 0.01, accounting: "dedicated" }); // → []
 */
export function wasted(values: readonly KnowingValue[], { tolerance, accounting }: ValueView): Wasted[] {
	return values
		.filter((value) => value.tolerance === tolerance && value.accounting === accounting)
		.map(({ device, dataset, idle_share, scenarios, with_choice, networks, policies, request_units }) => {
			const told = with_choice === 0 ? [] : policies;
			const own = told.find(({ policy }) => policy === "ipa")?.extra.at(-1)?.amount;
			return {
				device,
				...(dataset === undefined ? {} : { data_set: dataset }),
				idle_share,
				scenarios,
				with_choice,
				networks,
				wasted_share: Object.fromEntries(
					told.flatMap(({ policy, extra }) => {
						const share = extra.at(-1)?.share;
						return share === undefined ? [] : [[policy, share]];
					}),
				),
				...(own === undefined ? {} : { wasted_j_per_request: own }),
				request_units,
				...(with_choice === 0 ? { because: nothingToChoose } : {}),
			};
		});
}

/** Energy above the least on a window of a trace, at the highest quantile of the choice sets. */
export interface WastedOnTrace {
	readonly device: DeviceClass;
	readonly window: string;
	readonly idle_share: number;
	/** By policy; absent where there was nothing to choose. */
	readonly wasted_kwh_per_day: Readonly<Partial<Record<Policy, Estimate>>>;
	/** Why there is none. */
	readonly because?: string;
}

/**
 * kWh a day above the least on each window of a trace, a row a device class and window.
 *
 * @example
 * studies.wastedOnTrace([], "dedicated"); // → []
 */
export function wastedOnTrace(values: readonly TraceValue[], accounting: TraceValue["accounting"]): WastedOnTrace[] {
	return values
		.filter((value) => value.accounting === accounting && value.dataset === undefined)
		.map(({ device, window, idle_share, with_choice, policies }) => ({
			device,
			window,
			idle_share,
			wasted_kwh_per_day: Object.fromEntries(
				(with_choice === 0 ? [] : policies).flatMap(({ policy, extra }) => {
					const amount = extra.at(-1)?.amount;
					return amount === undefined ? [] : [[policy, amount]];
				}),
			),
			...(with_choice === 0 ? { because: nothingToChoose } : {}),
		}));
}
