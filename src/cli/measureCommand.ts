import { dirname, extname, join } from "node:path";
import { writeAside } from "../datasets/file.js";
import { planFile } from "../datasets/root.js";
import { commandProbes } from "../energy/commandProbe.js";
import { writeMeasuredDataset } from "../measurement/dataset.js";
import { type MeasureOptions, measurePlan } from "../measurement/measurePlan.js";
import { measureProgram, programPlan } from "../measurement/measureProgram.js";
import { detectMeters, type Meters } from "../measurement/meters.js";
import { anyServerCoefficients, readEnergyCoefficients } from "../measurement/modelEnergy.js";
import { readPlan } from "../measurement/plan.js";
import { parseShard, wholePlan } from "../measurement/planCells.js";
import { progressLine } from "../measurement/progress.js";
import { programCsv, programMarkdown, programText } from "../report/programTable.js";
import { answer, type Call, describeCommand, jsonOption, type Options, refuse } from "./command.js";
import { livePage } from "./livePage.js";
import { modelledCellsOption } from "./mergeCommand.js";
import { interrupted, progressOn, untilSignal } from "./signals.js";

const ofPlan = { group: "For a plan" } as const;
const ofProgram = { group: "For a program" } as const;

const options = {
	out: {
		value: "FOLDER",
		about: "where the journal and the dataset go",
		otherwise: "measurements/<plan>, with -<I>of<N> for a shard",
		...ofPlan,
	},
	dataset: {
		value: "FOLDER",
		about: "where the dataset goes instead, with its details and journal in it, to be kept with the shipped ones",
		...ofPlan,
	},
	shard: {
		value: "I/N",
		about: "only part I (from 0) of N of the plan, for a run over several nodes (see k8s and merge)",
		...ofPlan,
	},
	"model-energy": { ...modelledCellsOption["model-energy"], ...ofPlan },
	"name-host": {
		about: "record the machine's name; without it neither it nor a path of its user's is in what is written",
		...ofPlan,
	},
	runs: {
		value: "N",
		about: "windows that count, a run each, or as many as the energy source with the longest windows needs",
		range: "positive integer",
		fallback: 10,
		...ofProgram,
	},
	warmup: { value: "N", about: "runs before them", range: "positive integer", fallback: 1, ...ofProgram },
	idle: {
		value: "SECONDS",
		about: "idle baseline before and after, where there is an energy source",
		range: "positive",
		fallback: 5,
		...ofProgram,
	},
	input: { value: "FILE", about: "the program's standard input", otherwise: "empty", ...ofProgram },
	"ignore-failure": { about: "runs count whatever their exit code is", ...ofProgram },
	export: {
		value: "FILE",
		about: "also write the result to FILE.csv, .json (with every window) or .md",
		again: true,
		...ofProgram,
	},
	watch: {
		about:
			"a page on this machine alone that shows watts, joules and progress while it goes on; its address is told first",
	},
	"probe-command": {
		value: "COMMAND",
		about: "a program that prints joules or watts, as an energy source before all others (docs/energy-probes.md)",
		again: true,
	},
	...jsonOption,
} as const satisfies Options;

export const measureCommand = describeCommand({
	about:
		"Runs a plan and writes FOLDER/dataset, which `sustainable-ipa evaluate` takes. Each finished repetition is kept in FOLDER/journal.jsonl: a run that was stopped (Ctrl-C) or killed goes on from there when the same command is given again. Or, after --, measures a program: its time, CPU time and energy by every source that is there, started directly and never through a shell.",
	examples: [
		"video-quick",
		"my-plan.yaml --out measured",
		"video-full --shard 0/4",
		"-- ./my-program --fast",
		"--runs 20 --export result.csv -- python3 model.py",
	],
	args: [
		{
			name: "PLAN",
			about:
				"a plan's file, or a shipped one: video-quick, video-full, one-stage, one-knob, video-gpu, notebook; or -- and a program with its arguments",
			several: true,
		},
	],
	options,
	exits: { 1: "bad input, or the program failed", 130: "stopped by Ctrl-C: of a plan the same command goes on" },
	run: async (call) => {
		const dashes = process.argv.indexOf("--");
		if (dashes >= 0) return program(process.argv.slice(dashes + 1), call);
		const [name = "", ...more] = call.args;
		if (more.length > 0) refuse("PLAN", "name one plan, or give a program after --", more[0]);
		return plan(name, call);
	},
});

