import { join } from "node:path";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { writeSweepDataset } from "../measurement/gpuSweep/dataset.js";
import { qualityText } from "../measurement/gpuSweep/provenance.js";
import { runSweep, type SweepEnd } from "../measurement/gpuSweep/runSweep.js";
import { describeCommand, refuse } from "./command.js";

/** Exit code of a sweep that has more to do, as the program's own. */
const moreToDo = 3;

export const sweepCommand = describeCommand({
	about:
		"Measures the Video pipeline's models on a GPU (docs/gpu-sweep.md), and turns the journal into FOLDER, a dataset that `sustainable-ipa evaluate` takes. Says how complete the grid is, how wide the intervals, how far the control drifted, and how far counter and integrated power are apart.",
	examples: ["--run --journal video-gpu.jsonl --out FOLDER", "--journal a.jsonl --journal b.jsonl --out FOLDER"],
	args: [
		{
			name: "OPTIONS",
			about: "of the Python program, after --: --seconds 540 --window 5 --repetitions 5 --seed S --cells REGEX",
			optional: true,
			several: true,
		},
	],
	options: {
		journal: {
			value: "FILE",
			about: "JSON lines by python/video_gpu/sweep.py; several where several GPUs of one model were measured",
			again: true,
		},
		out: { value: "FOLDER", about: "the dataset, named after the folder" },
		run: { about: "measure first, going on where the journal ends, a call of at most 9 minutes at a time" },
		python: { value: "PYTHON", about: "a Python with torch, torchvision and nvidia-ml-py", fallback: "python3" },
		calls: {
			value: "N",
			about: "at most N calls",
			otherwise: "until every window is there",
			range: "positive integer",
		},
	},
	exits: { 3: "more to do: the same command goes on" },
	run: async ({ values, args, note }) => {
		const { journal: journals, out, run, python, calls } = values;
		const [journal] = journals;
		if (journal === undefined) return refuse("--journal", "must name a journal");
		if (out === undefined && !run) refuse("--out", "must name a folder");
		if (args.length > 0 && !run) refuse("OPTIONS", "must stand with --run", args[0]);
		if (run && journals.length > 1) refuse("--journal", "must name one journal with --run");
		const code = run ? await measure(journal, python, args, calls, note) : 0;
		if (out === undefined || (code !== 0 && code !== moreToDo)) return code;
		const { summaries, quality } = await writeSweepDataset(journals, out);
		console.log(`${summaries.length} cells: ${out}`);
		for (const line of qualityText(quality)) console.log(`  ${line}`);
		return code;
	},
});

async function measure(
	journal: string,
	python: string,
	options: readonly string[],
	calls: number | undefined,
	note: (line: string) => void,
): Promise<number> {
	for (let call = 1; ; call++) {
		const end: SweepEnd = await runSweep({
			python,
			program: join(packageRoot, "python", "video_gpu", "sweep.py"),
			journal,
			options,
			report: note,
		});
		if (end.status === "unavailable") throw new InputError({ file: "sweep", field: "--python", rule: end.reason });
		if (end.status !== "more" || call === calls) return end.exitCode;
	}
}
