import {
	buildCommand,
	type CommandDescription,
	describeCommand,
	exitsOf,
	flagsOf,
	meaningOf,
	optionsOf,
	refuse,
} from "./command.js";
import { commands, loadCommand, loadCommands } from "./commands.js";

export const helpCommand = describeCommand({
	about: "The help of a command. With --markdown: of all of them as one page, docs/commands.md.",
	examples: ["optimize", "--markdown > docs/commands.md"],
	args: [{ name: "COMMAND", about: `one of ${Object.keys(commands).join(", ")}`, optional: true }],
	options: { markdown: { about: "every command's description, options and exit codes as one page of Markdown" } },
	run: async ({ values, args: [name] }) => {
		if (values.markdown) process.stdout.write(markdown(await loadCommands()));
		else if (name === undefined) return refuse("COMMAND", "must be named: sustainable-ipa --help lists them");
		else if (!Object.hasOwn(commands, name))
			refuse("COMMAND", `must be one of ${Object.keys(commands).join(", ")}`, name);
		else buildCommand(name, await loadCommand(name), () => undefined).outputHelp();
		return 0;
	},
});

function markdown(all: readonly (readonly [string, CommandDescription])[]): string {
	return `# Commands

Written by \`sustainable-ipa help --markdown\` from the commands' own descriptions; a test holds the two together.
Answers go to standard output, progress and caveats to standard error (none of them with \`--quiet\`). A command stops with
one of the exit codes that are listed under it.

${all.map(([name]) => `- [\`${name}\`](#${name}): ${commands[name]}`).join("\n")}

${all.map(([name, command]) => section(name, command)).join("\n\n")}
`;
}

function section(name: string, command: CommandDescription): string {
	const { about, examples, args = [], environment = {} } = command;
	const rows = [
		...args.map(({ name: argument, about }) => [argument, about]),
		...Object.entries(optionsOf(command)).map(([option, own]) => [flagsOf(option, own), meaningOf(own)]),
	];
	return [
		`## ${name}`,
		about,
		examples.map((example) => `    sustainable-ipa ${name} ${example}`.trimEnd()).join("\n"),
		table(["argument or option", "meaning"], rows),
		...(Object.keys(environment).length === 0 ? [] : [table(["environment", "meaning"], Object.entries(environment))]),
		table(["exit code", "meaning"], Object.entries(exitsOf(command))),
	].join("\n\n");
}

function table(head: readonly [string, string], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
	const named = rows.map(([name = "", meaning = ""]) => [`\`${name}\``, meaning]);
	return [line(head), "|---|---|", ...named.map(line)].join("\n");
}
