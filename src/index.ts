/** The one entry point: wiring only. Notebooks import these groups; a function's own file documents it. */
import { join } from "node:path";
import { adapt } from "./adaptation/adapt.js";
import { compareSystems, decideSystems } from "./adaptation/compareSystems.js";
import { compareWindows } from "./adaptation/compareWindows.js";
import { forecastErrors } from "./adaptation/forecastErrors.js";
import { forecastLoads } from "./adaptation/forecastLoads.js";
import { predictor, smape } from "./adaptation/predictors.js";
import { forecastSamples } from "./adaptation/samples.js";
import { serve } from "./adaptation/serve.js";
import { standardSystems } from "./adaptation/systems.js";
import { blockMaxima, damped } from "./adaptation/trace.js";
import { benchmark, cellsNeeded } from "./calibration/benchmark.js";
import { isSure, nextCells, startCalibration, withMeasurement } from "./calibration/calibration.js";
import { calibratedEnergies } from "./calibration/energies.js";
import { measuredMachines } from "./calibration/machines.js";
import { replay } from "./calibration/replay.js";
import { drawScenarios } from "./calibration/scenarios.js";
import { footprint } from "./carbon/footprint.js";
import { startHours } from "./carbon/startHours.js";
import { intensitiesFrom, intensitySeries, readCarbonIntensity } from "./datasets/carbon.js";
import { readDeployedRuns } from "./datasets/deployedRuns.js";
import { readAllEvidence, readCellsCsv, readEvidence, writeDatasetFolder } from "./datasets/evidence.js";
import { frameViewReading } from "./datasets/frameView.js";
import { readInstruments } from "./datasets/instruments.js";
import { planFile } from "./datasets/planFile.js";
import { readPowerLogs } from "./datasets/powerLogs.js";
import { readReplays } from "./datasets/replays.js";
import { packageRoot } from "./datasets/root.js";
import { readEvaluationSettings } from "./datasets/settings.js";
import { readTrace, readWindowLoads, readWindows } from "./datasets/trace.js";
import { corePowerOf } from "./deployment/corePower.js";
import { deployment } from "./deployment/deployment.js";
import { servingOf } from "./deployment/serving.js";
import { detectProbes } from "./energy/detectProbes.js";
import { knownProbes } from "./energy/probes.js";
import { checkRelations } from "./energy/relations.js";
import { InputError } from "./errors.js";
import { admissible } from "./evaluation/admissible.js";
import { evaluate, sensitivityOf } from "./evaluation/evaluate.js";
import { labelRows, multiplicity } from "./evaluation/labelRows.js";
import { metrics } from "./evaluation/misranked.js";
import { knowingValue } from "./evaluation/value.js";
import { valueOnTrace } from "./evaluation/valueOnTrace.js";
import { comparePublished } from "./ipa/comparePublished.js";
import { compareForecasts, compareLatencies, comparePredictors } from "./ipa/compareServing.js";
import { compareWeights } from "./ipa/compareWeights.js";
import { edgetunePipeline } from "./ipa/edgetunePipeline.js";
import { evidenceStage } from "./ipa/evidenceStage.js";
import { readIpaPipeline } from "./ipa/files/readIpaPipeline.js";
import { ipaScriptSamples, predictorErrors, splitSamples } from "./ipa/loadForecast.js";
import { readLstm } from "./ipa/lstmFile.js";
import { deriveProfiles } from "./ipa/pipelineProfiles.js";
import { readPreset } from "./ipa/presets.js";
import { compareWithIpa } from "./ipa/program/compare.js";
import { compareExperiment, compareWithSimulator } from "./ipa/program/compareSimulator.js";
import { readPublishedBars, readPublishedForecasts, readPublishedLatencies } from "./ipa/publishedFigureData.js";
import { readPublishedRuns } from "./ipa/publishedRuns.js";
import { readPublishedSmape } from "./ipa/publishedSmape.js";
import { toleranceChecks } from "./ipa/publishedTolerances.js";
import { readPipeline } from "./ipa/readPipeline.js";
import { readVideoDeployment, videoServingProfile } from "./ipa/servingProfile.js";
import { readSystems } from "./ipa/systemsFile.js";
import { videoGpuPipeline } from "./ipa/videoGpuPipeline.js";
import { beyondEnergy } from "./levers/group.js";
import { calibratePlan } from "./measurement/calibratePlan.js";
import { calibrationReport, writeCalibration } from "./measurement/calibrationFiles.js";
import { writeMeasuredDataset } from "./measurement/dataset.js";
import { captureEnvironment } from "./measurement/environment.js";
import { readVideoGpu } from "./measurement/gpuSweep/readVideoGpu.js";
import { idlePowers } from "./measurement/idle.js";
import { readJournal } from "./measurement/journal.js";
import { measurePlan } from "./measurement/measurePlan.js";
import { mergeJournals } from "./measurement/merge.js";
import { readEnergyCoefficients } from "./measurement/modelEnergy.js";
import { parsePlan, readPlan } from "./measurement/plan.js";
import { planCells } from "./measurement/planCells.js";
import { planTime } from "./measurement/planTime.js";
import { probeAgreement } from "./measurement/probeAgreement.js";
import { detectMeters } from "./measurement/probes.js";
import { controlVariation } from "./measurement/quiet.js";
import { relativeHalfWidth } from "./measurement/repetitions.js";
import { repetitionsNeeded } from "./measurement/repetitionsNeeded.js";
import { runPlan } from "./measurement/run.js";
import { summarise as summariseCells } from "./measurement/summary.js";
import { workloadSource } from "./measurement/workloads.js";
import { pipelineAccuracy, variantAccuracies } from "./pipeline/accuracy.js";
import { baseAllocations } from "./pipeline/allocation.js";
import { configuration } from "./pipeline/configuration.js";
import { stageEnergy } from "./pipeline/energy.js";
import { withModelledEnergy } from "./pipeline/modelledEnergy.js";
import { pipelineOptions } from "./pipeline/options.js";
import { pricedWeights } from "./pipeline/prices.js";
import { queueing } from "./pipeline/queueing.js";
import { regressed } from "./pipeline/regression.js";
import { stageSla } from "./pipeline/sla.js";
import { checkSpec } from "./pipeline/spec.js";
import { integerBelow, seeded } from "./random.js";
import { choiceColumns } from "./search/choiceColumns.js";
import { choiceUnderUncertainty } from "./search/choiceUnderUncertainty.js";
import { energyFront } from "./search/energyFront.js";
import { energySaved } from "./search/energySaved.js";
import { explainInfeasible } from "./search/infeasible.js";
import { nearBest } from "./search/nearBest.js";
import { optimize, optimizePipeline } from "./search/optimum.js";
import { paretoFront } from "./search/pareto.js";
import { columnQuantiles, feasibleRows, filterRows, summarise, topRows } from "./search/query.js";
import { choiceAt, configurationAt, rowOf } from "./search/rowChoice.js";
import { sampleRows } from "./search/sampleRows.js";
import { spaceChunks, spaceSize, wholeSpace } from "./search/space.js";
import { tradeOff } from "./search/tradeOff.js";
import { verify } from "./search/verify.js";
import { clusterBootstrap } from "./statistics/clusterBootstrap.js";
import { clusterPermutation } from "./statistics/clusterPermutation.js";
import { crossValidatedR2 } from "./statistics/crossValidatedR2.js";
import { distanceCorrelation } from "./statistics/distanceCorrelation.js";
import { holm } from "./statistics/holm.js";
import { kendall } from "./statistics/kendall.js";
import { nestedF } from "./statistics/nestedF.js";
import { ols } from "./statistics/ols.js";
import { partialRank } from "./statistics/partialRank.js";
import { pearson } from "./statistics/pearson.js";
import { shapleyR2 } from "./statistics/shapleyR2.js";
import { spearman } from "./statistics/spearman.js";

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
	readReplays,
	readInstruments,
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

