import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { factor, type Site } from "../carbon/sci.js";
import { type FootprintFactors, readFootprintFactors } from "../datasets/gridYear.js";
import { readCellsCsv, readEvidence } from "../datasets/readEvidence.js";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import type { Evidence } from "../evaluation/evidence.js";
import { cellUse, footprintOf, hardwareFor, pipelineUse, siteOnGrid, siteWithout } from "../levers/sciUse.js";
import { readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { withModelledEnergy } from "../pipeline/energy.js";
import type { PipelineSpec } from "../pipeline/spec.js";
import { numberOption } from "./input/numberOption.js";
import { pipelineOption } from "./input/pipelineOption.js";
import { footprintText } from "./output/footprintText.js";

export const footprintUsage = `sustainable-ipa footprint PIPELINE|DATASET|RUN [--zone ZONE [--year Y] [--basis direct|lifecycle] | --intensity G] [--intensities PATH]
                          [--rate RPS] [--model-energy] [--pue P] [--hardware NAME] [--factors FILE] [--json]
  Energy, carbon (Software Carbon Intensity, ISO/IEC 21031: E, I, M and R each shown) and money of a request, of 1,000 and
  of a month at a load, each number with its range, kind and sources. What is not known is unavailable, never 0.
  PIPELINE        a pipeline's JSON, a name of IPA's pipelines or its YAML: the best configuration at --rate
  DATASET         a folder with provenance.yaml, a name of data/raw, or a table of your own (FILE.csv): every cell
  RUN             the --out folder of measure
  --zone          grid of the year (default 2024; basis lifecycle by default): data/raw/carbon-intensity-*; its wholesale
                  price where there is one
  --intensity     grams a kWh, in place of a zone
  --intensities   a file of Electricity Maps, NESO or WattTime, or a folder with provenance.yaml, in place of the shipped
  --rate          requests/s: of the pipeline, and of the month
  --model-energy  give a pipeline a modelled energy (data/derived/deployed-power.yaml): no evidence, labelled so
  --pue, --hardware, --factors   in place of those of data/footprint.yaml (hardware: cpu-core, a100)`;

/** Prints the footprint of a pipeline's best configuration, or of every cell of a dataset. */
export async function footprintCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			zone: { type: "string" },
			year: { type: "string", default: "2024" },
			basis: { type: "string", default: "lifecycle" },
			intensity: { type: "string" },
			intensities: { type: "string" },
			rate: { type: "string" },
			"model-energy": { type: "boolean" },
			pue: { type: "string" },
			hardware: { type: "string" },
			factors: { type: "string" },
			json: { type: "boolean" },
		},
	});
	const [what, ...more] = positionals;
	if (what === undefined || more.length > 0)
		fail("PIPELINE|DATASET|RUN", "must be named, one of them", positionals.length);
	const factors = await readFootprintFactors(values.factors);
	const site = await siteOf(values, factors);
	const rate_rps = numberOption("--rate", values.rate, "positive");
	const evidence = await evidenceOf(what);
	const named =
		evidence === undefined
			? [pipelineUse(await specOf(what, values.rate, values["model-energy"] === true))]
			: evidence.cells.map((cell) => cellUse(cell, rate_rps));
	const footprints = named.map((use) => footprintOf(use, hardwareFor(factors, use.device, values.hardware), site));
	process.stdout.write(
		values.json === true ? `${JSON.stringify(footprints, null, 2)}\n` : footprintText(what, footprints),
	);
	return 0;
}

async function specOf(profile: string, rate: string | undefined, model: boolean): Promise<PipelineSpec> {
	const given = await pipelineOption({ profile, rate });
	return model ? withModelledEnergy(given, await readEnergyCoefficients()) : given;
}

/** Evidence of a dataset or a run; undefined where the name is a pipeline's. */
async function evidenceOf(what: string): Promise<Evidence | undefined> {
	const folders = [what, join(what, "dataset"), join(packageRoot, "data/raw", what)];
	for (const folder of folders)
		if ((await stat(join(folder, "provenance.yaml")).catch(() => undefined))?.isFile() === true)
			return readEvidence(folder);
	return /\.csv(\.gz)?$/i.test(what) ? readCellsCsv(what) : undefined;
}

async function siteOf(
	values: {
		readonly zone?: string | undefined;
		readonly year: string;
		readonly basis: string;
		readonly intensity?: string | undefined;
		readonly intensities?: string | undefined;
		readonly pue?: string | undefined;
	},
	factors: FootprintFactors,
): Promise<Site> {
	const { zone, basis, intensities } = values;
	const given_pue = numberOption("--pue", values.pue, "positive");
	if (given_pue !== undefined && given_pue < 1) fail("--pue", "must be 1 or more", given_pue);
	const pue = given_pue === undefined ? factors.pue : factor(given_pue, "1", "modelled", "--pue");
	const grams = numberOption("--intensity", values.intensity, "not negative");
	if (grams !== undefined && zone !== undefined) fail("--intensity", "must not be given with --zone", grams);
	if (basis !== "direct" && basis !== "lifecycle") return fail("--basis", "must be direct or lifecycle", basis);
	const year = numberOption("--year", values.year, "whole");
	if (zone === undefined) return siteWithout(pue, grams);
	return siteOnGrid(pue, { zone, basis, year, ...(intensities === undefined ? {} : { intensities }) });
}

function fail(field: string, rule: string, value: unknown): never {
	throw new InputError({ file: "command line", field, rule, value });
}
