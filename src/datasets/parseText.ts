import { Composer, type Document, isCollection, isScalar, LineCounter, Parser, visit } from "yaml";
import { InputError } from "../errors.js";

/** Lists and objects inside each other: what the project reads has under ten. */
const mostDepth = 64;

export interface JsonOptions {
	/** 1-based line of the file that the text is, for a file of JSON lines. */
	readonly line?: number;
	/** What becomes of NaN, Infinity and -Infinity, as Python's json.dumps writes them: an error (the default), or null. */
	readonly notFinite?: "error" | "null";
}

/**
 * Content of JSON text, with or without a byte order mark.
 *
 * @throws InputError with the line where it is not JSON, nests deeper than 64, or holds a bare NaN or Infinity
 */
export function parseJson(file: string, text: string, { line, notFinite = "error" }: JsonOptions = {}): unknown {
	const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
	const fail = (at: number, rule: string, options?: ErrorOptions): never => {
		const value = plain.slice(Math.max(0, at - 30), at + 30);
		const column = at - plain.lastIndexOf("\n", at - 1);
		throw new InputError({ file, line: line ?? lineAt(plain, at), column, rule, value }, options);
	};
	const bare: Bare[] = [];
	const deep = scan(plain, bare);
	if (deep !== undefined) fail(deep, `must be JSON that nests at most ${mostDepth} deep`);
	const [first] = bare;
	if (first !== undefined && notFinite === "error")
		fail(first.at, `must be JSON: ${first.word} is no number of JSON's`);
	try {
		return JSON.parse(withoutBare(plain, bare));
	} catch (cause) {
		const at = notJsonAt(plain);
		return fail(at, "must be JSON", { cause });
	}
}

interface Bare {
	readonly at: number;
	readonly word: string;
}

/** Where the text nests too deep, if anywhere; what stands bare in it is added to `bare`. Strings are passed over. */
function scan(text: string, bare: Bare[]): number | undefined {
	let depth = 0;
	for (let i = 0; i < text.length; i++) {
		const character = text.charCodeAt(i);
		if (character === 34) {
			for (i++; i < text.length && text.charCodeAt(i) !== 34; i++) if (text.charCodeAt(i) === 92) i++;
		} else if (character === 91 || character === 123) {
			if (++depth > mostDepth) return i;
		} else if (character === 93 || character === 125) depth--;
		else if (character === 78 || character === 73) {
			// N of NaN, I of Infinity
			const word = ["NaN", "Infinity"].find((own) => text.startsWith(own, i));
			if (word === undefined) continue;
			const minus = text[i - 1] === "-";
			bare.push(minus ? { at: i - 1, word: `-${word}` } : { at: i, word });
			i += word.length - 1;
		}
	}
	return undefined;
}

function withoutBare(text: string, bare: readonly Bare[]): string {
	if (bare.length === 0) return text;
	const parts: string[] = [];
	let from = 0;
	for (const { at, word } of bare) {
		parts.push(text.slice(from, at), "null");
		from = at + word.length;
	}
	return [...parts, text.slice(from)].join("");
}

const jsonValue =
	/"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** Where a text that is no JSON ceases to be: the runtime says so of some faults alone. */
function notJsonAt(text: string): number {
	const open: string[] = [];
	let wanted: "value" | "first" | "key" | "colon" | "next" = "value";
	for (let at = 0; at < text.length; at++) {
		const character = text[at] as string;
		if (/\s/.test(character)) continue;
		const inside = open.at(-1);
		if (wanted === "next") {
			if (inside !== undefined && character === ",") wanted = inside === "{" ? "key" : "value";
			else if (inside !== undefined && character === (inside === "{" ? "}" : "]")) open.pop();
			else return at;
		} else if (wanted === "colon") {
			if (character !== ":") return at;
			wanted = "value";
		} else if (wanted === "first" && character === (inside === "{" ? "}" : "]")) {
			open.pop();
			wanted = "next";
		} else if (inside === "{" && (wanted === "first" || wanted === "key") && character !== '"') return at;
		else if (character === "{" || character === "[") {
			open.push(character);
			wanted = "first";
		} else {
			jsonValue.lastIndex = at;
			const [value] = jsonValue.exec(text) ?? [];
			if (value === undefined) return at;
			at += value.length - 1;
			wanted = inside === "{" && wanted !== "value" ? "colon" : "next";
		}
	}
	return text.length;
}

