import { metrics } from "./metrics.js";
import type { Study } from "./study.js";
import { type MetricVerdict, type Thresholds, type Verdict, verdictsOf } from "./verdict.js";

/** One row of the verdict matrix: a study and a knob, a verdict per metric in the order of `metrics`. */
export interface MatrixRow {
	readonly dataset: string;
	readonly population: string;
	readonly selection: Study["selection"];
	readonly barred: boolean;
	readonly knob: string;
	readonly verdicts: readonly MetricVerdict[];
}

/** The verdict matrix over studies, for energy per request. */
export function verdictMatrix(studies: readonly Study[], thresholds: Thresholds): MatrixRow[] {
	return studies.flatMap((study) => {
		const verdicts = verdictsOf(study, "request", thresholds);
		return study.knobs.map(
			(knob): MatrixRow => ({
				dataset: study.dataset,
				population: study.population ?? "",
				selection: study.selection,
				barred: study.barred !== undefined,
				knob,
				verdicts: metrics.flatMap(({ name }) => verdicts.filter((row) => row.knob === knob && row.metric === name)),
			}),
		);
	});
}

/** Short text of a verdict with its correlation: "coupled +0.99". */
export function verdictText({ verdict, correlation }: MetricVerdict): string {
	const short: Record<Verdict, string> = { coupled: "coupled", "adds-information": "adds", undetermined: "?" };
	if (correlation === undefined) return short[verdict];
	return `${short[verdict]} ${correlation < 0 ? "-" : "+"}${Math.abs(correlation).toFixed(2)}`;
}
