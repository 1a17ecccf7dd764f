/** The type of every argument and result of the public face, and what those are made of. Two of one name have their folder before it. */
export type {
	AdaptationOptions,
	Decide,
	Decision,
	Plan,
	PlannedBatch,
	PlannedStage,
	Step,
} from "./adaptation/adapt.js";
export type {
	Comparison,
	ComparisonOptions,
	LoadWindow,
	SystemOutcome,
	SystemRow,
	WindowRun,
	WindowStudy,
} from "./adaptation/compareSystems.js";
export type { GridRule } from "./adaptation/followGrid.js";
export type { BatchPoint, QueueOptions, StageSetting } from "./adaptation/queue.js";
export type { RunEnergy } from "./adaptation/runEnergy.js";
export type { Served, ServeOptions } from "./adaptation/serve.js";
export type { System, SystemSettings, TieRule } from "./adaptation/systems.js";
export type { Belief, Scenario } from "./calibration/belief.js";
export type { Calibration, CalibrationSettings, Method } from "./calibration/calibration.js";
export type { CalibrationCell, PowerMeasurement } from "./calibration/cells.js";
export type { Doubt } from "./calibration/doubt.js";
export type { CalibratedEnergy, Intervals, Predicted } from "./calibration/energies.js";
export type { Features, HyperPrior, Kernel, KernelFamily } from "./calibration/kernel.js";
export type { Particle } from "./calibration/particle.js";
export type { Posterior } from "./calibration/posterior.js";
export type { StartHours } from "./carbon/footprint.js";
export type { Factor, Known, Sci } from "./carbon/sci.js";
export type { Gaps, Series, SeriesOptions } from "./carbon/series.js";
export type { IntensitiesFrom, IntensitySeries } from "./datasets/carbon.js";
export type { CarbonIntensity } from "./datasets/carbonFile.js";
export type { KeptInstruments, LstmFile, ReplayRow } from "./datasets/dataFiles.js";
export type { DeploymentFiles } from "./datasets/deployedRuns.js";
export type { FrameViewOptions } from "./datasets/frameView.js";
export type { GridChoice } from "./datasets/gridYear.js";
export type { CellMapping } from "./datasets/mapping.js";
export type { PublishedLatency } from "./datasets/publishedTables.js";
export type { TimedPart } from "./datasets/timed.js";
export type { TraceWindow } from "./datasets/trace.js";
export type { ActedOn, RunActedOn } from "./deployment/actedOn.js";
export type { Alignment, AlignOptions } from "./deployment/align.js";
export type { BootstrapOptions, BusyCoreFit, Estimate, Step as DeploymentStep } from "./deployment/busyCores.js";
export type { AllocatedCore, Difference, Drift, Ranking, Repetitions } from "./deployment/comparisons.js";
export type {
	AlignedRun,
	Decision as DeploymentDecision,
	DeployedRun,
	ServingSteps,
} from "./deployment/deployedRun.js";
export type { Deployment, RunRow } from "./deployment/deployment.js";
export type { AlignmentFlag, Phase, PhaseName } from "./deployment/phases.js";
export type { PowerLog } from "./deployment/powerLog.js";
export type { Serving } from "./deployment/serving.js";
export type { Coverage } from "./energy/plausible.js";
export type { Detected } from "./energy/probes.js";
export type {
	Detection,
	DomainEnergy,
	Outcome,
	Probe,
	ProbeRun,
	Reading,
	Refusal,
	RefusalCause,
} from "./energy/reading.js";
export type { Relation } from "./energy/relations.js";
export type { DatasetUse, Evaluation, LabelRow, MovedThreshold, StudyGroup } from "./evaluation/evaluate.js";
export type {
	CellEnergy,
	DeviceClass,
	Evidence,
	EvidenceCell,
	EvidenceFlag,
	KnobAxis,
	KnobDeclaration,
	Provenance,
} from "./evaluation/evidence.js";
export type { Accounting, Grid, MetricName } from "./evaluation/grid.js";
export type {
	Answer,
	AtEnds,
	Decision as EvaluationDecision,
	FormulaFinding,
	KnobLabels,
	Label,
	MetricLabel,
	OpenReason,
} from "./evaluation/label.js";
export type { BandTallies, KnobTallies, Tally } from "./evaluation/misranked.js";
export type { Knob, Pairs, Population, StudyCell } from "./evaluation/population.js";
export type { FormulaError, PowerFormula } from "./evaluation/powerFormula.js";
export type {
	EvaluationSettings,
	RateBand,
	Reasoned,
	ReasonedThreshold,
	Thresholds,
	ValueSettings,
} from "./evaluation/settings.js";
export type { Estimate as EvaluationEstimate } from "./evaluation/spending.js";
export type {
	KnowingValue,
	Policy,
	PolicyValue,
	TieMetric,
	ValueGroup,
	ValueScope,
	ValueStudy,
	ValueWanted,
} from "./evaluation/value.js";
export type { TraceValue } from "./evaluation/valueOnTrace.js";
export type { ForecastOptions } from "./forecast/loads.js";
export type { LstmWeights } from "./forecast/lstm.js";
export type { Predictor, PredictorName } from "./forecast/predictors.js";
export type { IpaPipelineOptions } from "./ipa/readIpaPipeline.js";
export type { ImageSize } from "./jupyter/images.js";
export type { AnnealingSummary } from "./levers/annealing.js";
export type { CoresStep, ScalingSystem } from "./levers/coresInPlace.js";
export type { PublishedFigure } from "./levers/publishedLevers.js";
export type { NamedFootprint, Totals } from "./levers/sciUse.js";
export type { BreakingPoint, SharedBoardRow } from "./levers/sharedBoards.js";
export type { HomePlacement, NamedPlacement, Network, Spread, ZoneShift } from "./levers/timeAndPlace.js";
export type { LeverAbsent, LeverEffect, VideoGrid } from "./levers/videoLevers.js";
export type { CalibrationVisit, PlanCalibration } from "./measurement/calibratePlan.js";
export type { CalibrationReport } from "./measurement/calibrationFiles.js";
export type { ProbeAgreement } from "./measurement/caveats.js";
export type { Environment } from "./measurement/environment.js";
export type { Measured, MeasureOptions } from "./measurement/measurePlan.js";
export type { Meter, MeterRun, Meters } from "./measurement/meters.js";
export type { EnergyCoefficients } from "./measurement/modelEnergy.js";
export type { Plan as MeasurementPlan } from "./measurement/plan.js";
export type { KnobValues, PlanCell, Shard } from "./measurement/planCells.js";
export type { Progress } from "./measurement/progress.js";
export type { ControlDrift, RunQuality, SourceAgreement } from "./measurement/quality.js";
export type { MeasuredVideoGpu, VideoGpu } from "./measurement/readVideoGpu.js";
export type { JournalRecord, MeterReading } from "./measurement/records.js";
export type { RunOutcome } from "./measurement/runPlan.js";
export type { PlanTime } from "./measurement/schedule.js";
export type { CellEnergyMeasured, CellSummary, IdleOfBlock, ProbeBeside } from "./measurement/summary.js";
export type {
	BatchReport,
	CpuOf,
	ServedWindow,
	WindowLength,
	Workload,
	WorkloadSource,
} from "./measurement/workload.js";
export type { Perhaps } from "./outcome.js";
export type { Configuration, ConfigurationEnergy, EnergyWithFloor, StageChoice } from "./pipeline/configuration.js";
export type { CorePower, StageEnergy } from "./pipeline/energy.js";
export type { PipelineOptions, StageOption, StageOptions } from "./pipeline/options.js";
export type { ProfileEnergy, ProfilePoint, StageProfile } from "./pipeline/profile.js";
export type {
	AccuracyMethod,
	AllocationMode,
	Baseline,
	Margins,
	PipelineSpec,
	Prices,
	Semantics,
	SharedNode,
	Weights,
} from "./pipeline/spec.js";
export type { EdgetuneOptions } from "./profiles/evidencePipelines.js";
export type { PublishedComparison, PublishedSeries, RunMeans } from "./published/comparePublished.js";
export type {
	ForecastComparison,
	LatencyComparison,
	PredictorComparison,
	PredictorErrorComparison,
	PredictorsCompared,
	WeightsComparison,
} from "./published/compareServing.js";
export type { Preset, PresetFamily, PresetFile, PresetPipeline, Told } from "./published/presets.js";
export type { PointKind, PublishedCell, PublishedPoint } from "./published/publishedPoints.js";
export type { PublishedRunsCompared, ToleranceCheck } from "./published/tolerances.js";
export type { Random } from "./random.js";
export type { Frame } from "./report/frames.js";
export type { Figure, Trace } from "./report/house.js";
export type { LabelledStudy, LabelMaps } from "./report/labelMaps.js";
export type { RunFigures } from "./report/measuringFigures.js";
export type { CalibrationFigures } from "./report/ownFigures.js";
export type { RawRow } from "./report/rawTable.js";
export type { Shown, TableOptions } from "./report/show.js";
export type { AnswerView } from "./report/studyWords.js";
export type { FrameLike } from "./report/table.js";
export type { RunsOverTime } from "./report/traceFigures.js";
export type { GpuStageFigures, VideoGpuFigures } from "./report/videoGpuFigures.js";
export type { QueueResult } from "./scaling/sponge.js";
export type { EnergyFront, FrontPoint } from "./search/energyFront.js";
export type { Bounds, Infeasible, OptimizeOptions, Optimum, Others } from "./search/optimum.js";
export type { Axis } from "./search/pareto.js";
export type { ConfigurationRow } from "./search/query.js";
export type { SpaceChunk, SpaceColumn, SpaceColumns } from "./search/space.js";
export type { SharedBoard } from "./sharing/processorSharing.js";
export type { PlacedRequest } from "./shifting/place.js";
export type { FlexibleJob } from "./shifting/savings.js";
export type {
	Conclusion,
	LoadChoice,
	LoadSavings,
	MetricQuantiles,
	OptimumAtLoad,
	SpaceOverview,
	VariantCost,
} from "./studies/choices.js";
export type { DeployedParts, DeployedRunRow, ExplainedPower, PowerPart, RankedSystem } from "./studies/deployed.js";
export type { FootprintPart, FootprintRow, FootprintTables } from "./studies/footprints.js";
export type { LongerRun, NamedPlanTime, RepetitionSpread, RunSummary, WindowDeviation } from "./studies/measured.js";
export type {
	CalibratedCell,
	CalibrationTables,
	CalibrationVisit as StudiesCalibrationVisit,
	ReplayIntervals,
	ReplayNeed,
	ReplayNeeds,
	ReplayResult,
	ReplayStop,
	ReplaySummary,
} from "./studies/replays.js";
export type {
	Change,
	ChoiceShares,
	ExtremeShares,
	Place,
	StartHourOptions,
	SystemTotals,
	ZoneStartHours,
} from "./studies/runs.js";
export type {
	GpuChoices,
	GpuConclusion,
	GpuSweepAbout,
	GpuTenants,
	TwoStages,
	VideoGpuQuestion,
	VideoGpuStudy,
} from "./studies/videoGpu.js";
export type { EvidenceUse, ValueView, Wasted, WastedOnTrace } from "./studies/worth.js";
export type { Kind } from "./units.js";
