import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAside } from "../datasets/file.js";
import { packageRoot } from "../datasets/root.js";
import { deriveProfiles } from "../profiles/profileReport.js";
import { derivePublishedPoints, publishedPointsCsv } from "../published/presets.js";
import { profileLines } from "../report/comparisonWords.js";
import { answer, describeCommand, jsonOption } from "./command.js";

export const profilesCommand = describeCommand({
	about:
		"Derives the profiles of IPA's five pipelines from data/raw and writes them, with how they compare with what IPA published, and beside that folder published-points.csv, what the published runs planned with (docs/published.md).",
	examples: ["", "--out profiles"],
	options: {
		out: {
			value: "FOLDER",
			about: "where the profiles go",
			otherwise: "data/derived/profiles of the package",
		},
		...jsonOption,
	},
	run: async ({ values }) => {
		const out = values.out ?? join(packageRoot, "data/derived/profiles");
		await mkdir(out, { recursive: true });
		const derived = await deriveProfiles(join(packageRoot, "data"));
		for (const { spec, report } of derived) {
			await writeAside(join(out, `${spec.name}.json`), `${JSON.stringify(spec, null, "\t")}\n`);
			await writeAside(join(out, `${spec.name}-report.json`), `${JSON.stringify(report, null, "\t")}\n`);
		}
		const points = await derivePublishedPoints(join(packageRoot, "data"));
		await writeAside(join(out, "..", "published-points.csv"), publishedPointsCsv(points));
		const measured = points.filter(({ throughput_kind }) => throughput_kind === "measured").length;
		const reports = derived.map(({ spec, report }) => ({ pipeline: spec.name, report }));
		answer(values.json, { out, reports, points: points.length, measured }, () =>
			[
				...reports.flatMap(({ pipeline, report }) => profileLines(pipeline, report)),
				`published-points.csv: ${points.length} points, ${measured} throughputs measured, the others modelled`,
			].join("\n"),
		);
		return 0;
	},
});
