/** IPA's own program beside ours in one run: rows a second, and its Gurobi decisions. Skipped without IPA_HOME. */
import { compareWithIpa } from "../src/ipa/compareIpa.js";
import { readPipeline } from "../src/ipa/readPipeline.js";
import { pipelineOptions } from "../src/pipeline/options.js";
import { optimizePipeline } from "../src/search/optimum.js";

const ipaHome = process.env.IPA_HOME;
if (ipaHome === undefined) console.log("IPA's own program: skipped (IPA_HOME names no checkout)");
else {
	const python = process.env.IPA_PYTHON ?? "python3";
	const video = { ...(await readPipeline()), scaling_cap: 2 };
	for (let i = 0; i < 100; i++) optimizePipeline(pipelineOptions(video));
	const asked = await compareWithIpa(video, { ipaHome, python, enumerate: { limit: 2000 } });
	if (asked.status !== "compared") throw new Error(asked.reason);
	const { ours, ipa } = asked.comparison.rowsPerSecond;
	console.log(
		`Video, rows a second: ${ours.toFixed(0)} here, ${ipa.toFixed(0)} by IPA's Python on 2000 rows: ${(ours / ipa).toFixed(0)} times`,
	);
	for (const arrival_rate_rps of [1, 3, 10, 20]) {
		const outcome = await compareWithIpa(
			{ ...video, arrival_rate_rps },
			{ ipaHome, python, enumerate: false, gurobi: true },
		);
		if (outcome.status !== "compared") throw new Error(outcome.reason);
		const gurobi = outcome.comparison.gurobi;
		if (gurobi?.status !== "answered") {
			console.log(`Video at ${arrival_rate_rps} requests/s, Gurobi: ${gurobi?.status}: ${gurobi?.reason}`);
			continue;
		}
		const { seconds, objective, over_sla_s, loosened_s } = gurobi;
		console.log(
			`Video at ${arrival_rate_rps} requests/s: Gurobi ${(1000 * seconds.ipa).toFixed(0)} ms, exact optimum here ${(1000 * seconds.ours).toFixed(2)} ms (${(seconds.ipa / seconds.ours).toFixed(0)} times); objectives ${objective.ipa.toFixed(6)} and ${objective.published?.toFixed(6) ?? "infeasible"}; SLA loosened by ${loosened_s.toFixed(1)} s, ${over_sla_s > 0 ? `missed by ${over_sla_s.toFixed(2)} s` : "kept"}`,
		);
	}
}
