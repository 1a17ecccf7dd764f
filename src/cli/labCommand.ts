import { execa } from "execa";
import { checkout, jupyterProgram, kernelEnvironment } from "../jupyter/execute.js";
import { describeCommand } from "./command.js";

export const labCommand = describeCommand({
	about: "Opens JupyterLab in the checkout with the TypeScript kernel.",
	examples: ["", "-- --no-browser --port 8899"],
	args: [{ name: "OPTIONS", about: "of JupyterLab, after --", optional: true, several: true }],
	options: {},
	// Root (a container, a bare-metal image) is let in.
	run: async ({ args }) => {
		const root = process.getuid?.() === 0 ? ["--allow-root"] : [];
		const result = await execa(jupyterProgram("jupyter-lab"), [...root, ...args, "notebooks"], {
			cwd: checkout,
			env: kernelEnvironment(),
			stdio: "inherit",
			reject: false,
		});
		return result.exitCode ?? 1;
	},
});
