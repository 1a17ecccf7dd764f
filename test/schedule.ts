import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** About how many seconds the long test files take, on two cores; every other file takes about one. */
const seconds: Readonly<Record<string, number>> = {
	"house/notebooks.test.ts": 150,
	"cli/reports.test.ts": 90,
	"measurement/kill.test.ts": 75,
	"energy/prometheus.test.ts": 70,
	"measurement/adversity.test.ts": 70,
	"jupyter/pages.test.ts": 60,
	"house/style.test.ts": 60,
	"inference/onnx.test.ts": 49,
	"inference/ownModels.test.ts": 45,
	"house/dependencies.test.ts": 45,
	"statistics/coverage.test.ts": 45,
	"cli/probes.test.ts": 45,
	"measurement/knobs.test.ts": 40,
	"ipa-plugin/settings.test.ts": 40,
	"ipa-plugin/client.test.ts": 39,
	"measurement/powercapRun.test.ts": 39,
	"cli/calibratePlan.test.ts": 35,
	"cli/measureProgram.test.ts": 35,
	"search/spaceSummary.test.ts": 35,
	"ipa-plugin/run.test.ts": 34,
	"cli/adapt.test.ts": 33,
	"inference/fieldRunners.test.ts": 32,
	"house/examples.test.ts": 30,
	"package/packed.test.ts": 30,
	"jupyter/parameters.test.ts": 30,
	"evaluation/value.test.ts": 28,
	"energy/nvidia.test.ts": 27,
	"datasets/grid.test.ts": 25,
	"cli/init.test.ts": 25,
	"jupyter/reportSafety.test.ts": 25,
	"energy/relations.test.ts": 23,
	"ipa-plugin/watch.test.ts": 22,
	"studies/videoGpu.test.ts": 22,
	"energy/peers.test.ts": 21,
	"cli/main.test.ts": 21,
	"cli/ipaFiles.test.ts": 20,
	"cli/lab.test.ts": 20,
	"cli/footprint.test.ts": 18,
	"evaluation/studyOracle.test.ts": 18,
	"energy/perf.test.ts": 17,
	"cli/optimize.test.ts": 17,
	"deployment/coverage.test.ts": 16,
	"measurement/calibratePlan.test.ts": 14,
	"measurement/publishable.test.ts": 12,
	"cli/refusals.test.ts": 11,
	"cli/serve.test.ts": 11,
	"datasets/limits.test.ts": 11,
	"levers/published.test.ts": 10,
	"search/optimum.test.ts": 10,
	"calibration/replay.test.ts": 9,
	"cli/tradeoff.test.ts": 9,
	"deployment/ipaExtVideo.test.ts": 9,
	"forecast/trainLstm.test.ts": 9,
	"energy/hiccups.test.ts": 8,
	"cli/evaluate.test.ts": 8,
	"energy/credentials.test.ts": 5,
	"energy/dcmi.test.ts": 5,
	"energy/partialOutput.test.ts": 5,
	"python/videoGpu.test.ts": 5,
	"cli/space.test.ts": 5,
	"measurement/nativeParts.test.ts": 4,
	"search/energy.test.ts": 4,
	"energy/boards.test.ts": 3,
	"measurement/lineProcess.test.ts": 3,
	"datasets/carbon.test.ts": 3,
	"deployment/actedOn.test.ts": 3,
	"evaluation/labels.test.ts": 3,
	"published/compareServing.test.ts": 3,
	"ipa/runSimulator.test.ts": 2,
};

/** About how long a test file takes, s: for the order of the files and the time that is left. */
export function expectedSeconds({ moduleId }: { readonly moduleId: string }): number {
	return seconds[relative("test", moduleId)] ?? 1;
}

/** The notebooks, which compute for minutes, first; beside them what waits for clocks and children; then all else. */
export class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({ moduleId, project }: TestSpecification) =>
			moduleId.endsWith("house/notebooks.test.ts") ? 0 : project.name === "waiting" ? 1 : 2;
		return [...files].sort((a, b) => rank(a) - rank(b) || expectedSeconds(b) - expectedSeconds(a));
	}
}