function tellSources({ available, unavailable }: Meters, note: (line: string) => void): void {
	note(
		available.length > 0
			? `energy by ${available.map(({ name }) => name).join(", ")}`
			: "energy unavailable: no energy source; latency, throughput and CPU time are measured all the same",
	);
	for (const { probe, reason } of unavailable) note(`  ${probe}: ${reason}`);
}

async function plan(name: string, { values, note, quiet, given }: Call<typeof options>): Promise<number> {
	refuseOthers(given, "For a program", "goes with a program after --");
	const file = planFile(name);
	const plan = await readPlan(file);
	const shard = values.shard === undefined ? wholePlan : parseShard(values.shard);
	const part = shard.count === 1 ? "" : `-${shard.index}of${shard.count}`;
	const folder = values.out ?? join("measurements", `${plan.name}${part}`);
	const model = values["model-energy"] ? await readEnergyCoefficients(anyServerCoefficients) : undefined;
	const meters = await detectMeters(plan, undefined, commandProbes(values["probe-command"]));
	tellSources(meters, note);
	const outcome = await watched(plan.title, { values, quiet }, (shown) =>
		measurePlan(plan, { folder, planFolder: dirname(file), shard, meters, nameHost: values["name-host"], ...shown }),
	);
	if (outcome.status === "stopped") {
		console.error(
			`stopped after ${outcome.finished} of ${outcome.planned} repetitions, all kept in ${folder}; give the same command again to go on`,
		);
		return interrupted;
	}
	const { dataset = join(folder, "dataset") } = values;
	const cells = await writeMeasuredDataset(folder, plan, [outcome.records], { model, dataset: values.dataset });
	answer(
		values.json,
		{ dataset, journal: join(folder, "journal.jsonl"), cells, repetitions: outcome.finished },
		() => `${cells.length} cells from ${outcome.finished} repetitions: ${dataset}`,
	);
	return 0;
}

async function program(
	argv: readonly string[],
	{ values, args, note, quiet, given }: Call<typeof options>,
): Promise<number> {
	if (argv.length === 0 || args.length > argv.length) refuse("--", "name a program after it, and no plan before it");
	refuseOthers(given, "For a plan", "goes with a plan");
	const writers = values.export.map((file) => [file, writerOf(file)] as const);
	const asked = { warmup: values.warmup, runs: values.runs, idle_s: values.idle };
	const meters = await detectMeters(
		programPlan(argv, { ...asked, meters: { available: [], unavailable: [] } }),
		undefined,
		commandProbes(values["probe-command"]),
	);
	if (meters.available.length > 0) tellSources({ ...meters, unavailable: [] }, note);
	const measured = await watched(argv.join(" "), { values, quiet: quiet || !process.stderr.isTTY }, (shown) =>
		measureProgram(argv, {
			...asked,
			meters,
			input: values.input,
			ignoreFailure: values["ignore-failure"],
			...shown,
		}),
	);
	for (const [file, write] of writers) await writeAside(file, write(measured));
	answer(values.json, measured, () => programText(measured));
	return measured.status === "stopped" ? interrupted : 0;
}

/** Runs something with its progress shown, on the live page too where that is asked for, until a signal stops it. */
async function watched<T extends { readonly status: string }>(
	title: string,
	{ values, quiet }: Pick<Call<typeof options>, "values" | "quiet">,
	run: (shown: Required<Pick<MeasureOptions, "signal" | "report" | "recorded">>) => Promise<T>,
): Promise<T> {
	const page = values.watch ? await livePage(title) : undefined;
	if (page !== undefined) console.error(`watch it at ${page.url}`);
	const progress = progressOn(quiet);
	let how = "failed";
	try {
		const done = await untilSignal((signal) =>
			run({
				signal,
				report: (now) => {
					progress.show(progressLine(now));
					page?.progress(now);
				},
				recorded: (record) => page?.recorded(record),
			}),
		);
		how = done.status;
		return done;
	} finally {
		progress.end();
		await page?.close(how);
	}
}

/** Refuses options of the other way to call this. */
function refuseOthers(given: readonly string[], group: string, rule: string): void {
	const other = Object.entries<Options[string]>(options).find(
		([name, own]) => own.group === group && given.includes(name),
	);
	if (other !== undefined) refuse(`--${other[0]}`, rule);
}

type Writer = (measured: Awaited<ReturnType<typeof measureProgram>>) => string;

function writerOf(file: string): Writer {
	const writers: Readonly<Record<string, Writer>> = {
		".csv": programCsv,
		".md": programMarkdown,
		".json": (measured) => `${JSON.stringify(measured, null, 2)}\n`,
	};
	return writers[extname(file)] ?? refuse("--export", "must end with .csv, .json or .md", file);
}
