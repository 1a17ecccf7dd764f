import type { Configuration } from "../../pipeline/configuration.js";
import type { PipelineSpec } from "../../pipeline/spec.js";
import { optimize } from "../../search/optimum.js";

/** What is chosen at a load without and with energy in the objective. */
export interface LoadChoice {
	readonly rate_rps: number;
	readonly without?: Configuration;
	readonly with?: Configuration;
	/** Why nothing is chosen. */
	readonly infeasible?: string;
}

/** The optimum at each arrival rate, requests/s, without energy and with the pipeline's own delta or prices. */
export function choicesByLoad(spec: PipelineSpec, rates_rps: readonly number[]): LoadChoice[] {
	const { prices: _, ...unpriced } = spec;
	return rates_rps.map((rate_rps) => {
		const plain = optimize({ ...unpriced, weights: { ...spec.weights, delta: 0 }, arrival_rate_rps: rate_rps });
		const aware = optimize({ ...spec, arrival_rate_rps: rate_rps });
		if (plain.status === "infeasible") return { rate_rps, infeasible: plain.detail };
		return {
			rate_rps,
			without: plain.configuration,
			...(aware.status === "optimal" ? { with: aware.configuration } : { infeasible: aware.detail }),
		};
	});
}

/** Rows for a table: both choices, what they take, and the kind of those energies. `resource`: what is allocated. */
export function choiceRows(choices: readonly LoadChoice[], resource = "core"): Record<string, string | number>[] {
	return choices.map(({ rate_rps, without, with: aware, infeasible }) => {
		if (without === undefined || aware === undefined)
			return {
				"load (1/s)": rate_rps,
				"without energy": `none: ${infeasible}`,
				"with energy": "",
				"J/request": "",
				"saved (%)": "",
				kind: "",
			};
		const before = joules(without);
		const after = joules(aware);
		const chosen = describeChoice(without, resource);
		const awareChosen = describeChoice(aware, resource);
		return {
			"load (1/s)": rate_rps,
			"without energy": chosen,
			"with energy": awareChosen === chosen ? "the same" : awareChosen,
			"J/request": Number(after.toPrecision(4)),
			"saved (%)": Number((100 * (1 - after / before)).toFixed(1)),
			...withNode(without, aware),
			kind: kindText(aware),
		};
	});
}

/** `yolov5n (1 core, batch 4) x 2, resnet18 (1 core, batch 1) x 1`. */
export function describeChoice({ stages }: Configuration, resource = "core"): string {
	return stages
		.map(
			({ variant, cores, batch, replicas }) =>
				`${variant} (${cores} ${cores === 1 ? resource : `${resource}s`}, batch ${batch}) x ${replicas}`,
		)
		.join(", ");
}

/** The same two with the shared node's floor charged to the pipeline, where its spec names a node. */
function withNode({ energy: before }: Configuration, { energy: after }: Configuration): Record<string, number> {
	const [most, charged] = [before, after].map((energy) =>
		energy.status === "available" ? energy.with_floor?.energy_j_per_request : undefined,
	);
	return most === undefined || charged === undefined
		? {}
		: {
				"J/request with the node": Number(charged.toPrecision(4)),
				"saved with the node (%)": Number((100 * (1 - charged / most)).toFixed(1)),
			};
}

function joules({ energy }: Configuration): number {
	if (energy.status === "unavailable") throw new RangeError(energy.reason);
	return energy.energy_j_per_request;
}

/** Kind of a configuration's energy, and of its busy part where that is another. */
export function kindText({ energy }: Configuration): string {
	if (energy.status === "unavailable") return "";
	const { kind, marginal_kind } = energy;
	return kind === marginal_kind ? kind : `${kind} (busy part ${marginal_kind})`;
}
