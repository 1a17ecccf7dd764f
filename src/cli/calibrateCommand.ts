import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { benchmark } from "../calibration/benchmark.js";
import type { Method } from "../calibration/calibration.js";
import { measuredMachines } from "../calibration/replay.js";
import { writeAside } from "../datasets/file.js";
import { readOwnEvidence } from "../datasets/readEvidence.js";
import { planFile } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { readPipeline } from "../ipa/readPipeline.js";
import { calibratePlan } from "../measurement/calibratePlan.js";
import { calibrationReport, writeCalibration } from "../measurement/calibrationFiles.js";
import { cellsOfStage, cellsOfTable, withPrior } from "../measurement/knownCells.js";
import { detectMeters } from "../measurement/meters.js";
import { type Plan, readPlan } from "../measurement/plan.js";
import { progressLine } from "../measurement/progress.js";
import { calibrationMarkdown, replayText, visitHeader, visitLine } from "../report/calibrationWords.js";
import { answer, type Call, describeCommand, type Options, refuse, reportOption, type Values } from "./command.js";
import { interrupted, untilSignal } from "./signals.js";

const methods = ["knowledge-gradient", "expected-improvement", "space-filling", "random"] as const satisfies Method[];
const replay = "With --replay";

const options = {
	latencies: {
		value: "FILE.csv|FOLDER",
		about: "cells with latency and throughput, in the form of docs/bring-your-own.md",
	},
	profile: {
		value: "NAME|FILE",
		about: "a pipeline instead of --latencies; the energies are put into it (pipeline.json)",
	},
	stage: { value: "NAME", about: "the pipeline's stage" },
	out: { value: "FOLDER", about: "where journals and results go", otherwise: "calibrations/<plan>" },
	for: {
		value: "WHAT",
		about: "cells that decide the choice, or every second one for intervals of all cells",
		choices: ["choice", "map"],
		fallback: "choice",
	},
	margin: {
		value: "SHARE",
		about: "another cell is better where it saves more than this share",
		otherwise: "0.01",
		range: "positive",
	},
	"stop-below": {
		value: "P",
		about: "mean chance of another choice at which it stops",
		otherwise: "0.02",
		range: "positive",
	},
	"least-deviation": {
		value: "SHARE",
		about: "what an odd cell is feared to be off by",
		otherwise: "0.04",
		range: "positive",
	},
	cells: {
		value: "N",
		about: "cells measured at most; with --replay: tried",
		otherwise: "45, or 60 % of fewer than 60",
		range: "positive integer",
	},
	batch: { value: "N", about: "cells chosen at a time", range: "positive integer" },
	"eur-per-kwh": {
		value: "E",
		about: "with --eur-per-core-hour: the choice weighs core-seconds beside energy at these prices",
		unit: "EUR/kWh",
		range: "positive",
	},
	"eur-per-core-hour": { value: "C", about: "price of a core", unit: "EUR/core-hour", range: "positive" },
	"j-per-point": {
		value: "J",
		about: "the choice weighs a percentage point of accuracy at so many J",
		unit: "J",
		range: "positive",
	},
	prior: {
		value: "TABLE",
		about: "an earlier calibration's cells.csv (another version, another machine), as a feature",
	},
	replay: {
		value: "FILE.csv|FOLDER",
		about:
			"run calibrations on measured cells as if they were a machine, a population of 30 or more at a time, beside expected improvement, a space-filling design and random order",
		group: replay,
	},
	seeds: { value: "N", about: "calibrations a method", range: "positive integer", fallback: 10, group: replay },
	method: {
		value: "NAME,NAME",
		about: "some methods only, with commas between",
		choices: methods,
		list: true,
		group: replay,
	},
	selection: {
		value: "WHICH",
		about: "all: cells with a suspect flag too",
		choices: ["clean", "all"],
		fallback: "clean",
		group: replay,
	},
	curve: { about: "in the JSON, with every number of cells tried", group: replay },
	json: { about: "the report as JSON; with --replay a row a population" },
	...reportOption,
} as const satisfies Options;

export const calibrateCommand = describeCommand({
	about:
		"Measures few cells of a plan and predicts the rest, until the choice is sure (docs/calibration.md). Every cell's latency is known: from a table of cells (one that measure made will do) or from a pipeline's profile. Writes an energy profile for optimize, adapt and the IPA plugin. Stopped (Ctrl-C) or killed, the same command goes on.",
	examples: ["PLAN --latencies cells.csv", "PLAN --profile video --stage crop", "--replay data/raw/edgetune"],
	args: [{ name: "PLAN", about: "a plan's file, or a shipped one; none with --replay", optional: true }],
	options,
	exits: { 3: "the choice stays undecided", 130: "stopped by Ctrl-C: the same command goes on" },
	run: (call) => {
		const {
			values,
			args: [name],
		} = call;
		if ((name === undefined) === (values.replay === undefined))
			refuse("PLAN, --replay", "name one plan, or one data set with --replay");
		return name === undefined ? replayed(values.replay as string, call) : calibrated(name, call);
	},
});

