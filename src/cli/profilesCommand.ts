import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAside } from "../datasets/file.js";
import { packageRoot } from "../datasets/root.js";
import type { LeftOutError } from "../profiles/latencyModel.js";
import { deriveProfiles, type ProfileReport, type SlaComparison, type StageReport } from "../profiles/profileReport.js";
import { derivePublishedPoints, publishedPointsCsv } from "../published/presets.js";
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
				...reports.flatMap(({ pipeline, report }) => reportLines(pipeline, report)),
				`published-points.csv: ${points.length} points, ${measured} throughputs measured, the others modelled`,
			].join("\n"),
		);
		return 0;
	},
});

function reportLines(name: string, { stages, sla_s, tables }: ProfileReport): string[] {
	return [
		`${name}: end-to-end ${slaText(sla_s)}`,
		...stages.flatMap(stageLines),
		...tables.map(
			({ table, entity, unit, published, derived, kind }) =>
				`  ${table}, ${entity}: ${derived?.toFixed(0) ?? "none"} ${unit}, ${kind}; the paper's ${published ?? "none"}`,
		),
	];
}

function stageLines(stage: StageReport): string[] {
	const { measured, modelled, statistic, withoutCells, borrowed, sla_s } = stage;
	return [
		`  ${stage.stage}: ${measured} measured cells (${statistic}), ${modelled} modelled; no cell: ${withoutCells.join(", ") || "none"}`,
		...(borrowed === undefined ? [] : [`    borrowed: ${borrowed}`]),
		`    model error, a cell left out: ${errorText(stage.leaveCellOut)}; a variant left out: ${errorText(stage.leaveVariantOut)}`,
		`    base allocations, derived (printed, exact): ${stage.baseAllocations.map(({ variant, derived, printed, exact }) => `${variant} ${derived ?? "none"} (${printed ?? "none"}, ${exact ?? "none"})`).join(", ")}`,
		`    stage ${slaText(sla_s)}`,
	];
}

function slaText({ derived, derivedToEightCores, ipa, printed }: SlaComparison): string {
	const [whole, eight, theirs, shown] = [derived, derivedToEightCores, ipa, printed].map((sla_s) => sla_s.toFixed(2));
	return `SLA: ${whole} s derived, ${eight} s on up to 8 cores; IPA's ${theirs} s, printed as ${shown} s`;
}

function errorText(error: LeftOutError): string {
	if (!("median" in error)) return "none can be";
	const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
	return `median ${percent(error.median)}, 90th percentile ${percent(error.p90)}, worst ${percent(error.worst)} (${error.count} cells)`;
}
