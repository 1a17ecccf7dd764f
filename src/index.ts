/** The one entry point: wiring only. Notebooks import these groups; a function's own file documents it. */
import { join } from "node:path";
import { adapt } from "./adaptation/adapt.js";
import { compareWindows } from "./adaptation/compareSystems.js";
import { serve } from "./adaptation/serve.js";
import { isSure, nextCells, startCalibration, withMeasurement } from "./calibration/calibration.js";
import { calibratedEnergies } from "./calibration/energies.js";
import { intensitiesFrom, intensitySeries, readCarbonIntensity } from "./datasets/carbon.js";
import { readEvaluationSettings, readInstruments, readLstm, readReplays } from "./datasets/dataFiles.js";
import { frameViewReading } from "./datasets/frameView.js";
import { readEvidence, readEvidenceOf } from "./datasets/readEvidence.js";
import { packageRoot } from "./datasets/root.js";
import { readTrace, readWindows } from "./datasets/trace.js";
import { deployment } from "./deployment/deployment.js";
import { detectProbes } from "./energy/probes.js";
import { InputError } from "./errors.js";
import { evaluate, labelRows, sensitivityOf } from "./evaluation/evaluate.js";
import { knowingValue } from "./evaluation/value.js";
import { valueOnTrace } from "./evaluation/valueOnTrace.js";
import { damped } from "./forecast/loads.js";
import { readPipeline } from "./ipa/readPipeline.js";
import { beyondEnergy } from "./levers/beyondEnergy.js";
import { captureEnvironment } from "./measurement/environment.js";
import { readJournal } from "./measurement/journal.js";
import { measurePlan } from "./measurement/measurePlan.js";
import { readEnergyCoefficients } from "./measurement/modelEnergy.js";
import { readPlan } from "./measurement/plan.js";
import { readVideoGpu } from "./measurement/readVideoGpu.js";
import { configuration } from "./pipeline/configuration.js";
import { withModelledEnergy } from "./pipeline/energy.js";
import { pipelineOptions } from "./pipeline/options.js";
import { edgetunePipeline } from "./profiles/evidencePipelines.js";
import { readVideoDeployment } from "./profiles/servingProfile.js";
import {
	compareLatencies,
	comparePredictorErrors,
	comparePredictors,
	compareWeights,
} from "./published/compareServing.js";
import { readPreset } from "./published/presets.js";
import { comparePublishedRuns } from "./published/tolerances.js";
import { energyFront } from "./search/energyFront.js";
import { optimize } from "./search/optimum.js";
import { paretoFront } from "./search/pareto.js";
import { configurationRows, feasibleRows, sampleRows } from "./search/query.js";
import { wholeSpace } from "./search/space.js";
import { verify } from "./search/verify.js";
import { choicesByLoad, conclusions, optimaByLoad, savings, spaceOverview } from "./studies/choices.js";
import { deployed } from "./studies/deployed.js";
import { footprints } from "./studies/footprints.js";
import { planTimes, runSummary } from "./studies/measured.js";
import { calibrationTables, replaySummary } from "./studies/replays.js";
import { changes, choiceShares, startHoursByZone, weekTotals, windowTotals } from "./studies/runs.js";
import { gpuChoices, videoGpu } from "./studies/videoGpu.js";
import { evidenceUse, wasted, wastedOnTrace } from "./studies/worth.js";

export { beyondEnergy, InputError };

/** Tables under data/: the shipped evidence and a user's own, each with its provenance. */
export const datasets = {
	/** The folder of the shipped data. */
	dataRoot: join(packageRoot, "data"),
	frameViewReading,
	intensitiesFrom,
	intensitySeries,
	readCarbonIntensity,
	readEvaluationSettings,
	readEvidence,
	readEvidenceOf,
	readInstruments,
	readReplays,
	readTrace,
	readWindows,
} as const;

/** The research question: does energy add information to IPA's metrics? */
export const evaluation = { deployment, evaluate, knowingValue, labelRows, sensitivityOf, valueOnTrace } as const;

/** What IPA adapts: profiles, configurations, their latency, accuracy, cost and energy. */
export const pipeline = {
	configuration,
	edgetunePipeline,
	pipelineOptions,
	readEnergyCoefficients,
	readPipeline,
	readPreset,
	readVideoDeployment,
	withModelledEnergy,
} as const;

/** Every configuration of a pipeline, and the best one. */
export const search = {
	configurationRows,
	energyFront,
	feasibleRows,
	optimize,
	paretoFront,
	sampleRows,
	verify,
	wholeSpace,
} as const;

/** IPA's adaptation loop over a trace, and its published runs beside ours. */
export const adaptation = {
	adapt,
	compareLatencies,
	comparePredictorErrors,
	comparePredictors,
	comparePublishedRuns,
	compareWeights,
	compareWindows,
	damped,
	readLstm,
	serve,
} as const;

/** What tables and figures show, raw: nothing rounded, units in the fields' names. */
export const studies = {
	calibration: calibrationTables,
	changes,
	choicesByLoad,
	choiceShares,
	conclusions,
	deployed,
	evidenceUse,
	footprints,
	gpuChoices,
	optimaByLoad,
	planTimes,
	replaySummary,
	runSummary,
	savings,
	space: spaceOverview,
	startHoursByZone,
	videoGpu,
	wasted,
	wastedOnTrace,
	weekTotals,
	windowTotals,
} as const;

/** Few measured cells, the rest predicted, until the choice is sure. */
export const calibration = {
	calibratedEnergies,
	isSure,
	nextCells,
	startCalibration,
	withMeasurement,
} as const;

/** From a plan to measured cells. */
export const measurement = {
	captureEnvironment,
	measurePlan,
	readJournal,
	readPlan,
	readVideoGpu,
} as const;

/** Energy sources of this machine. */
export const energy = { detectProbes } as const;

export { saveFigure } from "./jupyter/images.js";
export { figures, notebook, words } from "./report/groups.js";
export type * from "./types.js";
