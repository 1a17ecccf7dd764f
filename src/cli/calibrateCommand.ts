import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchmark } from "../calibration/benchmark.js";
import type { Method } from "../calibration/calibration.js";
import { measuredMachines } from "../calibration/replay.js";
import { readCellsCsv, readEvidence } from "../datasets/readEvidence.js";
import { planFile } from "../datasets/root.js";
import { InputError } from "../errors.js";
import type { Evidence } from "../evaluation/evidence.js";
import { readPipeline } from "../ipa/readPipeline.js";
import { calibratePlan } from "../measurement/calibratePlan.js";
import { calibrationReport, writeCalibration } from "../measurement/calibrationFiles.js";
import { cellsOfStage, cellsOfTable, withPrior } from "../measurement/knownCells.js";
import { detectMeters } from "../measurement/meters.js";
import { type Plan, readPlan } from "../measurement/plan.js";
import { progressLine } from "../measurement/progress.js";
import { numberOption } from "./input/numberOption.js";
import { calibrationMarkdown, visitHeader, visitLine } from "./output/calibrationText.js";
import { replayText } from "./output/replayText.js";
import { interrupted, untilSignal } from "./output/untilSignal.js";

export const calibrateUsage = `sustainable-ipa calibrate PLAN --latencies FILE.csv|FOLDER | --profile FILE|NAME --stage NAME [--out FOLDER]
sustainable-ipa calibrate --replay FILE.csv|FOLDER [--seeds N] [--json]
  Measures few cells of a plan and predicts the rest, until the choice is sure (docs/calibration.md). Every cell's latency
  is known: from a table of cells (one that measure made will do) or from a pipeline's profile. Writes an energy profile
  for optimize, adapt and the IPA plugin. Stopped (Ctrl-C) or killed, the same command goes on.
  --latencies       cells with latency and throughput, in the form of docs/bring-your-own.md
  --profile, --stage  a pipeline's JSON and the name of its stage; the energies are put into it (pipeline.json)
  --out FOLDER      where journals and results go (default: calibrations/<plan>)
  --for choice|map  cells that decide the choice (default), or every second one for intervals of all cells
  --margin SHARE    another cell is better where it saves more than this share (default 0.01)
  --stop-below P    mean chance of another choice at which it stops (default 0.02)
  --least-deviation S  what an odd cell is feared to be off by, as a share (default 0.04)
  --cells N         cells measured at most; with --replay: tried (default 45, or 60 % of fewer than 60)
  --batch N         cells chosen at a time
  --eur-per-kwh, --eur-per-core-hour  the choice weighs core-seconds beside energy at these prices
  --j-per-point     the choice weighs a percentage point of accuracy at so many J
  --prior TABLE     an earlier calibration's cells.csv (another version, another machine), as a feature
  --replay          runs calibrations on measured cells as if they were a machine, a population of 30 or more at a time,
                    beside expected improvement, a space-filling design and random order
  --seeds N         calibrations a method (default 10);  --method NAME[,NAME]: some methods only
  --selection       all: cells with a suspect flag too (default clean)
  --json            a row a population; --curve: with every number of cells tried`;

const methods: readonly Method[] = ["knowledge-gradient", "expected-improvement", "space-filling", "random"];

const options = {
	latencies: { type: "string" },
	profile: { type: "string" },
	stage: { type: "string" },
	out: { type: "string" },
	for: { type: "string", default: "choice" },
	margin: { type: "string" },
	"stop-below": { type: "string" },
	"least-deviation": { type: "string" },
	cells: { type: "string" },
	batch: { type: "string" },
	"eur-per-kwh": { type: "string" },
	"eur-per-core-hour": { type: "string" },
	"j-per-point": { type: "string" },
	prior: { type: "string" },
	replay: { type: "string" },
	seeds: { type: "string", default: "10" },
	method: { type: "string", default: methods.join(",") },
	selection: { type: "string", default: "clean" },
	json: { type: "boolean", default: false },
	curve: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
	return parseArgs({ args: [...argv], allowPositionals: true, options });
}

/** Calibrates a plan, or replays a measured data set. Exit code 0; 3 where the choice stays undecided, 130 when stopped. */
export async function calibrateCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parse(argv);
	const [name, ...more] = positionals;
	if (more.length > 0 || (name === undefined) === (values.replay === undefined))
		throw new InputError({ file: "calibrate", rule: "name one plan, or one data set with --replay" });
	return name === undefined ? replayed(values.replay as string, values) : calibrated(name, values);
}

function settingsOf(values: Values) {
	const margin = numberOption("--margin", values.margin, "positive");
	const stopBelow = numberOption("--stop-below", values["stop-below"], "positive");
	const leastDeviation = numberOption("--least-deviation", values["least-deviation"], "positive");
	return {
		purpose: oneOf("--for", values.for, ["choice", "map"] as const),
		...(margin === undefined ? {} : { margin }),
		...(stopBelow === undefined ? {} : { stopBelow }),
		...(leastDeviation === undefined ? {} : { leastDeviation }),
	};
}

