import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { carbonFile } from "../../src/datasets/carbonFile.js";
import { cellsOf } from "../../src/datasets/cellsCsv.js";
import { csvTable } from "../../src/datasets/csv.js";
import { readEvaluationSettings, readLstm } from "../../src/datasets/dataFiles.js";
import { frameViewReading } from "../../src/datasets/frameView.js";
import { readTrace, readWindows } from "../../src/datasets/trace.js";
import { parseEtrace2 } from "../../src/energy/etrace2.js";
import { parseNvidiaLine } from "../../src/energy/nvidiaSmi.js";
import { parsePerfCsv, parsePerfJson } from "../../src/energy/perfOutput.js";
import { energyCeiling_j } from "../../src/energy/plausible.js";
import { readExperiment } from "../../src/ipa/experiment.js";
import { parseRequest } from "../../src/ipa/readPipeline.js";
import { readResult } from "../../src/ipa/readSeries.js";
import { parseNotebook } from "../../src/jupyter/ipynb.js";
import { reportHtml } from "../../src/jupyter/page.js";
import { readJournal } from "../../src/measurement/journal.js";
import { readEnergyCoefficients } from "../../src/measurement/modelEnergy.js";
import { parsePlan } from "../../src/measurement/plan.js";
import { optimizeUntil } from "../../src/search/optimum.js";

/** One reader: what it is given, and what of an answer cannot be true. */
export interface FuzzedReader {
	readonly name: string;
	readonly seeds: readonly Buffer[];
	/** Throws where the input is bad; gives sentences where an answer is outside physics. */
	readonly read: (bytes: Buffer, file: string) => Promise<readonly string[]> | readonly string[];
}

const faults = "test/fixtures/faults";
const fault = (...names: string[]) => names.map((name) => readFileSync(join(faults, name)));
const shipped = (...files: string[]) => files.map((file) => readFileSync(file));
const head = (file: string, bytes: number) => readFileSync(file).subarray(0, bytes);
const written = (file: string, bytes: Buffer) => {
	writeFileSync(file, bytes);
	return file;
};
const wrong = (checks: readonly (readonly [string, boolean])[]) => checks.flatMap(([said, bad]) => (bad ? [said] : []));
const positive = (value: number | undefined) => value === undefined || (value > 0 && Number.isFinite(value));

/** Whether every number in an answer, however deep, is one. */
function allFinite(value: unknown): boolean {
	if (typeof value === "number") return Number.isFinite(value);
	return typeof value !== "object" || value === null || Object.values(value).every(allFinite);
}

const request = Buffer.from(
	(fault("serve-k-1e6.jsonl")[0] as Buffer).toString().split("\n")[1]?.replace('"id"', '"ties": true, "k": 5, "id"') ??
		"",
);
const experiment = Buffer.from(
	JSON.stringify({
		...{ series: 1, pipeline_name: "video", number_tasks: 1, profiling_series: [71], model_name: ["yolo"] },
		...{ task_name: ["crop"], initial_active_model: ["yolov5n"], initial_cpu_allocation: [1], initial_replica: [1] },
		...{ initial_batch: [1], profiling_load: 20, alpha: 2, beta: 1, gamma: 1e-6, scaling_cap: 3, batching_cap: 8 },
		...{ threshold: 4, optimization_method: "exact", allocation_mode: "base", sla_factor: 5, normalize_accuracy: true },
		...{ only_measured_profiles: true, baseline_mode: null, accuracy_method: "sum" },
	}).replaceAll(',"', ',\n"'),
);
const result = Buffer.from(
	'{"throughput": [20, NaN], "responses": [[{"times": {"request": {"sending": 0, "arrival": 1}, "models": {"m": {"arrival": 0.25, "serving": 0.75}}}}]]}',
);
const frameView = Buffer.from(
	`TimeInSeconds,PCAT Power Total(W)\n${Array.from({ length: 30 }, (_, i) => `${i / 10},${100 + i}\n`).join("")}`,
);

