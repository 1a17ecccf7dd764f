import { stat } from "node:fs/promises";
import { join } from "node:path";
import { factor, type Site } from "../carbon/sci.js";
import { type FootprintFactors, readFootprintFactors } from "../datasets/gridYear.js";
import { readCellsCsv, readEvidence } from "../datasets/readEvidence.js";
import { packageRoot } from "../datasets/root.js";
import type { Evidence } from "../evaluation/evidence.js";
import { cellUse, footprintOf, hardwareFor, pipelineUse, siteOnGrid, siteWithout } from "../levers/sciUse.js";
import { footprintText } from "../report/footprintWords.js";
import { answer, describeCommand, type Options, refuse, reportOption, type Values } from "./command.js";
import { modelEnergyOption, pipelineOption, withEnergyModel } from "./pipelineOptions.js";

/** Whose average of the grid's carbon: of what is burnt, or of everything from the mine on. */
export const basisOption = {
	basis: {
		value: "BASIS",
		about: "with --zone: emissions of the fuel burnt, or of everything from the mine on",
		choices: ["direct", "lifecycle"],
		fallback: "lifecycle",
	},
} as const satisfies Options;

const options = {
	zone: {
		value: "ZONE",
		about: "grid of the year: data/raw/carbon-intensity-*; its wholesale price where there is one",
	},
	year: { value: "Y", about: "with --zone", range: "whole", fallback: 2024 },
	...basisOption,
	intensity: { value: "G", about: "carbon intensity, in place of a zone", unit: "gCO2e/kWh", range: "not negative" },
	intensities: {
		value: "PATH",
		about: "a file of Electricity Maps, NESO or WattTime, or a folder with provenance.yaml, in place of the shipped",
	},
	rate: {
		value: "RPS",
		about: "arrival rate: of the pipeline, and of the month",
		unit: "requests/s",
		range: "positive",
	},
	...modelEnergyOption,
	pue: {
		value: "P",
		about: "power usage effectiveness, 1 or more, in place of that of data/footprint.yaml",
		range: "positive",
	},
	hardware: { value: "NAME", about: "of data/footprint.yaml: cpu-core, a100" },
	factors: { value: "FILE", about: "in place of data/footprint.yaml" },
	json: { about: "each number with its range, kind and sources as JSON" },
	...reportOption,
} as const satisfies Options;

export const footprintCommand = describeCommand({
	about:
		"Energy, carbon (Software Carbon Intensity, ISO/IEC 21031: E, I, M and R each shown) and money of a request, of 1,000 and of a month at a load, each number with its range, kind and sources. What is not known is unavailable, never 0.",
	examples: ["video --rate 20 --model-energy --zone DE-LU", "my.csv --intensity 400"],
	args: [
		{
			name: "WHAT",
			about:
				"a pipeline (JSON, a name of IPA's, or its YAML): the best configuration at --rate; a dataset (a folder with provenance.yaml, a name of data/raw, or a table of your own, FILE.csv): every cell; or the --out folder of measure",
		},
	],
	options,
	run: async (call) => {
		const {
			values,
			args: [what = ""],
			note,
		} = call;
		const { rate, hardware } = values;
		const factors = await readFootprintFactors(values.factors);
		const site = await siteOf(values, factors);
		const evidence = await evidenceOf(what);
		const uses =
			evidence === undefined
				? [
						pipelineUse(
							await withEnergyModel(await pipelineOption({ profile: what, rate }, note), values["model-energy"]),
						),
					]
				: evidence.cells.map((cell) => cellUse(cell, rate));
		const footprints = uses.map((use) => footprintOf(use, hardwareFor(factors, use.device, hardware), site));
		const text = footprintText(what, footprints).trimEnd();
		answer(values.json, footprints, () => text);
		if (values.report !== undefined) {
			const { keptBeside, reportOn } = await import("./reportCommand.js");
			const footprintsFile = await keptBeside(values.report, "footprints", { what, footprints });
			await reportOn("own/footprint", { footprintsFile }, values.report, call);
		}
		return 0;
	},
});

/** Evidence of a dataset or a run; undefined where the name is a pipeline's. */
async function evidenceOf(what: string): Promise<Evidence | undefined> {
	const folders = [what, join(what, "dataset"), join(packageRoot, "data/raw", what)];
	for (const folder of folders)
		if ((await stat(join(folder, "provenance.yaml")).catch(() => undefined))?.isFile() === true)
			return readEvidence(folder);
	return /\.csv(\.gz)?$/i.test(what) ? readCellsCsv(what) : undefined;
}

async function siteOf(
	{ zone, year, basis, intensity, intensities, pue: given }: Values<typeof options>,
	factors: FootprintFactors,
): Promise<Site> {
	if (given !== undefined && given < 1) refuse("--pue", "must be 1 or more", given);
	const pue = given === undefined ? factors.pue : factor(given, "1", "modelled", "--pue");
	if (intensity !== undefined && zone !== undefined) refuse("--intensity", "must not be given with --zone", intensity);
	if (zone === undefined) return siteWithout(pue, intensity);
	return siteOnGrid(pue, { zone, basis, year, ...(intensities === undefined ? {} : { intensities }) });
}
