import type { Plan } from "../adaptation/adapt.js";
import type { SystemRow } from "../adaptation/compareSystems.js";
import type { Footprint } from "../carbon/footprint.js";
import { csvField } from "./csv.js";
import { writeAside } from "./file.js";

/** What a system came to, with its emissions where a place and an hour are given and it has an energy. */
export type CarbonRow = SystemRow & { readonly carbon: Footprint | undefined };

const columns = [
	"system",
	"status",
	"at_s",
	"requests",
	"late_or_dropped",
	"predicted_rps",
	"decided",
	"changed",
	"infeasible",
	"accuracy",
	"cost_cores",
	"energy_j",
	"energy_kind",
	"carbon_g",
	"reason",
] as const;

type SeriesRow = { readonly [Column in (typeof columns)[number]]?: string | number | boolean | undefined };

/**
 * Writes a row a decision of every system, aside first and then renamed. `reason` says why a system was not served, or
 * why there is no energy; such a field is empty, never 0. `decided` is the plan of the step, which takes over after the
 * start-up; accuracy, cores and energy are those of the interval.
 */
export async function writeSeries(file: string, rows: readonly CarbonRow[]): Promise<void> {
	await writeAside(file, lines(rows));
}

function* lines(rows: readonly CarbonRow[]): Generator<string> {
	yield `${columns.join(",")}\n`;
	for (const row of rows)
		for (const values of seriesOf(row)) yield `${columns.map((column) => csvField(values[column])).join(",")}\n`;
}

function* seriesOf({ system, outcome, carbon }: CarbonRow): Generator<SeriesRow> {
	if (outcome.status !== "served") {
		yield { system, status: outcome.status, reason: outcome.reason };
		return;
	}
	const { served, steps } = outcome;
	const { energy } = served;
	for (const [k, { at_s, predicted_rps, plan, changed, infeasible }] of steps.entries())
		yield {
			system,
			status: outcome.status,
			at_s,
			requests: served.requestsByInterval[k],
			late_or_dropped: served.violationsByInterval[k],
			predicted_rps,
			decided: described(plan),
			changed,
			infeasible,
			accuracy: served.accuracy[k],
			cost_cores: served.cost_cores[k],
			...(energy.status === "available"
				? { energy_j: energy.joules[k], energy_kind: energy.kind, carbon_g: carbon?.grams[k] }
				: { reason: energy.reason }),
		};
}

/** `yolov5n cores=1 batch=4 replicas=2; resnet18 cores=1 batch=1 replicas=1`. */
function described({ stages }: Plan): string {
	return stages
		.map(({ variant, cores, batch, replicas }) => `${variant} cores=${cores} batch=${batch} replicas=${replicas}`)
		.join("; ");
}
