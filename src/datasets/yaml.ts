import { Composer, type Document, isCollection, isScalar, LineCounter, Parser, visit } from "yaml";
import { InputError } from "../errors.js";

/** Largest YAML text read, characters: the largest shipped file has 7000. */
const mostCharacters = 128 * 1024;
/** Brackets and indented lists inside each other. */
const mostDepth = 64;
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
	const fail = (rule: string, line?: number, cause?: unknown): never => {
		fault ??= new InputError({ file, ...(line === undefined ? {} : { line }), rule }, { cause });
		throw fault;
	};
	if (text.length > mostCharacters) fail(`must have at most ${mostCharacters} characters of YAML`);
	const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
	const deep = deepLine(plain);
	if (deep !== undefined) fail(`must not nest brackets deeper than ${mostDepth}`, deep);
	const lines = new LineCounter();
	const composer = new Composer({ version, uniqueKeys: false });
	const lineOf = (source: unknown) => {
		const at = Array.isArray(source)
			? source[0]
			: typeof source === "object" && source !== null && "offset" in source
				? source.offset
				: source;
		return typeof at === "number" ? Math.max(1, lines.linePos(at).line) : undefined;
	};
	// The library goes on after a fault, and takes long over thousands of them.
	(composer as unknown as { onError: unknown }).onError = (source: unknown, _code: string, message: string) =>
		fail("must be YAML", lineOf(source), new Error(message));
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
		checkKeys(document, uniqueKeys, (why, at) => fail("must be YAML", lineOf(at), new Error(why)));
		return document.toJS({ maxAliasCount: 100 });
	} catch (cause) {
		return fail("must be YAML", undefined, cause);
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
