/**
 * Runs the study's instruments (test/evaluation/madeUpGrids.ts) on the shipped grids and keeps the table that the report
 * shows: data/derived/instruments.json. Minutes. Arguments: draws (200).
 */
import { execFileSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type InstrumentRow, readEvaluationSettings } from "../src/datasets/dataFiles.js";
import { readAllEvidence } from "../src/datasets/readEvidence.js";
import { packageRoot } from "../src/datasets/root.js";
import { evaluate } from "../src/evaluation/evaluate.js";
import { runInstruments } from "../test/evaluation/madeUpGrids.js";

const draws = Number(process.argv[2] ?? 200);
const noises = [
	{ noise: 0, told: 0 },
	{ noise: 0.02, told: 0.02 },
	{ noise: 0.05, told: 0.05 },
	{ noise: 0.1, told: 0.1 },
	{ noise: 0.1, told: 0.02 },
];

async function main(): Promise<void> {
	const settings = await readEvaluationSettings(join(packageRoot, "data/evaluation.yaml"));
	const study = evaluate(await readAllEvidence(join(packageRoot, "data")), { ...settings, formula_cells_shown: [] });
	const rows: InstrumentRow[] = [];
	for (const noise of noises) {
		rows.push(...runInstruments(study, { draws, noises: [noise], seed: settings.seed }));
		process.stderr.write(`noise ${noise.noise}, told ${noise.told}: done\n`);
	}
	const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: packageRoot, encoding: "utf8" }).trim();
	const file = join(packageRoot, "data/derived/instruments.json");
	writeFileSync(`${file}.part`, `${JSON.stringify({ seed: settings.seed, draws, commit, rows }, null, 1)}\n`);
	renameSync(`${file}.part`, file);
}

await main();
