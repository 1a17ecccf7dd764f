/** The one entry point: wiring only. Notebooks import these groups; a function's own file documents it. */
import { join } from "node:path";
import { adapt } from "./adaptation/adapt.js";
import { serve } from "./adaptation/serve.js";
import { benchmark } from "./calibration/benchmark.js";
import { isSure, nextCells, startCalibration, withMeasurement } from "./calibration/calibration.js";
import { calibratedEnergies } from "./calibration/energies.js";
import { replay } from "./calibration/replay.js";
import { footprint, startHours } from "./carbon/footprint.js";
import { intensitiesFrom, intensitySeries, readCarbonIntensity } from "./datasets/carbon.js";
import { readEvaluationSettings, readInstruments, readLstm, readReplays } from "./datasets/dataFiles.js";
import { readDeployedRuns } from "./datasets/deployedRuns.js";
import { frameViewReading } from "./datasets/frameView.js";
import { readPublishedSmape } from "./datasets/publishedTables.js";
import {
	readAllEvidence,
	readCellsCsv,
	readEvidence,
	readEvidenceOf,
	writeDatasetFolder,
} from "./datasets/readEvidence.js";
import { packageRoot, planFile } from "./datasets/root.js";
import { readTrace, readWindowLoads, readWindows } from "./datasets/trace.js";
import { deployment } from "./deployment/deployment.js";
import { detectProbes, knownProbes } from "./energy/probes.js";
import { checkRelations } from "./energy/relations.js";
import { InputError } from "./errors.js";
import { evaluate, labelRows, sensitivityOf } from "./evaluation/evaluate.js";
import { knowingValue } from "./evaluation/value.js";
import { valueOnTrace } from "./evaluation/valueOnTrace.js";
import { damped } from "./forecast/loads.js";
import { predictor } from "./forecast/predictors.js";
import { ipaScriptSamples, predictorErrors, splitSamples } from "./forecast/samples.js";
import { compareWithIpa } from "./ipa/compareIpa.js";
import { readPipeline } from "./ipa/readPipeline.js";
import { beyondEnergy } from "./levers/beyondEnergy.js";
import { calibratePlan } from "./measurement/calibratePlan.js";
import { writeMeasuredDataset } from "./measurement/dataset.js";
import { captureEnvironment } from "./measurement/environment.js";
import { readJournal } from "./measurement/journal.js";
import { measurePlan } from "./measurement/measurePlan.js";
import { mergeJournals } from "./measurement/merge.js";
import { detectMeters } from "./measurement/meters.js";
import { readEnergyCoefficients } from "./measurement/modelEnergy.js";
import { readPlan } from "./measurement/plan.js";
import { readVideoGpu } from "./measurement/readVideoGpu.js";
import { summarise as summariseCells } from "./measurement/summary.js";
import { configuration } from "./pipeline/configuration.js";
import { stageEnergy, withModelledEnergy } from "./pipeline/energy.js";
import { pipelineOptions } from "./pipeline/options.js";
import { checkSpec } from "./pipeline/spec.js";
import { edgetunePipeline } from "./profiles/evidencePipelines.js";
import { readVideoDeployment } from "./profiles/servingProfile.js";
import { published, readPreset } from "./published/tolerances.js";
import { integerBelow, seeded } from "./random.js";
import { energyFront, tradeOff } from "./search/energyFront.js";
import { optimize } from "./search/optimum.js";
import { paretoFront } from "./search/pareto.js";
import { feasibleRows, sampleRows, topRows } from "./search/query.js";
import { spaceSize, wholeSpace } from "./search/space.js";
import { verify } from "./search/verify.js";

export { beyondEnergy, InputError, integerBelow, seeded };

/** Tables under data/: the shipped evidence and a user's own, each with its provenance. */
export const datasets = {
	/** The folder of the shipped data. */
	dataRoot: join(packageRoot, "data"),
	/** The file of every threshold that the verdict depends on. */
	settingsFile: join(packageRoot, "data", "evaluation.yaml"),
	frameViewReading,
	intensitiesFrom,
	intensitySeries,
	readAllEvidence,
	readCarbonIntensity,
	readCellsCsv,
	readEvaluationSettings,
	readDeployedRuns,
	readEvidence,
	readEvidenceOf,
	readInstruments,
	readReplays,
	readTrace,
	readWindowLoads,
	readWindows,
	writeDatasetFolder,
} as const;

/** The research question: does energy add information to IPA's metrics? */
export const evaluation = {
	deployment,
	evaluate,
	knowingValue,
	labelRows,
	sensitivityOf,
	valueOnTrace,
} as const;

/** What IPA adapts: profiles, configurations, their latency, accuracy, cost and energy. */
export const pipeline = {
	readEnergyCoefficients,
	readVideoDeployment,
	readPipeline,
	readPreset,
	checkSpec,
	compareWithIpa,
	configuration,
	edgetunePipeline,
	pipelineOptions,
	stageEnergy,
	withModelledEnergy,
} as const;

/** Every configuration of a pipeline, and the best one. */
export const search = {
	energyFront,
	feasibleRows,
	optimize,
	paretoFront,
	sampleRows,
	spaceSize,
	topRows,
	tradeOff,
	verify,
	wholeSpace,
} as const;

/** IPA's adaptation loop over a trace. */
export const adaptation = {
	...published,
	adapt,
	damped,
	ipaScriptSamples,
	predictor,
	predictorErrors,
	readLstm,
	readPublishedSmape,
	serve,
	splitSamples,
} as const;

/** Grams of CO2-equivalent of a run, by hour and place. */
export const carbon = { footprint, startHours } as const;

/** Few measured cells, the rest predicted, until the choice is sure. */
export const calibration = {
	benchmark,
	calibratedEnergies,
	isSure,
	nextCells,
	replay,
	startCalibration,
	withMeasurement,
} as const;

/** From a plan to measured cells. */
export const measurement = {
	calibratePlan,
	captureEnvironment,
	detectMeters,
	measurePlan,
	mergeJournals,
	planFile,
	readJournal,
	readPlan,
	readVideoGpu,
	summariseCells,
	writeMeasuredDataset,
} as const;

/** Energy sources of this machine, and what two of them must agree on. */
export const energy = { checkRelations, detectProbes, knownProbes } as const;

export { saveFigure } from "./jupyter/images.js";
export {
	calibrating,
	energyAware,
	figures,
	levers,
	measuring,
	notebook,
	plots,
	space,
	tables,
	trace,
	videoGpu,
} from "./report/groups.js";
export type * from "./types.js";
