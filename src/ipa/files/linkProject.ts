import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * A project folder for one experiment of a checkout: copies of its YAML and of accuracies.yaml, and a link to the profiling
 * results. What the simulator writes lands in the folder, and the checkout stays as it is.
 *
 * @param experiment path of data/configs/pipeline-simulation/NAME.yaml in the checkout
 */
export async function linkProject(folder: string, ipaHome: string, experiment: string, config: string): Promise<void> {
	const configs = join(folder, "data", "configs");
	const results = join(folder, "data", "results");
	await mkdir(join(configs, "pipeline-simulation"), { recursive: true });
	await mkdir(results, { recursive: true });
	await copyFile(experiment, join(configs, "pipeline-simulation", `${config}.yaml`));
	await copyFile(join(ipaHome, "data", "configs", "accuracies.yaml"), join(configs, "accuracies.yaml"));
	await symlink(resolve(ipaHome, "data", "results", "profiling"), join(results, "profiling"));
}
