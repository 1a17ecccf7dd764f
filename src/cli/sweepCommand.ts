import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { writeSweepDataset } from "../measurement/gpuSweep/dataset.js";
import { qualityText } from "../measurement/gpuSweep/provenance.js";
import { runSweep, type SweepEnd } from "../measurement/gpuSweep/runSweep.js";
import { numberOption } from "./input/numberOption.js";

export const sweepUsage = `sustainable-ipa sweep --journal FILE [--journal FILE ...] --out FOLDER
sustainable-ipa sweep --run --journal FILE [--out FOLDER] [--python PYTHON] [--calls N] [-- OPTIONS]
  Measures the Video pipeline's models on a GPU (docs/gpu-sweep.md), and turns the journal into FOLDER, a dataset that
  \`sustainable-ipa evaluate\` takes. Says how complete the grid is, how wide the intervals, how far the control drifted,
  and how far counter and integrated power are apart.
  --journal FILE  JSON lines by python/video_gpu/sweep.py; several where several GPUs of one model were measured
  --out FOLDER    the dataset, named after the folder
  --run           measure first, going on where the journal ends, a call of at most 9 minutes at a time
  --python        a Python with torch, torchvision and nvidia-ml-py (default: python3)
  --calls N       at most N calls (default: until every window is there)
  OPTIONS         of the Python program, after --: --seconds 540 --window 5 --repetitions 5 --seed S --cells REGEX`;

/** Exit code of a sweep that has more to do, as the program's own. */
const moreToDo = 3;

/** Measures, where asked, and writes the dataset, where asked. Exit code 0, or the program's own (3: more to do). */
export async function sweepCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		options: {
			journal: { type: "string", multiple: true, default: [] },
			out: { type: "string" },
			run: { type: "boolean", default: false },
			python: { type: "string", default: "python3" },
			calls: { type: "string" },
		},
		allowPositionals: true,
	});
	const { journal: journals, out, run } = values;
	const [journal] = journals;
	if (journal === undefined) throw new InputError({ file: "sweep", field: "--journal", rule: "must name a journal" });
	if (out === undefined && !run) throw new InputError({ file: "sweep", field: "--out", rule: "must name a folder" });
	if (positionals.length > 0 && !run)
		throw new InputError({ file: "sweep", rule: "takes no arguments without --run", value: positionals[0] });
	if (run && journals.length > 1)
		throw new InputError({ file: "sweep", field: "--journal", rule: "must name one journal with --run" });

	const code = run
		? await measure(journal, values.python, positionals, numberOption("--calls", values.calls, "positive integer"))
		: 0;
	if (out === undefined || (code !== 0 && code !== moreToDo)) return code;
	const { summaries, quality } = await writeSweepDataset(journals, out);
	console.log(`${summaries.length} cells: ${out}`);
	for (const line of qualityText(quality)) console.log(`  ${line}`);
	return code;
}

async function measure(journal: string, python: string, options: readonly string[], calls?: number): Promise<number> {
	for (let call = 1; ; call++) {
		const end: SweepEnd = await runSweep({
			python,
			program: join(packageRoot, "python", "video_gpu", "sweep.py"),
			journal,
			options,
			report: (line) => console.error(line),
		});
		if (end.status === "unavailable") throw new InputError({ file: "sweep", field: "--python", rule: end.reason });
		if (end.status !== "more" || call === calls) return end.exitCode;
	}
}
