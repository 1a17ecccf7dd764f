import { join } from "node:path";
import { readCsv } from "../datasets/csv.js";
import { csvField } from "../datasets/csvField.js";
import { presetCells, presetFamilies, presetPipelines, readPresetFile } from "./presets.js";
import { type PublishedCell, type PublishedPoint, publishedPoints } from "./publishedPoints.js";
import { stageSources } from "./stages.js";
import { systemsOf } from "./systemsFile.js";

const columns = [
	"stage",
	"variant",
	"cores",
	"batch",
	"load_rps",
	"latency_s",
	"latency_kind",
	"latency_source",
	"throughput_rps",
	"throughput_kind",
	"throughput_source",
] as const;

/** The points of every shipped preset, from data/raw: see `publishedPoints`. */
export async function derivePublishedPoints(dataRoot: string): Promise<PublishedPoint[]> {
	const raw = (name: string) => readCsv(join(dataRoot, "raw", name));
	const files = [...new Set(stageSources.map(({ file }) => file))];
	const profiles = new Map(
		await Promise.all(files.map(async (name) => [name, await raw(`ipa-profiles/${name}`)] as const)),
	);
	const cells = new Map<string, PublishedCell>();
	for (const pipeline of presetPipelines)
		for (const family of presetFamilies) {
			const path = join(dataRoot, "published", `${pipeline}-${family}.yaml`);
			const file = await readPresetFile(path);
			for (const cell of presetCells(file, systemsOf(path, file.systems))) cells.set(JSON.stringify(cell), cell);
		}
	return publishedPoints([...cells.values()], stageSources, profiles, await raw("ipa-paper/ipa-paper-tables.csv"));
}

/** Points as the text of data/derived/published-points.csv. */
export function publishedPointsCsv(points: readonly PublishedPoint[]): string {
	return [columns.join(","), ...points.map((point) => columns.map((name) => csvField(point[name])).join(","))]
		.join("\n")
		.concat("\n");
}
