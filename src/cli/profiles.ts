import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../datasets/root.js";
import { deriveVideoProfile } from "../ipa/videoProfile.js";

export const profilesUsage = `sustainable-ipa profiles [--out FOLDER]
  Derives IPA's Video profile from data/raw and writes it, with how it compares with what IPA published
  (default: data/derived/profiles).`;

/** Rebuilds data/derived/profiles and prints the comparison. */
export async function profilesCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({ args: [...argv], options: { out: { type: "string" } } });
	const out = values.out ?? join(packageRoot, "data/derived/profiles");
	const { spec, report } = await deriveVideoProfile(join(packageRoot, "data"));
	await mkdir(out, { recursive: true });
	await writeWhole(join(out, "video.json"), spec);
	await writeWhole(join(out, "video-report.json"), report);
	for (const {
		stage,
		measured,
		modelled,
		withoutCells,
		leaveCellOut,
		leaveVariantOut,
		baseAllocations,
		sla_s,
	} of report) {
		const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
		console.log(
			`${stage}: ${measured} measured cells, ${modelled} modelled; no cell: ${withoutCells.join(", ") || "none"}`,
		);
		console.log(
			`  model error, a cell left out: median ${percent(leaveCellOut.median)}, 90th percentile ${percent(leaveCellOut.p90)}, worst ${percent(leaveCellOut.worst)} (${leaveCellOut.count} cells)`,
		);
		console.log(
			`  model error, a variant left out: median ${percent(leaveVariantOut.median)}, 90th percentile ${percent(leaveVariantOut.p90)}, worst ${percent(leaveVariantOut.worst)}`,
		);
		console.log(
			`  base allocations, derived (published): ${baseAllocations.map(({ variant, derived, published }) => `${variant} ${derived} (${published})`).join(", ")}`,
		);
		console.log(`  stage SLA, derived (published): ${sla_s.derived.toFixed(2)} (${sla_s.published.toFixed(2)}) s`);
	}
	return 0;
}

async function writeWhole(file: string, content: unknown): Promise<void> {
	await writeFile(`${file}.part`, `${JSON.stringify(content, null, "\t")}\n`);
	await rename(`${file}.part`, file);
}