/** Correlation, regression, resampling: each with a tagged outcome. */
export const statistics = {
	clusterBootstrap,
	clusterPermutation,
	crossValidatedR2,
	distanceCorrelation,
	holm,
	kendall,
	nestedF,
	ols,
	partialRank,
	pearson,
	shapleyR2,
	spearman,
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
	explainInfeasible,
	feasibleRows,
	filterRows,
	nearBest,
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
	adapt,
	blockMaxima,
	compareForecasts,
	compareLatencies,
	comparePredictors,
	comparePublished,
	compareSystems,
	compareWeights,
	compareWindows,
	damped,
	decideSystems,
	forecastErrors,
	forecastLoads,
	forecastSamples,
	ipaScriptSamples,
	predictor,
	predictorErrors,
	readLstm,
	readPublishedBars,
	readPublishedForecasts,
	readPublishedLatencies,
	readPublishedRuns,
	readPublishedSmape,
	readSystems,
	serve,
	smape,
	splitSamples,
	standardSystems,
	toleranceChecks,
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

export type { Comparison, ComparisonOptions, SystemRow } from "./adaptation/compareSystems.js";
export type { Served } from "./adaptation/serve.js";
export type { System, SystemSettings } from "./adaptation/systems.js";
export type { BenchmarkPoint, BenchmarkResult } from "./calibration/benchmark.js";
export type { Calibration, CalibrationSettings } from "./calibration/calibration.js";
export type { CalibrationCell, PowerMeasurement } from "./calibration/cells.js";
export type { CalibratedEnergy } from "./calibration/energies.js";
export type { DeploymentFiles } from "./datasets/deployedRuns.js";
export type { RunActedOn } from "./deployment/actedOn.js";
export type { Estimate } from "./deployment/busyCores.js";
export type { Deployment, RunRow } from "./deployment/deployment.js";
export type { PowerLog } from "./deployment/powerLog.js";
export type { DeployedRun } from "./deployment/run.js";
export type { ServingProfile } from "./deployment/serving.js";
export type { Evaluation } from "./evaluation/evaluate.js";
export type { Evidence, EvidenceCell, Provenance } from "./evaluation/evidence.js";
export type { Label } from "./evaluation/label.js";
export type { LabelRow } from "./evaluation/labelRows.js";
export type { KnowingValue, PolicyValue } from "./evaluation/value.js";
export type { TraceValue } from "./evaluation/valueOnTrace.js";
export type { PublishedComparison } from "./ipa/comparePublished.js";
export type { ForecastComparison, LatencyComparison, PredictorComparison } from "./ipa/compareServing.js";
export type { WeightsComparison } from "./ipa/compareWeights.js";
export type { Preset } from "./ipa/presets.js";
export type { PublishedSeries } from "./ipa/publishedRuns.js";
export type { ToleranceCheck } from "./ipa/publishedTolerances.js";
export type { Figure } from "./notebook/figure.js";
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
} from "./notebook/groups.js";
export type { Kind } from "./units.js";
