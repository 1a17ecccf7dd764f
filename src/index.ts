/** The one entry point: wiring only. Notebooks import these groups; a function's own file documents it. */
import { join } from "node:path";
import { adapt } from "./adaptation/adapt.js";
import { serve } from "./adaptation/serve.js";
import { drawScenarios } from "./calibration/belief.js";
import { benchmark, cellsNeeded } from "./calibration/benchmark.js";
import { isSure, nextCells, startCalibration, withMeasurement } from "./calibration/calibration.js";
import { calibratedEnergies } from "./calibration/energies.js";
import { measuredMachines, replay } from "./calibration/replay.js";
import { footprint, startHours } from "./carbon/footprint.js";
import { intensitiesFrom, intensitySeries, readCarbonIntensity } from "./datasets/carbon.js";
import { readEvaluationSettings, readInstruments, readLstm, readReplays } from "./datasets/dataFiles.js";
import { readDeployedRuns, readPowerLogs } from "./datasets/deployedRuns.js";
import { frameViewReading } from "./datasets/frameView.js";
import { readPublishedSmape } from "./datasets/publishedTables.js";
import { readAllEvidence, readCellsCsv, readEvidence, writeDatasetFolder } from "./datasets/readEvidence.js";
import { packageRoot, planFile } from "./datasets/root.js";
import { readTrace, readWindowLoads, readWindows } from "./datasets/trace.js";
import { corePowerOf, deployment } from "./deployment/deployment.js";
import { servingOf } from "./deployment/serving.js";
import { detectProbes, knownProbes } from "./energy/probes.js";
import { checkRelations } from "./energy/relations.js";
import { InputError } from "./errors.js";
import { evaluate, labelRows, multiplicity, sensitivityOf } from "./evaluation/evaluate.js";
import { metrics } from "./evaluation/misranked.js";
import { admissible } from "./evaluation/population.js";
import { knowingValue } from "./evaluation/value.js";
import { valueOnTrace } from "./evaluation/valueOnTrace.js";
import { blockMaxima, damped } from "./forecast/loads.js";
import { predictor, smape } from "./forecast/predictors.js";
import {
	forecastErrors,
	forecastSamples,
	ipaScriptSamples,
	predictorErrors,
	splitSamples,
} from "./forecast/samples.js";
import { compareWithIpa } from "./ipa/compareIpa.js";
import { compareExperiment, compareWithSimulator } from "./ipa/compareSimulator.js";
import { readIpaPipeline } from "./ipa/readIpaPipeline.js";
import { readPipeline } from "./ipa/readPipeline.js";
import { beyondEnergy } from "./levers/beyondEnergy.js";
import { calibratePlan } from "./measurement/calibratePlan.js";
import { calibrationReport, writeCalibration } from "./measurement/calibrationFiles.js";
import { probeAgreement } from "./measurement/caveats.js";
import { writeMeasuredDataset } from "./measurement/dataset.js";
import { captureEnvironment } from "./measurement/environment.js";
import { readVideoGpu } from "./measurement/gpuSweep/readVideoGpu.js";
import { readJournal } from "./measurement/journal.js";
import { measurePlan } from "./measurement/measurePlan.js";
import { mergeJournals } from "./measurement/merge.js";
import { detectMeters } from "./measurement/meters.js";
import { readEnergyCoefficients } from "./measurement/modelEnergy.js";
import { parsePlan, readPlan } from "./measurement/plan.js";
import { planCells } from "./measurement/planCells.js";
import { controlVariation, relativeHalfWidth, repetitionsNeeded } from "./measurement/repetitions.js";
import { runPlan } from "./measurement/runPlan.js";
import { planTime } from "./measurement/schedule.js";
import { idlePowers, summarise as summariseCells } from "./measurement/summary.js";
import { workloadSource } from "./measurement/workloads.js";
import { baseAllocations } from "./pipeline/allocation.js";
import { configuration } from "./pipeline/configuration.js";
import { stageEnergy, withModelledEnergy } from "./pipeline/energy.js";
import { pipelineAccuracy } from "./pipeline/objective.js";
import { pipelineOptions, pricedWeights, queueing, stageSla, variantAccuracies } from "./pipeline/options.js";
import { regressed } from "./pipeline/regression.js";
import { checkSpec } from "./pipeline/spec.js";
import { edgetunePipeline, evidenceStage, videoGpuPipeline } from "./profiles/evidencePipelines.js";
import { deriveProfiles } from "./profiles/profileReport.js";
import { readVideoDeployment, videoServingProfile } from "./profiles/servingProfile.js";
import { published, readPreset } from "./published/tolerances.js";
import { integerBelow, seeded } from "./random.js";
import { choiceUnderUncertainty } from "./search/choiceUnderUncertainty.js";
import { energyFront, energySaved, tradeOff } from "./search/energyFront.js";
import { optimize, optimizePipeline } from "./search/optimum.js";
import { paretoFront } from "./search/pareto.js";
import {
	choiceAt,
	choiceColumns,
	columnQuantiles,
	configurationAt,
	feasibleRows,
	filterRows,
	rowOf,
	sampleRows,
	summarise,
	topRows,
} from "./search/query.js";
import { spaceChunks, spaceSize, wholeSpace } from "./search/space.js";
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
	readInstruments,
	readReplays,
	readPowerLogs,
	readTrace,
	readWindowLoads,
	readWindows,
	writeDatasetFolder,
} as const;

