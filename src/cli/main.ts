#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { InputError } from "../errors.js";
import { commands, loadCommand } from "./commands.js";

/** Runs the command that the arguments name, and answers its exit code. */
async function main(argv: readonly string[]): Promise<number> {
	let code = 0;
	let help = "sustainable-ipa --help";
	const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
		version: string;
	};
	const program = new Command("sustainable-ipa")
		.usage("COMMAND [OPTIONS]    (COMMAND --help tells more)")
		.version(version, "-V, --version", "show the version")
		.helpOption("-h, --help", "show this help")
		.helpCommand(false)
		.enablePositionalOptions()
		.configureHelp({ subcommandTerm: (command) => command.name() })
		.addHelpText("after", "\nExit codes: 0 the answer, 1 bad input, 2 usage; a command's help tells its others.")
		.exitOverride();
	for (const [name, about] of Object.entries(commands))
		program
			.command(name)
			.description(about)
			.usage(" ")
			.helpOption(false)
			.argument("[args...]")
			.allowUnknownOption()
			.passThroughOptions()
			.action(async () => {
				help = `sustainable-ipa ${name} --help`;
				const { buildCommand } = await import("./command.js");
				const command = buildCommand(name, await loadCommand(name), (ended) => {
					code = ended;
				});
				await command.exitOverride().parseAsync(argv.slice(argv.indexOf(name) + 1), { from: "user" });
			});
	try {
		await program.parseAsync(argv, { from: "user" });
		return code;
	} catch (thrown) {
		if (thrown instanceof CommanderError) {
			if (thrown.exitCode === 0) return 0;
			// The library has told what is wrong, and what may have been meant.
			if (thrown.code !== "commander.help") console.error(`${help} tells more`);
			return 2;
		}
		const [{ systemFault }, { BaseAllocationError }] = await Promise.all([
			import("../datasets/file.js"),
			import("../pipeline/allocation.js"),
		]);
		const error = systemFault(thrown);
		if (!(error instanceof InputError || error instanceof BaseAllocationError)) throw error;
		console.error(error.message);
		if (error instanceof InputError && error.fault.file === "command line") console.error(`${help} tells more`);
		return 1;
	}
}

/**
 * Keeps a command going where nobody reads what it says (`measure PLAN 2>&1 | head -1`) or no room is left for it: what is
 * measured matters more than its progress. A result that standard output cannot take is an error all the same; that its
 * reader has gone is none. A file that passes a limit on its size is an error of its write, not the end of the program.
 */
function surviveClosedStreams(): { readonly lost: () => boolean } {
	let lost = false;
	process.on("SIGXFSZ", () => undefined);
	process.stderr.on("error", () => undefined);
	process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
		if (code === "EPIPE" || lost) return;
		lost = true;
		process.exitCode = process.exitCode || 1;
		console.error(`standard output cannot be written (${code})`);
	});
	return { lost: () => lost };
}

const output = surviveClosedStreams();
const code = await main(process.argv.slice(2));
process.exitCode = code === 0 && output.lost() ? 1 : code;
