import { constants, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { systemFault } from "../datasets/file.js";
import { packageRoot } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { describeCommand, refuse } from "./command.js";

/** Each template under data/, the name that its copy has where none is given, and the command that it is for. */
const templates = {
	csv: { from: "template.csv", to: "my.csv", next: "evaluate FILE" },
	pipeline: { from: "templates/pipeline.yaml", to: "my-pipeline.yaml", next: "optimize --profile FILE" },
	plan: { from: "templates/plan.yaml", to: "my-plan.yaml", next: "measure FILE" },
	trace: { from: "templates/trace.csv", to: "my-trace.csv", next: "adapt --trace FILE" },
	baseline: { from: "templates/baseline.yaml", to: "my-baselines.yaml", next: "adapt --systems FILE" },
} as const;
const kinds = Object.keys(templates);

export const initCommand = describeCommand({
	about: "Writes a template that runs as it stands, to be changed into your own, and says the command that takes it.",
	examples: ["csv", "plan", "pipeline my-pipeline.yaml"],
	args: [
		{ name: "KIND", about: `one of ${kinds.join(", ")}` },
		{ name: "FILE", about: "where it goes (my.csv, my-plan.yaml, ...); a file that is there stays", optional: true },
	],
	options: {},
	run: async ({ args: [kind = "", file] }) => {
		if (!(kind in templates)) refuse("KIND", `must be one of ${kinds.join(", ")}`, kind);
		const { from, to, next } = templates[kind as keyof typeof templates];
		const out = file ?? to;
		await copyFile(join(packageRoot, "data", from), out, constants.COPYFILE_EXCL).catch((error: unknown) => {
			const { code } = error as NodeJS.ErrnoException;
			if (code === "EEXIST") throw new InputError({ file: out, rule: "must not be there yet: give another name" });
			throw systemFault(error, out);
		});
		console.log(`${out}: change it, then sustainable-ipa ${next.replace("FILE", out)}`);
		return 0;
	},
});