type Given = Values<typeof options>;

function settingsOf({ for: purpose, margin, "stop-below": stopBelow, "least-deviation": leastDeviation }: Given) {
	return {
		purpose,
		...(margin === undefined ? {} : { margin }),
		...(stopBelow === undefined ? {} : { stopBelow }),
		...(leastDeviation === undefined ? {} : { leastDeviation }),
	};
}

async function replayed(path: string, call: Call<typeof options>): Promise<number> {
	const { values } = call;
	const { seeds, cells: atMost, method: asked = methods, selection } = values;
	const settings = settingsOf(values);
	const machines = measuredMachines(await readOwnEvidence(path), selection);
	if (machines.length === 0)
		throw new InputError({
			file: path,
			rule: "must have a population of at least 30 cells with a measured energy and a latency",
		});
	const prior = values.prior === undefined ? undefined : await readOwnEvidence(values.prior);
	const rows: string[] = [];
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
		rows.push(`${JSON.stringify({ ...row, results })}\n`);
	}
	if (values.report !== undefined) {
		const replaysFile = resolve(values.report.replace(/\.html?$/, "-replays.jsonl"));
		await writeAside(replaysFile, rows);
		await (await import("./reportCommand.js")).reportOn("own/calibrate", { replaysFile }, values.report, call);
	}
	return 0;
}

async function calibrated(name: string, call: Call<typeof options>): Promise<number> {
	const { values, quiet } = call;
	const file = planFile(name);
	const plan = await readPlan(file);
	const { known, pipeline, stage } = await knownOf(plan, values);
	const prior = values.prior;
	const cells = prior === undefined ? known : withPrior(known, prior, (await readOwnEvidence(prior)).cells);
	const folder = values.out ?? join("calibrations", plan.name);
	const meters = await detectMeters(plan);
	const { batch, cells: atMost } = values;
	const say = (line: string) => (quiet ? undefined : process.stderr.write(line));
	say(`${visitHeader}\n`);
	const done = await untilSignal((signal) =>
		calibratePlan(plan, cells, {
			folder,
			planFolder: dirname(file),
			meters,
			signal,
			settings: settingsOf(values),
			scenarios: scenariosOf(values),
			...(batch === undefined ? {} : { batch }),
			...(atMost === undefined ? {} : { atMost }),
			// A line that the next visit writes over; elsewhere than on a terminal the table alone.
			report: (progress) => process.stderr.isTTY && say(`\r\u001b[K${progressLine(progress)}`),
			visited: (visit) => say(`${process.stderr.isTTY ? "\r\u001b[K" : ""}${visitLine(visit)}\n`),
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
	answer(
		values.json,
		report,
		() => `${done.status}: ${report.calibration}\n${[...paths, join(folder, "report.md")].join("\n")}`,
	);
	if (values.report !== undefined) {
		const reportFile = resolve(folder, "report.json");
		await (await import("./reportCommand.js")).reportOn("own/calibrate", { reportFile }, values.report, call);
	}
	return done.status === "sure" ? 0 : 3;
}

async function knownOf(plan: Plan, { latencies, profile, stage }: Given) {
	if ((latencies === undefined) === (profile === undefined))
		refuse("--latencies, --profile", "give one: where the latencies are");
	if (latencies !== undefined)
		return {
			known: cellsOfTable(plan, latencies, (await readOwnEvidence(latencies)).cells),
			stage: stage ?? plan.name,
			pipeline: undefined,
		};
	const pipeline = await readPipeline(profile);
	const own = pipeline.stages.find(({ name }) => name === stage);
	if (own === undefined)
		return refuse(
			"--stage",
			`must name a stage of ${pipeline.name}: ${pipeline.stages.map(({ name }) => name).join(", ")}`,
			stage,
		);
	return { known: cellsOfStage(plan, profile as string, own), stage: own.name, pipeline };
}

/** Joules that a core-second and a point of accuracy are worth, by the prices given. */
function scenariosOf(values: Given) {
	const { "eur-per-kwh": kwh, "eur-per-core-hour": core, "j-per-point": weight_j_per_pct } = values;
	if ((kwh === undefined) !== (core === undefined))
		refuse("--eur-per-kwh, --eur-per-core-hour", "must be given together");
	return {
		...(kwh === undefined || core === undefined ? {} : { price_j_per_core_s: core / 3600 / (kwh / 3.6e6) }),
		...(weight_j_per_pct === undefined ? {} : { weight_j_per_pct }),
	};
}
