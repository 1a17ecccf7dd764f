import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { InputError, type InputFault } from "../errors.js";
import { readBytes } from "./file.js";
import { parseJson, parseYaml, type YamlOptions } from "./parseText.js";

/** Where content was read from, for messages. */
export interface Origin {
	/** The whole text of the file, by which a field's line and column are told. */
	readonly text?: string;
	/** The line, of a file of JSON lines. */
	readonly line?: number;
}

/**
 * The content, where a schema takes it, with what the schema fills in.
 *
 * @throws InputError of every fault, in words: the field's path, the rule, the value, and line and column where the text is given
 * @example
 * const schema = z.strictObject({ cores: z.number().positive().describe("cores of a replica") });
 * checked(schema, { cores: 2 }, "mine.yaml").cores; // 2
 * checked(schema, {}, "mine.yaml"); // mine.yaml, cores is missing: cores of a replica
 */
export function checked<T>(schema: z.ZodType<T>, content: unknown, file: string, { text, line }: Origin = {}): T {
	const result = schema.safeParse(content, { error: words });
	if (result.success) return result.data;
	const place = text === undefined ? () => (line === undefined ? {} : { line }) : places(text);
	const faults = result.error.issues.flatMap(told).map(({ path, rule }): InputFault => {
		const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], content);
		const what = rule === missing ? meaningOf(schema, path) : undefined;
		return {
			file,
			...place(path),
			...(path.length === 0 ? {} : { field: path.join(".") }),
			rule: what === undefined ? rule : `${missing}: ${what}`,
			...(value === undefined ? {} : { value }),
		};
	});
	throw new InputError(faults);
}

/** Content of a JSON (`.json`, `.ipynb`) or YAML file that a schema takes; InputError as parseJson, parseYaml and checked have it. */
export async function readChecked<T>(file: string, schema: z.ZodType<T>, options: YamlOptions = {}): Promise<T> {
	const text = (await readBytes(file)).toString("utf8");
	const content = /\.(json|ipynb)$/.test(file) ? parseJson(file, text) : parseYaml(file, text, options);
	return checked(schema, content, file, { text });
}

const missing = "is missing";

type Issue = z.core.$ZodIssue;
interface Told {
	readonly path: readonly PropertyKey[];
	readonly rule: string;
}

/** The faults of an issue: each unknown field, and of several forms those of the one that the content comes nearest to. */
function told(issue: Issue): Told[] {
	const { path, message } = issue;
	if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], rule: message }));
	if (issue.code !== "invalid_union" || issue.errors.length === 0 || message !== anyForm)
		return [{ path, rule: message }];
	const forms = issue.errors.map((errors) => errors.flatMap(told));
	const depth = (form: readonly Told[]) => Math.max(0, ...form.map((own) => own.path.length));
	const near = forms.reduce((best, form) => (depth(form) > depth(best) ? form : best));
	if (depth(near) > 0) return near.map((own) => ({ path: [...path, ...own.path], rule: own.rule }));
	const rules = [...new Set(forms.flat().map(({ rule }) => rule.replace(/^must be /, "")))];
	return [{ path, rule: `must be ${rules.join(", or ")}` }];
}

const anyForm = "must have one of the forms that are known";

const kinds: Readonly<Record<string, string>> = {
	number: "a number",
	int: "a whole number",
	string: "text",
	boolean: "true or false",
	array: "a list",
	tuple: "a list",
	object: "an object",
	record: "an object",
};

/** What zod found, as a rule; a schema's own message stands before it. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
	switch (issue.code) {
		case "invalid_type":
			return issue.input === undefined ? missing : `must be ${kinds[issue.expected] ?? issue.expected}`;
		case "invalid_value":
			return issue.input === undefined
				? missing
				: `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
		case "unrecognized_keys":
			return "is no field that is known here";
		case "too_small":
			return bound(issue.origin, issue.minimum, issue.inclusive === true ? "or more" : "above", "at least");
		case "too_big":
			return bound(issue.origin, issue.maximum, issue.inclusive === true ? "or less" : "below", "at most");
		case "invalid_union":
			return issue.input === undefined ? missing : anyForm;
		default:
			return undefined;
	}
}

function bound(origin: string, limit: number | bigint, side: string, size: string): string {
	if (origin === "string") return limit === 1 ? "must not be empty" : `must have ${size} ${limit} characters`;
	if (origin === "array" || origin === "object") return `must have ${size} ${limit} entr${limit === 1 ? "y" : "ies"}`;
	return side.startsWith("or") ? `must be a number of ${limit} ${side}` : `must be a number ${side} ${limit}`;
}

/** What a schema says of a field (`describe`), looked up by its path. */
function meaningOf(schema: z.ZodType, path: readonly PropertyKey[]): string | undefined {
	let at: z.ZodType | undefined = schema;
	for (const key of path) {
		while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodNullable)
			at = at.unwrap() as z.ZodType;
		if (at instanceof z.ZodObject) at = at.shape[String(key)] as z.ZodType | undefined;
		else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
		else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
		else return undefined;
	}
	return at?.description;
}

/** Line and column of a field in a JSON or YAML text; of one that is missing those of the field that it is missing in. */
function places(text: string): (path: readonly PropertyKey[]) => Pick<InputFault, "line" | "column"> {
	// A long text was written by a program, whose reader goes by the field.
	if (text.length > 128 * 1024) return () => ({});
	const lineCounter = new LineCounter();
	const document = parseDocument(text, { lineCounter, uniqueKeys: false });
	return (path) => {
		for (let length = path.length; length > 0; length--) {
			const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
			const start = node?.range?.[0];
			if (start === undefined) continue;
			const { line, col } = lineCounter.linePos(start);
			return line === 0 ? {} : { line, column: col };
		}
		return {};
	};
}
