import { parseArgs } from "node:util";
import { execa } from "execa";
import { checkout, jupyterProgram, kernelEnvironment } from "../jupyter/execute.js";

export const labUsage = `sustainable-ipa lab [-- JUPYTERLAB OPTIONS...]
  Opens JupyterLab in the checkout with the TypeScript kernel.`;

/** Opens JupyterLab; ends when it ends. Root (a container, a bare-metal image) is let in. */
export async function labCommand(argv: readonly string[]): Promise<number> {
	const { positionals } = parseArgs({ args: [...argv], allowPositionals: true });
	const root = process.getuid?.() === 0 ? ["--allow-root"] : [];
	const result = await execa(jupyterProgram("jupyter-lab"), [...root, ...positionals, "notebooks"], {
		cwd: checkout,
		env: kernelEnvironment(),
		stdio: "inherit",
		reject: false,
	});
	return result.exitCode ?? 1;
}
