import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type BenchmarkResult, benchmark, type CellsNeeded } from "../calibration/benchmark.js";
import { measuredMachines, type PopulationMachine } from "../calibration/machines.js";
import type { Method } from "../calibration/nextCell.js";
import { readCellsCsv, readEvidence } from "../datasets/evidence.js";
import { InputError } from "../errors.js";
import { numberOption } from "./input/numberOption.js";

export const calibrateUsage = `sustainable-ipa calibrate --replay FILE.csv|FOLDER [--seeds N] [--method NAME[,NAME]] [--selection clean|all] [--for choice|map] [--json]
  Runs calibrations on a measured data set as if it were a machine (docs/calibration.md), one population of at least 30
  cells at a time, and says after how many cells the choice is that of the full factorial.
  --seeds N      calibrations a method (default 10)
  --method       ours (knowledge-gradient), expected-improvement, space-filling, random; all by default
  --selection    all: cells with a suspect flag too (clean by default)
  --cells N      cells tried (default: 45, or 60 % where there are fewer than 60)
  --json         a row a population, as one JSON object a line`;

const methods: readonly Method[] = ["knowledge-gradient", "expected-improvement", "space-filling", "random"];

/** Replays calibrations on a measured data set; exit code 0. */
export async function calibrateCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			replay: { type: "string" },
			seeds: { type: "string", default: "10" },
			method: { type: "string", default: methods.join(",") },
			selection: { type: "string", default: "clean" },
			for: { type: "string", default: "choice" },
			cells: { type: "string" },
			json: { type: "boolean", default: false },
		},
	});
	if (values.replay === undefined || positionals.length > 0)
		throw new InputError({ file: "calibrate", field: "--replay", rule: "name one data set to replay" });
	const seeds = numberOption("--seeds", values.seeds, "positive integer");
	const atMost = numberOption("--cells", values.cells, "positive integer");
	const asked = values.method.split(",").map((name) => oneOf("--method", name, methods));
	const selection = oneOf("--selection", values.selection, ["clean", "all"] as const);
	const purpose = oneOf("--for", values.for, ["choice", "map"] as const);
	const folder = (await stat(values.replay).catch(() => undefined))?.isDirectory() ?? false;
	const evidence = await (folder ? readEvidence(values.replay) : readCellsCsv(values.replay));
	const machines = measuredMachines(evidence, selection);
	if (machines.length === 0)
		throw new InputError({
			file: values.replay,
			rule: "must have a population of at least 30 cells with a measured energy and a latency",
		});
	for (const machine of machines) {
		const results = asked.map((method) =>
			benchmark(machine, { method, seeds, ...(atMost === undefined ? {} : { atMost }), settings: { purpose } }),
		);
		const { dataset, population, cells, selection } = machine;
		if (values.json) {
			const row = { dataset, population, selection, purpose, cells: cells.length, scenarios: 80, seeds, results };
			process.stdout.write(`${JSON.stringify(row)}\n`);
		} else process.stdout.write(tableOf(machine, results));
	}
	return 0;
}

function oneOf<T extends string>(option: string, given: string, allowed: readonly T[]): T {
	const found = allowed.find((name) => name === given);
	if (found !== undefined) return found;
	throw new InputError({
		file: "command line",
		field: option,
		rule: `must be one of ${allowed.join(", ")}`,
		value: given,
	});
}

function tableOf({ dataset, population, cells }: PopulationMachine, results: readonly BenchmarkResult[]): string {
	const needed = (value: CellsNeeded) => (value === "not-reached" ? ">" : String(value));
	const lines = results.map(({ method, cells_needed_95, cells_needed_all, stop }) =>
		[
			method.padEnd(22),
			`${needed(cells_needed_95.median)} (${needed(cells_needed_95.p90)})`.padEnd(12),
			`${needed(cells_needed_all.median)} (${needed(cells_needed_all.p90)})`.padEnd(12),
			stop.share_over_1pct === null
				? `undecided, at stake ${percent(stop.undecided?.mean_regret ?? 0)}`
				: `${needed(stop.k.median)} cells, ${percent(stop.share_over_1pct)} in error (${stop.stopped} of ${stop.seeds} seeds stopped)`,
		].join("  "),
	);
	const header = `${"method".padEnd(22)}  95 %          every one     stop`;
	return `${[`${dataset}, ${population}: ${cells.length} cells`, header, ...lines].join("\n")}\n\n`;
}

function percent(share: number): string {
	return `${Math.round(1000 * share) / 10} %`;
}