async function replayed(path: string, values: Values): Promise<number> {
	const seeds = numberOption("--seeds", values.seeds, "positive integer");
	const atMost = numberOption("--cells", values.cells, "positive integer");
	const asked = values.method.split(",").map((name) => oneOf("--method", name, methods));
	const selection = oneOf("--selection", values.selection, ["clean", "all"] as const);
	const settings = settingsOf(values);
	const machines = measuredMachines(await readTable(path), selection);
	if (machines.length === 0)
		throw new InputError({
			file: path,
			rule: "must have a population of at least 30 cells with a measured energy and a latency",
		});
	const prior = values.prior === undefined ? undefined : await readTable(values.prior);
	for (const known of machines) {
		const cells = prior === undefined ? known.cells : withPrior(known.cells, values.prior as string, prior.cells);
		const machine = { ...known, cells };
		const results = asked.map((method) =>
			benchmark(machine, { method, seeds, ...(atMost === undefined ? {} : { atMost }), settings }),
		);
		const { dataset, population } = machine;
		const scenarios = results[0]?.scenarios;
		const row = { dataset, population, selection, purpose: settings.purpose, cells: cells.length, scenarios, seeds };
		process.stdout.write(
			values.json
				? `${JSON.stringify({ ...row, results: values.curve ? results : results.map(({ curve: _, ...rest }) => rest) })}\n`
				: replayText(machine, results),
		);
	}
	return 0;
}

async function calibrated(name: string, values: Values): Promise<number> {
	const plan = await readPlan(planFile(name));
	const { known, pipeline, stage } = await knownOf(plan, values);
	const prior = values.prior;
	const cells = prior === undefined ? known : withPrior(known, prior, (await readTable(prior)).cells);
	const folder = values.out ?? join("calibrations", plan.name);
	const meters = await detectMeters(plan);
	const batch = numberOption("--batch", values.batch, "positive integer");
	const atMost = numberOption("--cells", values.cells, "positive integer");
	console.error(visitHeader);
	const done = await untilSignal((signal) =>
		calibratePlan(plan, cells, {
			folder,
			meters,
			signal,
			settings: settingsOf(values),
			scenarios: scenariosOf(values),
			...(batch === undefined ? {} : { batch }),
			...(atMost === undefined ? {} : { atMost }),
			// A line that the next visit writes over; elsewhere than on a terminal the table alone.
			report: (progress) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${progressLine(progress)}`),
			visited: (visit) => process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[K" : ""}${visitLine(visit)}\n`),
		}),
	);
	if (done.status === "stopped") {
		console.error(
			`stopped after ${done.visits.length} cells, all kept in ${folder}; give the same command again to go on`,
		);
		return interrupted;
	}
	const paths = await writeCalibration(folder, plan, done, { stage, ...(pipeline === undefined ? {} : { pipeline }) });
	const report = calibrationReport(plan, done);
	await writeFile(join(folder, "report.md"), calibrationMarkdown(report, done.visits));
	console.log(
		values.json
			? JSON.stringify(report)
			: `${done.status}: ${report.calibration}\n${[...paths, join(folder, "report.md")].join("\n")}`,
	);
	return done.status === "sure" ? 0 : 3;
}

async function knownOf(plan: Plan, { latencies, profile, stage }: Values) {
	if ((latencies === undefined) === (profile === undefined))
		throw new InputError({
			file: "command line",
			field: "--latencies, --profile",
			rule: "give one: where the latencies are",
		});
	if (latencies !== undefined)
		return {
			known: cellsOfTable(plan, latencies, (await readTable(latencies)).cells),
			stage: stage ?? plan.name,
			pipeline: undefined,
		};
	const pipeline = await readPipeline(profile);
	const own = pipeline.stages.find(({ name }) => name === stage);
	if (own === undefined)
		throw new InputError({
			file: "command line",
			field: "--stage",
			rule: `must name a stage of ${pipeline.name}: ${pipeline.stages.map(({ name }) => name).join(", ")}`,
			value: stage,
		});
	return { known: cellsOfStage(plan, profile as string, own), stage: own.name, pipeline };
}

/** Joules that a core-second and a point of accuracy are worth, by the prices given. */
function scenariosOf(values: Values) {
	const kwh = numberOption("--eur-per-kwh", values["eur-per-kwh"], "positive");
	const core = numberOption("--eur-per-core-hour", values["eur-per-core-hour"], "positive");
	const weight_j_per_pct = numberOption("--j-per-point", values["j-per-point"], "positive");
	if ((kwh === undefined) !== (core === undefined))
		throw new InputError({
			file: "command line",
			field: "--eur-per-kwh, --eur-per-core-hour",
			rule: "must be given together",
		});
	return {
		...(kwh === undefined || core === undefined ? {} : { price_j_per_core_s: core / 3600 / (kwh / 3.6e6) }),
		...(weight_j_per_pct === undefined ? {} : { weight_j_per_pct }),
	};
}

async function readTable(path: string): Promise<Evidence> {
	const folder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
	return folder ? readEvidence(path) : readCellsCsv(path);
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
