import { createRequire } from "node:module";
import { InputError } from "./errors.js";

/** package.json names each heavy part as an optional peer with its version, and what danfojs-node is to be given instead. */
interface PackageFile {
	readonly peerDependencies: Readonly<Record<string, string>>;
	readonly overrides: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * A part that only some features need is not installed, or its native part does not load: an error with the command that
 * installs it, by version, from the registry alone.
 *
 * @param names the packages to be asked for
 * @param use what needs them: "a report's notebook"
 * @param cause what loading said
 *
 * @example
 * throw missingPart(["tslab"], "the notebook kernel", error);
 */
export function missingPart(names: readonly string[], use: string, cause: unknown): InputError {
	const { peerDependencies, overrides } = createRequire(import.meta.url)("../package.json") as PackageFile;
	const versions = names.map((name) => `${name}@${peerDependencies[name] ?? "latest"}`);
	const instead = names.flatMap((name) =>
		Object.entries(overrides[name] ?? {}).map(([part, by]) => `'overrides.${name}.${part}=${by}'`),
	);
	const first = instead.length === 0 ? "" : `npm pkg set ${instead.join(" ")} && `;
	const [said = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
	return new InputError(
		{
			file: names.join(" and "),
			rule: `must be installed for ${use}: ${first}npm install --ignore-scripts ${versions.join(" ")} (${said})`,
		},
		{ cause },
	);
}
