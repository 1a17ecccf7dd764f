/**
 * The adaptation loop: five systems of each pipeline over each window, and the three-week trace, decisions and queues
 * apart. Seconds of the processor, not of the clock: what runs beside it does not count.
 */
import { join } from "node:path";
import { adapt } from "../src/adaptation/adapt.js";
import { adaptationDefaults, compareSystems, serveOptions } from "../src/adaptation/compareSystems.js";
import { serve } from "../src/adaptation/serve.js";
import { decider, initialPlan, systemSpec } from "../src/adaptation/systems.js";
import { readLstm } from "../src/datasets/dataFiles.js";
import { packageRoot } from "../src/datasets/root.js";
import { readTrace, readWindows } from "../src/datasets/trace.js";
import { damped } from "../src/forecast/loads.js";
import { predictor } from "../src/forecast/predictors.js";
import { readPipeline } from "../src/ipa/readPipeline.js";
import { readEnergyCoefficients } from "../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../src/pipeline/energy.js";

const pipelines = ["video", "audio-qa", "audio-sent", "sum-qa", "nlp"] as const;
const coefficients = await readEnergyCoefficients();
const { weights } = await readLstm(join(packageRoot, "data/models/lstm.json"));
const lstm = predictor("lstm", weights);

function seconds(run: () => void): number {
	const start = process.cpuUsage();
	run();
	const { user, system } = process.cpuUsage(start);
	return (user + system) / 1e6;
}

const windows = await readWindows(join(packageRoot, "data/raw/twitter/twitter-workload-windows.csv"));
for (const pipeline of pipelines) {
	const given = withModelledEnergy(await readPipeline(pipeline), coefficients);
	const spec = { ...given, prices: { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 } };
	const taken = [...windows.values()].map(({ name, rps_damped8 }) => {
		const own = seconds(() => void compareSystems({ spec }, rps_damped8, { predictor: lstm }));
		return `${name} ${own.toFixed(2)} s`;
	});
	console.log(`${pipeline}, five systems over 1200 s: ${taken.join(", ")}`);
}

const video = withModelledEnergy(await readPipeline(), coefficients);
const spec = { ...video, weights: { ...video.weights, delta: 0.1 } };
const options = serveOptions({ spec }, {});
const trace = await readTrace(join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz"));
const rps = damped(trace.subarray(0, 21 * 24 * 3600), 8);
const { interval_s, history_s } = adaptationDefaults;
for (const name of ["max", "arima", "lstm"] as const) {
	const aware = systemSpec(spec, "ipa-energy", { energy: true });
	const [decide, initial] = [decider(aware), initialPlan(aware)];
	let steps: ReturnType<typeof adapt> = [];
	const decisions_s = seconds(() => {
		steps = adapt(rps, { interval_s, history_s, predictor: predictor(name, weights), decide, initial });
	});
	const queues =
		name === "max" ? `, queues of all requests ${seconds(() => void serve(rps, steps, options)).toFixed(1)} s` : "";
	console.log(
		`three weeks, ${steps.length} decisions of IPA with energy, ${name}: ${decisions_s.toFixed(1)} s${queues}`,
	);
}
