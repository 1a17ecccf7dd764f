#!/usr/bin/env node
import { InputError } from "../errors.js";

interface Command {
	readonly about: string;
	/** Loaded when called, so that the command line starts fast. */
	readonly load: () => Promise<{ readonly run: (argv: readonly string[]) => Promise<number>; readonly usage: string }>;
}

const commands: Readonly<Record<string, Command>> = {
	report: {
		about: "execute notebooks and write self-contained HTML reports",
		load: async () => {
			const { reportCommand: run, reportUsage: usage } = await import("./report.js");
			return { run, usage };
		},
	},
	lab: {
		about: "open JupyterLab with the TypeScript kernel",
		load: async () => {
			const { labCommand: run, labUsage: usage } = await import("./lab.js");
			return { run, usage };
		},
	},
};

const usage = `sustainable-ipa COMMAND [OPTIONS]    (COMMAND --help tells more)
${Object.entries(commands)
	.map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
	.join("\n")}`;

async function main([name, ...argv]: readonly string[]): Promise<number> {
	if (name === undefined || name === "--help" || name === "help") {
		console.log(usage);
		return name === undefined ? 2 : 0;
	}
	const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (command === undefined) {
		console.error(`unknown command ${JSON.stringify(name)}\n${usage}`);
		return 2;
	}
	const loaded = await command.load();
	if (argv.includes("--help")) {
		console.log(loaded.usage);
		return 0;
	}
	try {
		return await loaded.run(argv);
	} catch (error) {
		if (error instanceof InputError) {
			console.error(error.message);
			return 1;
		}
		if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
			console.error(`${error.message}\n${loaded.usage}`);
			return 2;
		}
		throw error;
	}
}

process.exitCode = await main(process.argv.slice(2));