export const readers: readonly FuzzedReader[] = [
	{
		name: "tables of cells",
		seeds: [
			...fault("cells-empty-rows.csv", "cells-energy-overflows.csv"),
			head("data/raw/video-quick/cells.csv", 4000),
		],
		read: (bytes, file) =>
			cellsOf(csvTable(file, bytes), "d").flatMap(({ energy, latency_s, throughput_rps, allocation, batch }) =>
				wrong([
					["a latency or throughput of 0 or less", !positive(latency_s) || !positive(throughput_rps)],
					["an allocation or batch of 0 or less", !positive(allocation) || !positive(batch)],
					[
						"an energy of 0 or less, or past what can be",
						energy.status === "available" &&
							!(positive(energy.energy_j_per_request) && energy.energy_j_per_batch <= energyCeiling_j * 1.01 * batch),
					],
				]),
			),
	},
	{
		name: "requests to the optimiser",
		seeds: [
			request,
			...fault("serve-k-with-a-great-cap.jsonl").map((own) => Buffer.from(own.toString().split("\n")[0] ?? "")),
		],
		read: (bytes) => {
			const asked = parseRequest("request", bytes.toString());
			const end = performance.now() + 500;
			const found = optimizeUntil(asked.pipeline, { ...asked, stop: () => performance.now() > end });
			JSON.stringify(found);
			if (found.status === "infeasible" || found.configuration === undefined) return [];
			const { latency_s, throughput_rps, cost_cores, objective, energy, feasible } = found.configuration;
			return wrong([
				["an answer that is not feasible", !feasible],
				["a latency, throughput or cost of 0 or less", ![latency_s, throughput_rps, cost_cores].every(positive)],
				["an objective that is no number", !Number.isFinite(objective)],
				["an energy below 0", energy.status === "available" && !(energy.energy_j_per_request >= 0)],
			]);
		},
	},
	{
		name: "plans",
		seeds: [
			...fault("plan-variant-with-cr.yaml", "tiny-plan.json"),
			...readdirSync("data/plans").map((name) => readFileSync(join("data/plans", name))),
		],
		read: (bytes) => wrong([["a window of 0 s or less", !positive(parsePlan(bytes.toString(), "plan").window_s)]]),
	},
	{
		name: "notebooks and their reports",
		seeds: [...fault("notebook-stream-name.ipynb"), ...shipped("test/fixtures/notebooks/exception.ipynb")],
		read: (bytes) => {
			const html = reportHtml(parseNotebook(bytes.toString(), "n"), "");
			return wrong([
				[
					"a script of the notebook's own",
					(html.match(/<script/g) ?? []).length > 2 + (html.match(/application\/json/g) ?? []).length,
				],
			]);
		},
	},
	{
		name: "a forecast's weights",
		seeds: fault("lstm-inputs-200.json").map((own) =>
			Buffer.from(own.toString().replace('"inputs": 200', '"inputs": 12')),
		),
		read: async (bytes, file) =>
			wrong([["more inputs than are kept", (await readLstm(written(file, bytes))).weights.inputs > 12]]),
	},
	{
		name: "traces",
		seeds: [Buffer.from("1\n22\n333\n".repeat(20))],
		read: async (bytes, file) =>
			wrong([["requests below 0", (await readTrace(written(file, bytes))).some((n) => n < 0)]]),
	},
	{
		name: "windows of a trace",
		seeds: [...fault("windows-count-above-int32.csv"), head("data/raw/twitter/twitter-workload-windows.csv", 2000)],
		read: async (bytes, file) =>
			[...(await readWindows(written(file, bytes))).values()].flatMap(({ raw_count }) =>
				wrong([["requests below 0", raw_count.some((n) => n < 0)]]),
			),
	},
	{
		name: "the study's settings",
		seeds: shipped("data/evaluation.yaml"),
		read: async (bytes, file) => {
			const settings = await readEvaluationSettings(written(file, bytes));
			return wrong([["a threshold that is no number", !allFinite(settings)]]);
		},
	},
	{
		name: "coefficients of a model of energy",
		seeds: [...fault("coefficients-not-yaml.yaml"), ...shipped("data/energy-coefficients.yaml")],
		read: async (bytes, file) => {
			const coefficients = await readEnergyCoefficients(written(file, bytes));
			return wrong([["watts that are no number", !allFinite(coefficients)]]);
		},
	},
	{
		name: "IPA's experiments",
		seeds: [experiment],
		read: async (bytes, file) => wrong([["no tasks", (await readExperiment(written(file, bytes))).tasks.length === 0]]),
	},
	{
		name: "IPA's profiling results",
		seeds: [result],
		read: async (bytes, file) => {
			const { latencies_s, throughputs_rps } = await readResult(written(file, bytes), "m");
			return wrong([["a time that is no number", ![...latencies_s, ...throughputs_rps].every(Number.isFinite)]]);
		},
	},
	{
		name: "carbon intensities",
		seeds: [
			Buffer.from(
				'{"zone": "GB", "history": [{"zone": "GB", "carbonIntensity": 100, "datetime": "2024-01-01T00:00:00.000Z"},\n{"zone": "GB", "carbonIntensity": 120, "datetime": "2024-01-01T01:00:00.000Z"}]}',
			),
			Buffer.from(
				"Datetime (UTC),Zone id,Carbon intensity gCO₂eq/kWh (direct)\n2024-01-01 00:00:00,GB,100\n2024-01-01 01:00:00,GB,120\n",
			),
			...shipped("test/fixtures/carbon/carbon-gap/ci.csv"),
		],
		read: async (bytes, file) =>
			(await carbonFile(written(file, bytes))).flatMap(({ intensity_g_per_kwh }) =>
				wrong([["grams that are no number", !Number.isFinite(intensity_g_per_kwh)]]),
			),
	},
	{
		name: "journals",
		seeds: fault("journal-repetition-twice.jsonl", "journal-session-unknown.jsonl", "journal-two-headers.jsonl"),
		read: (bytes, file) => {
			readJournal(written(file, bytes));
			return [];
		},
	},
	{
		name: "FrameView's recordings",
		seeds: [frameView, ...fault("frameview-power-1e308.csv")],
		read: async (bytes, file) => {
			const outcome = await frameViewReading(written(file, bytes));
			return wrong([["joules that are no number", !allFinite(outcome)]]);
		},
	},
	...(
		[
			["etrace2", fault("etrace2-without-dram1.txt", "etrace2-cut-after-socket0.txt"), parseEtrace2],
			["perf's JSON", fault("perf-without-s1-package.json", "perf-counters-1e9.json"), parsePerfJson],
			["perf's CSV", [Buffer.from("1.000000000,S0,1,50.12,Joules,power/energy-pkg/,1000000,100.00,,\n")], parsePerfCsv],
			["nvidia-smi's lines", fault("nvidia-power-hex.txt", "nvidia-power-99999.txt"), parseNvidiaLine],
		] as const
	).map(
		([name, seeds, parse]): FuzzedReader => ({
			name,
			seeds,
			read: (bytes) => wrong([["a number that is none", !allFinite(parse(bytes.toString()))]]),
		}),
	),
];