/** The research question: does energy add information to IPA's metrics? */
export const evaluation = {
	admissible,
	deployment,
	evaluate,
	knowingValue,
	labelRows,
	metrics,
	multiplicity,
	sensitivityOf,
	valueOnTrace,
} as const;

/** What IPA adapts: profiles, configurations, their latency, accuracy, cost and energy. */
export const pipeline = {
	readEnergyCoefficients,
	readIpaPipeline,
	readVideoDeployment,
	readPipeline,
	readPreset,
	baseAllocations,
	checkSpec,
	compareExperiment,
	compareWithIpa,
	compareWithSimulator,
	configuration,
	corePowerOf,
	deriveProfiles,
	edgetunePipeline,
	evidenceStage,
	pipelineAccuracy,
	pipelineOptions,
	pricedWeights,
	queueing,
	regressed,
	servingOf,
	stageEnergy,
	stageSla,
	variantAccuracies,
	videoGpuPipeline,
	videoServingProfile,
	withModelledEnergy,
} as const;

/** Every configuration of a pipeline, and the best one. */
export const search = {
	choiceAt,
	choiceColumns,
	choiceUnderUncertainty,
	columnQuantiles,
	configurationAt,
	energyFront,
	energySaved,
	feasibleRows,
	filterRows,
	optimize,
	optimizePipeline,
	paretoFront,
	rowOf,
	sampleRows,
	spaceChunks,
	spaceSize,
	summarise,
	topRows,
	tradeOff,
	verify,
	wholeSpace,
} as const;

/** IPA's adaptation loop over a trace. */
export const adaptation = {
	...published,
	adapt,
	blockMaxima,
	damped,
	forecastErrors,
	forecastSamples,
	ipaScriptSamples,
	predictor,
	predictorErrors,
	readLstm,
	readPublishedSmape,
	serve,
	smape,
	splitSamples,
} as const;

/** Grams of CO2-equivalent of a run, by hour and place. */
export const carbon = { footprint, startHours } as const;

/** Few measured cells, the rest predicted, until the choice is sure. */
export const calibration = {
	benchmark,
	calibratedEnergies,
	cellsNeeded,
	drawScenarios,
	isSure,
	measuredMachines,
	nextCells,
	replay,
	startCalibration,
	withMeasurement,
} as const;

/** From a plan to measured cells. */
export const measurement = {
	calibratePlan,
	calibrationReport,
	writeCalibration,
	captureEnvironment,
	controlVariation,
	detectMeters,
	idlePowers,
	measurePlan,
	mergeJournals,
	parsePlan,
	planCells,
	planFile,
	planTime,
	probeAgreement,
	readJournal,
	readPlan,
	readVideoGpu,
	relativeHalfWidth,
	repetitionsNeeded,
	runPlan,
	summariseCells,
	workloadSource,
	writeMeasuredDataset,
} as const;

/** Energy sources of this machine, and what two of them must agree on. */
export const energy = { checkRelations, detectProbes, knownProbes } as const;

export type { BenchmarkPoint, BenchmarkResult } from "./calibration/benchmark.js";
export type { Calibration, CalibrationSettings } from "./calibration/calibration.js";
export type { CalibrationCell, PowerMeasurement } from "./calibration/cells.js";
export type { CalibratedEnergy } from "./calibration/energies.js";
export type { DeploymentFiles } from "./datasets/deployedRuns.js";
export type { RunActedOn } from "./deployment/actedOn.js";
export type { Estimate } from "./deployment/busyCores.js";
export type { DeployedRun } from "./deployment/deployedRun.js";
export type { Deployment, RunRow } from "./deployment/deployment.js";
export type { PowerLog } from "./deployment/powerLog.js";
export type { ServingProfile } from "./deployment/serving.js";
export type { Evaluation, LabelRow } from "./evaluation/evaluate.js";
export type { Evidence, EvidenceCell, Provenance } from "./evaluation/evidence.js";
export type { Label } from "./evaluation/label.js";
export type { KnowingValue, PolicyValue } from "./evaluation/value.js";
export type { TraceValue } from "./evaluation/valueOnTrace.js";
export type * from "./published/tolerances.js";
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
export type { Figure } from "./report/house.js";
export type { Kind } from "./units.js";
