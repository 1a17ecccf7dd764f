import { join } from "node:path";
import { type CsvRow, optionalNumber, readCsv, textField } from "../datasets/csv.js";
import { type DeploymentFiles, readDeployedRuns, shippedDeployment } from "../datasets/deployedRuns.js";
import { packageRoot } from "../datasets/root.js";
import type { DeployedRun } from "../deployment/deployedRun.js";
import type { ServingProfile, ServingVariant } from "../deployment/serving.js";
import { groupBy } from "../group.js";
import { readPipeline } from "../ipa/readPipeline.js";

/** What IPA's final configurations point at first; development runs are left out. */
const qualities = ["final-ipa-profile", "paper-table", "sponge-grid"];

/**
 * The Video pipeline's variants on one core at batch 1, as they were deployed, from IPA's published measurements
 * (data/raw/ipa-profiles): the largest throughput measured in the best series, and where a variant has none (yolov5s), a
 * request in its latency's 99th percentile.
 */
export async function videoServingProfile(): Promise<ServingProfile> {
	const file = join(packageRoot, "data/raw/ipa-profiles/ipa-video-profiles.csv");
	const { rows } = await readCsv(file);
	const { stages } = await readPipeline("video");
	const names = ["yolo", "resnet-human"];
	return stages.map(({ name, points }, s) => {
		const own = rows.filter((row) => textField(row, "stage") === names[s] && onOneCore(row));
		return {
			stage: name,
			variants: [...groupBy(own, (row) => textField(row, "model_variant"))].flatMap(([variant, cells]) => {
				const accuracy_pct = points.find((point) => point.variant === variant)?.accuracy_pct;
				const throughput_rps = throughputOf(cells);
				if (accuracy_pct === undefined || throughput_rps === undefined) return [];
				return [{ variant, cores: 1, throughput_rps, accuracy_pct } satisfies ServingVariant];
			}),
		};
	});
}

/**
 * The runs of IPA's Video pipeline in deployment that the package ships.
 *
 * @example
 * (await pipeline.readVideoDeployment()).length; // → 16
 */
export async function readVideoDeployment(files?: DeploymentFiles): Promise<DeployedRun[]> {
	return readDeployedRuns(files ?? (await shippedDeployment()), await videoServingProfile());
}

function onOneCore(row: CsvRow): boolean {
	return (
		optionalNumber(row, "cpu_cores", "positive") === 1 &&
		optionalNumber(row, "max_batch_size", "positive integer") === 1 &&
		qualities.includes(textField(row, "quality")) &&
		textField(row, "thread_oversubscribed") === "no"
	);
}

function throughputOf(cells: readonly CsvRow[]): number | undefined {
	const best = qualities.find((quality) => cells.some((row) => textField(row, "quality") === quality));
	const own = cells.filter((row) => textField(row, "quality") === best);
	const measured = Math.max(0, ...own.map((row) => optionalNumber(row, "throughput_max_rps", "not negative") ?? 0));
	if (measured > 0) return measured;
	const latencies = own.flatMap((row) => optionalNumber(row, "latency_p99_s", "positive") ?? []);
	return latencies.length === 0 ? undefined : 1 / Math.min(...latencies);
}
