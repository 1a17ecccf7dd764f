import { Command, Option } from "commander";
import { parseDecimal, type Range, rangeFault } from "../datasets/csv.js";
import { InputError } from "../errors.js";

/** An option of a command: what its usage, its parsing, its completion and docs/commands.md are made of. */
export interface OptionDescription {
	/** What its value is called, `RPS`; an option without one is a flag, true where it is given. */
	readonly value?: string;
	readonly about: string;
	readonly unit?: string;
	/** What the value is where the option is not given. */
	readonly fallback?: string | number;
	/** What is taken where it is not given and there is no fallback, in words. */
	readonly otherwise?: string;
	/** The value is a plain decimal number (an empty text is no 0, and 0x10 no 16) in this range. */
	readonly range?: Range;
	readonly choices?: readonly string[];
	/** Several values with commas between. */
	readonly list?: true;
	/** May be given again, for more. */
	readonly again?: true;
	/** Must be given. */
	readonly required?: true;
	/** Heading of the usage under which it stands. */
	readonly group?: string;
}

/** The options of a command by their names, without the dashes. */
export type Options = Readonly<Record<string, OptionDescription>>;

type One<O> = O extends { range: Range } ? number : O extends { choices: readonly (infer Choice)[] } ? Choice : string;
type Given<O> = O extends { list: true } | { again: true } ? readonly One<O>[] : One<O>;

/** What the command line gives for options: a number where they have a range, undefined where nothing was given. */
export type Values<O extends Options> = {
	readonly [Name in keyof O]: O[Name] extends { value: string }
		? O[Name] extends { fallback: unknown } | { required: true } | { again: true }
			? Given<O[Name]>
			: Given<O[Name]> | undefined
		: boolean;
};

/** What stands on the command line without dashes. */
export interface ArgumentDescription {
	readonly name: string;
	readonly about: string;
	readonly optional?: true;
	readonly several?: true;
}

/** How a command was called. */
export interface Call<O extends Options> {
	readonly values: Values<O>;
	readonly args: readonly string[];
	/** Names of the options that stand on the command line. */
	readonly given: readonly string[];
	/** Says something beside the answer, progress or a caveat, on standard error; nothing where --quiet is given. */
	readonly note: (line: string) => void;
	readonly quiet: boolean;
}

/** A command: everything that its usage, its parsing, its completion and docs/commands.md need, and what it does. */
export interface CommandDescription<O extends Options = Options> {
	/** What it does, and what it needs to be known before: whole sentences. */
	readonly about: string;
	/** Ways to call it, as a reader types them after the command's name. */
	readonly examples: readonly string[];
	readonly args?: readonly ArgumentDescription[];
	readonly options: O;
	/** Exit codes beside 0, 1 and 2, or what 1 means here too. */
	readonly exits?: Readonly<Record<number, string>>;
	/** Environment variables that it heeds. */
	readonly environment?: Readonly<Record<string, string>>;
	/** Does it; the exit code. */
	readonly run: (call: Call<O>) => Promise<number>;
}

/** A command whose options' names and kinds `run` knows. */
export function describeCommand<const O extends Options>(description: CommandDescription<O>): CommandDescription {
	// What parsing gives `run` is made after the same options.
	return description as unknown as CommandDescription;
}

/** The option of every command that can answer programs; `about` says what the JSON is. */
export const jsonOption = { json: { about: "the answer as JSON on standard output" } } as const satisfies Options;

/** The option of the commands that have something to look at. */
export const reportOption = {
	report: {
		value: "FILE.html",
		about:
			"also the notebook of this question run on yours, as a page; its executed copy lies beside it (needs Jupyter)",
	},
} as const satisfies Options;

/** The options that every command has beside its own. */
const common = {
	quiet: { about: "say nothing on standard error but errors" },
	help: { about: "show this help" },
} as const;

/** All options of a command, those of every command too. */
export function optionsOf({ options }: CommandDescription): Options {
	return { ...options, ...common };
}

/** `-q, --quiet`, or `--rate <RPS>`. */
export function flagsOf(name: string, { value }: OptionDescription): string {
	const letter = { quiet: "-q, ", help: "-h, ", parameter: "-p, " }[name] ?? "";
	return `${letter}--${name}${value === undefined ? "" : ` <${value}>`}`;
}

/** What an option means, with its unit, its choices and its default. */
export function meaningOf({ about, unit, choices, fallback, otherwise, again }: OptionDescription): string {
	const more = [
		...(unit === undefined ? [] : [unit]),
		...(choices === undefined ? [] : [choices.join(", ")]),
		...((fallback ?? otherwise) === undefined ? [] : [`default ${fallback ?? otherwise}`]),
		...(again === true ? ["may be given again"] : []),
	];
	return more.length === 0 ? about : `${about} (${more.join("; ")})`;
}

