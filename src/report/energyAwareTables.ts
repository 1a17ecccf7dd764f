import type { PublishedSmape } from "../datasets/publishedTables.js";
import type { PredictorErrors } from "../forecast/samples.js";
import type { Configuration } from "../pipeline/configuration.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { energyFront, energySaved } from "../search/energyFront.js";
import { optimize } from "../search/optimum.js";
import { type Kind, weakestKind } from "../units.js";

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
function kindText({ energy }: Configuration): string {
	if (energy.status === "unavailable") return "";
	const { kind, marginal_kind } = energy;
	return kind === marginal_kind ? kind : `${kind} (busy part ${marginal_kind})`;
}

/**
 * Rows for a table: the energy saved where a share of what the objective weighs may be lost, at each load. Exact, from the
 * front.
 */
export function savedRows(
	spec: PipelineSpec,
	rates_rps: readonly number[],
	losses: readonly number[] = [0, 0.01, 0.05],
): Record<string, string | number>[] {
	return rates_rps.map((rate_rps) => {
		const front = energyFront({ ...spec, arrival_rate_rps: rate_rps });
		const row: Record<string, string | number> = { pipeline: spec.name, "load (1/s)": rate_rps };
		for (const loss of losses) {
			const column = `saved at ${100 * loss} %`;
			row[`${column} (%)`] = "infeasible";
			if (front.status === "infeasible") continue;
			const { saved, saved_with_floor } = energySaved(front.points, spec.weights, loss);
			row[`${column} (%)`] = Number((100 * saved).toFixed(1));
			if (saved_with_floor !== undefined)
				row[`${column}, with the node (%)`] = Number((100 * saved_with_floor).toFixed(1));
		}
		const best = front.status === "infeasible" ? undefined : front.points[0];
		row["choice without energy"] = best === undefined ? "" : describeChoice(best.configuration);
		row.kind = best === undefined ? "" : kindText(best.configuration);
		return row;
	});
}

/** Rows for a table: for each pipeline what energy would change, and what that statement rests on. */
export function conclusionKindRows(
	specs: readonly PipelineSpec[],
	rates_rps: readonly number[],
	allowedLoss = 0.01,
): Record<string, string>[] {
	return specs.map((spec) => {
		const fronts = rates_rps.map((rate_rps) => ({
			rate_rps,
			front: energyFront({ ...spec, arrival_rate_rps: rate_rps }),
		}));
		const saved = fronts.flatMap(({ rate_rps, front }) =>
			front.status === "infeasible"
				? []
				: [{ rate_rps, share: energySaved(front.points, spec.weights, allowedLoss).saved }],
		);
		const { latency, busy, idle } = kindsOf(spec);
		return {
			pipeline: spec.name,
			[`energy saved at ${100 * allowedLoss} % of what the objective weighs`]:
				saved.length === 0 ? "infeasible" : rangeOf(saved, rates_rps.length - saved.length),
			latency,
			"energy while busy": busy,
			"energy while idle": idle,
			"counts as evidence": verdictOf(busy, idle, latency),
		};
	});
}

function rangeOf(saved: readonly { readonly rate_rps: number; readonly share: number }[], infeasible: number): string {
	const percent = saved.map(({ share }) => 100 * share);
	const [least, most] = [Math.min(...percent), Math.max(...percent)].map((value) => value.toFixed(0));
	const loads = saved.map(({ rate_rps }) => rate_rps).join(", ");
	return `${least} to ${most} % over loads of ${loads}/s${infeasible === 0 ? "" : `; ${infeasible} more infeasible`}`;
}

function verdictOf(busy: Kind, idle: Kind, latency: Kind): string {
	if (busy === "modelled") return "no: computed from latency and cores";
	if (idle === "modelled") return "for the busy part; the idle part is an assumption";
	return latency === "modelled" ? "for the busy part; how long replicas idle follows from modelled latencies" : "yes";
}

function kindsOf({ name, stages }: PipelineSpec): { latency: Kind; busy: Kind; idle: Kind } {
	const points = stages.flatMap((stage) => stage.points);
	const energies = points.map(({ variant, energy }) => {
		if (energy === undefined) throw new RangeError(`${name}: ${variant} has no energy`);
		return energy;
	});
	return {
		latency: weakestKind(points.map(({ kind }) => kind)),
		busy: weakestKind(energies.map(({ kind }) => kind)),
		idle: weakestKind(energies.map(({ kind, idle_kind }) => idle_kind ?? kind)),
	};
}

/**
 * Rows for a table: the predictors' errors on the test week, on the stretch of IPA's own evaluation script, and the
 * figure that IPA states.
 *
 * @param week errors on the test week
 * @param script errors on `ipaScriptSamples`, same predictors
 * @param published IPA's figures, where it states one
 */
export function predictorRows(
	week: readonly PredictorErrors[],
	script: readonly PredictorErrors[],
	published: readonly PublishedSmape[],
): Record<string, string | number>[] {
	return week.map(({ predictor, samples, smape_pct, mae_rps, under }) => {
		const own = script.find((errors) => errors.predictor === predictor);
		const stated = published.find((figure) => figure.predictor === predictor);
		return {
			predictor,
			"SMAPE, test week (%)": Number(smape_pct.toFixed(2)),
			"mean error (1/s)": Number(mae_rps.toFixed(3)),
			"too low (%)": Number((100 * under).toFixed(1)),
			forecasts: samples,
			"SMAPE, IPA script's 20 min (%)": own === undefined ? "not run" : Number(own.smape_pct.toFixed(2)),
			"SMAPE as IPA states it (%)": stated === undefined ? "none found" : stated.smape_pct,
			"its source": stated === undefined ? "" : stated.source,
		};
	});
}