function lineAt(text: string, position: number): number {
	let line = 1;
	for (let i = text.indexOf("\n"); i >= 0 && i < position; i = text.indexOf("\n", i + 1)) line++;
	return line;
}

/** Largest YAML text read, characters: the largest shipped file has 7000. */
const mostCharacters = 128 * 1024;
/** CPU time that a text may take, s: the library takes each of some tokens in the time of all of them. */
const most_s = 0.8;

export interface YamlOptions {
	/** `1.1` as PyYAML reads it: `no` is false, `1:30` is 90. Default 1.2. */
	readonly version?: "1.1" | "1.2";
	/** False: of a repeated key the last one counts, as for PyYAML. Default true: it is an error. */
	readonly uniqueKeys?: boolean;
}

/**
 * Content of a YAML text of one document. The first fault ends it, and so do a text over 128 KiB, brackets nested deeper than
 * 64, over 100 uses of aliases, and a text that takes the library too long: what people write by hand has none of these.
 *
 * @throws InputError with the line, where it is no such text
 */
export function parseYaml(
	file: string,
	text: string,
	{ version = "1.2", uniqueKeys = true }: YamlOptions = {},
): unknown {
	// The first fault is the one that is told: the library catches some and reports them again as its own.
	let fault: InputError | undefined;
	const fail = (rule: string, at: { line?: number; column?: number } = {}, cause?: unknown): never => {
		fault ??= new InputError({ file, ...at, rule }, { cause });
		throw fault;
	};
	if (text.length > mostCharacters) fail(`must have at most ${mostCharacters} characters of YAML`);
	const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
	const deep = deepLine(plain);
	if (deep !== undefined) fail(`must not nest brackets deeper than ${mostDepth}`, { line: deep });
	const lines = new LineCounter();
	const composer = new Composer({ version, uniqueKeys: false });
	const placeOf = (source: unknown) => {
		const at = Array.isArray(source)
			? source[0]
			: typeof source === "object" && source !== null && "offset" in source
				? source.offset
				: source;
		if (typeof at !== "number") return {};
		const { line, col: column } = lines.linePos(at);
		return line === 0 ? { line: 1 } : { line, column };
	};
	// The library goes on after a fault, and takes long over thousands of them.
	(composer as unknown as { onError: unknown }).onError = (source: unknown, _code: string, message: string) =>
		fail("must be YAML", placeOf(source), new Error(message));
	const begun = process.cpuUsage();
	const tooLong = () => {
		const { user, system } = process.cpuUsage(begun);
		return user + system > 1e6 * most_s;
	};
	try {
		const documents: Document[] = [];
		let tokens = 0;
		for (const token of new Parser(lines.addNewLine).parse(plain)) {
			if ((++tokens & 15) === 0 && tooLong()) fail("must be YAML that is read in a second");
			documents.push(...(composer.next(token) as Generator<Document>));
		}
		documents.push(...(composer.end(true, plain.length) as Generator<Document>));
		if (documents.length > 1) fail("must hold one document");
		const [document] = documents;
		if (document === undefined) return null;
		checkKeys(document, uniqueKeys, (why, at) => fail("must be YAML", placeOf(at), new Error(why)));
		return document.toJS({ maxAliasCount: 100 });
	} catch (cause) {
		return fail("must be YAML", {}, cause);
	}
}

/** Keys are text, and unique: the library compares each with each other, which thousands of them make slow. */
function checkKeys(document: Document, unique: boolean, fail: (why: string, at: number | undefined) => void): void {
	visit(document, {
		Map: (_, { items }) => {
			const seen = new Set<unknown>();
			for (const { key } of items) {
				if (isCollection(key)) fail("a key must be text", key.range?.[0]);
				if (!isScalar(key)) continue;
				if (unique && seen.has(key.value)) fail("keys must be unique in their map", key.range?.[0]);
				seen.add(key.value);
			}
		},
	});
}

/** Line of the first bracket that is nested too deep. */
function deepLine(text: string): number | undefined {
	let depth = 0;
	let line = 1;
	for (let i = 0; i < text.length; i++) {
		const character = text.charCodeAt(i);
		if (character === 10) line++;
		else if (character === 91 || character === 123) {
			if (++depth > mostDepth) return line;
		} else if ((character === 93 || character === 125) && depth > 0) depth--;
	}
	return undefined;
}
