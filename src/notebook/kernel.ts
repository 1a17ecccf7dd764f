import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout: the folder that holds package.json. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Registers the TypeScript kernel for this checkout alone, in .jupyter, and answers the environment in which Jupyter
 * finds it. The kernelspec names node and tslab by absolute path, so neither need be on the PATH.
 */
export function kernelEnvironment(): Record<string, string> {
	const folder = join(checkout, ".jupyter", "kernels", "tslab");
	mkdirSync(folder, { recursive: true });
	const tslab = join(checkout, "node_modules", "tslab", "bin", "tslab");
	const faults = join(checkout, "scripts", "kernel-faults.cjs");
	const spec = {
		argv: [process.execPath, "--require", faults, tslab, "kernel", "--config-path", "{connection_file}"],
		display_name: "TypeScript",
		language: "typescript",
	};
	writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, null, "\t")}\n`);
	const paths = [join(checkout, ".jupyter"), process.env.JUPYTER_PATH].filter((path) => path !== undefined);
	return { JUPYTER_PATH: paths.join(delimiter) };
}

/** A program of Jupyter's: the one on the PATH, or else the one in the checkout's .venv. */
export function jupyterProgram(name: "jupyter-nbconvert" | "jupyter-lab"): string {
	const onPath = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
	const inVenv = join(checkout, ".venv", "bin", name);
	return !onPath && existsSync(inVenv) ? inVenv : name;
}
