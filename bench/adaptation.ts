/** The adaptation loop: five systems over each window, and the three-week trace, decisions and queues apart. */
import { join } from "node:path";
import { adapt } from "../src/adaptation/adapt.js";
import { adaptationDefaults, compareSystems } from "../src/adaptation/compareSystems.js";
import { predictor } from "../src/adaptation/predictors.js";
import { serve } from "../src/adaptation/serve.js";
import { decider, systemSpec } from "../src/adaptation/systems.js";
import { damped } from "../src/adaptation/trace.js";
import { packageRoot } from "../src/datasets/root.js";
import { readTrace, readWindows } from "../src/datasets/trace.js";
import { readLstm } from "../src/ipa/lstmFile.js";
import { readPipeline } from "../src/ipa/readPipeline.js";
import { readEnergyCoefficients } from "../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../src/pipeline/modelledEnergy.js";
import { pipelineOptions } from "../src/pipeline/options.js";

const given = withModelledEnergy(await readPipeline(), await readEnergyCoefficients());
const spec = { ...given, weights: { ...given.weights, delta: 0.1 } };
const { weights } = await readLstm(join(packageRoot, "data/models/lstm.json"));
const lstm = predictor("lstm", weights);
const { sla_s } = pipelineOptions(spec);

function seconds(run: () => void): number {
	const start = performance.now();
	run();
	return (performance.now() - start) / 1000;
}

const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
for (const { name, rps_damped8 } of windows.values()) {
	const taken = seconds(() => void compareSystems(spec, rps_damped8, { predictor: lstm }));
	console.log(`${name} (${rps_damped8.length} s), five systems: ${taken.toFixed(2)} s`);
}

const trace = await readTrace(join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz"));
const rps = damped(trace.subarray(0, 21 * 24 * 3600), 8);
const { interval_s, history_s, startup_s, batchTimeout_s, dropAfterSlas, seed } = adaptationDefaults;
for (const name of ["max", "arima", "lstm"] as const) {
	const decide = decider(systemSpec(spec, "ipa-energy", adaptationDefaults.rimReplicas));
	let steps: ReturnType<typeof adapt> = [];
	const decisions_s = seconds(() => {
		steps = adapt(rps, { interval_s, history_s, startup_s, predictor: predictor(name, weights), decide });
	});
	const options = { sla_s, batchTimeout_s, dropAfterSlas, interval_s, startup_s, seed };
	const queues =
		name === "max" ? `, queues of all requests ${seconds(() => void serve(rps, steps, options)).toFixed(1)} s` : "";
	console.log(
		`three weeks, ${steps.length} decisions of IPA with energy, ${name}: ${decisions_s.toFixed(1)} s${queues}`,
	);
}