/** The exit codes of a command, those of every command too. */
export function exitsOf({ exits }: CommandDescription): Readonly<Record<string, string>> {
	return {
		0: "the answer",
		1: "bad input: a file, a row, a field or the value of an option, named with the rule that it breaks",
		2: "usage: an unknown command or option, one that is missing, or one too many",
		...exits,
	};
}

/** The command as the argument library has it: parsing runs it, and `ended` gets its exit code. */
export function buildCommand(name: string, description: CommandDescription, ended: (code: number) => void): Command {
	const { about, examples, args = [], options, environment = {}, run } = description;
	const command = new Command(`sustainable-ipa ${name}`)
		.description(about)
		.configureHelp({ optionDescription: (option) => option.description })
		.helpOption(flagsOf("help", common.help), common.help.about)
		.addHelpText(
			"after",
			listed(
				"Examples",
				examples.map((example) => [`sustainable-ipa ${name} ${example}`, ""]),
			),
		)
		.addHelpText("after", listed("Environment", Object.entries(environment)))
		.addHelpText("after", listed("Exit codes", Object.entries(exitsOf(description))));
	for (const { name: argument, about, optional, several } of args) {
		const named = `${argument}${several === true ? "..." : ""}`;
		command.argument(optional === true ? `[${named}]` : `<${named}>`, about);
	}
	for (const [option, own] of Object.entries({ ...options, quiet: common.quiet }))
		command.addOption(built(option, own));
	return command.action(async () => {
		const values = Object.fromEntries(
			Object.entries<OptionDescription>({ ...options, quiet: common.quiet }).map(([option, { value }]) => [
				option,
				command.getOptionValue(camelCase(option)) ?? (value === undefined ? false : undefined),
			]),
		);
		const given = Object.keys(options).filter((option) => command.getOptionValueSource(camelCase(option)) === "cli");
		const quiet = values.quiet === true;
		const note = (line: string) => (quiet ? undefined : console.error(line));
		if (typeof values.report === "string") (await import("./reportCommand.js")).checkReport(values.report);
		ended(await run({ values: values as Values<Options>, args: command.args, given, note, quiet }));
	});
}

function built(name: string, own: OptionDescription): Option {
	const { value, fallback, again, required, group } = own;
	const option = new Option(flagsOf(name, own), meaningOf(own));
	if (group !== undefined) option.helpGroup(`${group}:`);
	if (value === undefined) return option;
	option.makeOptionMandatory(required === true);
	if (again === true) option.default([]);
	else if (fallback !== undefined) option.default(fallback);
	return option.argParser<unknown>((text, before) => {
		const given = parseOption(`--${name}`, text, own);
		return again === true ? [...(before as unknown[]), given] : given;
	});
}

function camelCase(name: string): string {
	return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function listed(heading: string, lines: readonly (readonly [string, string])[]): string {
	return lines.length === 0
		? ""
		: `\n${heading}:\n${lines.map(([name, text]) => `  ${name}  ${text}`.trimEnd()).join("\n")}`;
}

/**
 * The value that an option's text gives, by its description.
 *
 * @param option as it is typed, `--rate`; the message names it
 * @throws InputError where it is no number, out of range or no choice
 */
export function parseOption(option: string, text: string, own: OptionDescription): unknown {
	const one = (part: string) => {
		if (own.range !== undefined) {
			const value = parseDecimal(part) ?? Number.NaN;
			const rule = rangeFault(own.range, value);
			return rule === undefined ? value : refuse(option, rule, text);
		}
		return own.choices === undefined || own.choices.includes(part)
			? part
			: refuse(option, `must be one of ${own.choices.join(", ")}`, text);
	};
	return own.list === true ? text.split(",").map(one) : one(text);
}

/**
 * Refuses what the command line gives.
 *
 * @param field the option as it is typed
 * @throws InputError always
 */
export function refuse(field: string, rule: string, value?: unknown): never {
	throw new InputError({ file: "command line", field, rule, ...(value === undefined ? {} : { value }) });
}

/**
 * Prints an answer: one JSON value where that is asked for, words otherwise.
 *
 * @param leftOut key of lists that JSON leaves out, which another output has
 */
export function answer(json: boolean, value: unknown, words: () => string, leftOut?: string): void {
	const plain = (key: string, own: unknown) =>
		key === leftOut && Array.isArray(own) ? undefined : own instanceof Float64Array ? [...own] : own;
	process.stdout.write(`${json ? JSON.stringify(value, plain, 2) : words()}\n`);
}

/** Prints a value as JSON. */
export function answerJson(value: unknown): void {
	answer(true, value, () => "");
}
