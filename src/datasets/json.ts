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
		const where = line ?? lineAt(plain, at);
		throw new InputError({ file, line: where, rule, value: plain.slice(Math.max(0, at - 30), at + 30) }, options);
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
		const at = Number(/position (\d+)/.exec((cause as Error).message)?.[1] ?? plain.length);
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

function lineAt(text: string, position: number): number {
	let line = 1;
	for (let i = text.indexOf("\n"); i >= 0 && i < position; i = text.indexOf("\n", i + 1)) line++;
	return line;
}
