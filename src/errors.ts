import { groupBy } from "./group.js";

/** Where bad input stands and which rule it breaks. */
export interface InputFault {
	/** File path, or the name of the argument where there is no file. */
	readonly file: string;
	/** 1-based line, where there is one. */
	readonly line?: number;
	/** 1-based column in the line, of JSON and YAML. */
	readonly column?: number;
	/** Column name, field path or option; empty where the rule is of the whole. */
	readonly field?: string;
	/** What is required, as a sentence fragment: "must be a number >= 0". */
	readonly rule: string;
	/** What was received. */
	readonly value?: unknown;
}

/** How many kinds of fault a message tells; the rest are counted. */
const mostTold = 20;

/**
 * Bad input: the message names the file, the line or field, the rule and the value received. Of several faults each kind
 * (field and rule) is told once, with the number of its lines.
 */
export class InputError extends Error {
	override readonly name = "InputError";
	/** The first. */
	readonly fault: InputFault;
	readonly faults: readonly InputFault[];

	constructor(given: InputFault | readonly InputFault[], options?: ErrorOptions) {
		const faults = [given].flat();
		super(describeFaults(faults), options);
		this.fault = faults[0] as InputFault;
		this.faults = faults;
	}
}

/** Keeps the faults of the parts of one reading, so that all are told at once. */
export interface Faults {
	/** What the part gives; undefined where it threw InputError, which is kept. */
	readonly attempt: <T>(part: () => T) => T | undefined;
	/** Throws one InputError of all faults that were kept, if any. */
	readonly refuse: () => void;
}

/**
 * @example
 * const faults = collectFaults();
 * const read = rows.map((row) => faults.attempt(() => cellOf(row)));
 * faults.refuse(); // throws where any row was at fault
 */
export function collectFaults(): Faults {
	const found: InputFault[] = [];
	return {
		attempt: (part) => {
			try {
				return part();
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
				for (const fault of error.faults) found.push(fault);
				return undefined;
			}
		},
		refuse: () => {
			if (found.length > 0) throw new InputError(found);
		},
	};
}

/** What `part` gives for each item; throws one InputError of the faults of all items. */
export function attemptAll<T, R>(items: readonly T[], part: (item: T) => R): R[] {
	const faults = collectFaults();
	const results = items.flatMap((item) => faults.attempt(() => [part(item)]) ?? []);
	faults.refuse();
	return results;
}

function describeFaults(faults: readonly InputFault[]): string {
	const kinds = [...groupBy(faults, ({ file, field, rule }) => JSON.stringify([file, field, rule])).values()];
	const told = kinds.slice(0, mostTold).map(([first, ...more]) => {
		const lines = more.flatMap(({ line }) => line ?? []);
		const few = lines.length > 5 ? `${lines.slice(0, 5).join(", ")}, ...` : lines.join(", ");
		const also =
			lines.length === 0 ? "" : ` (and on ${lines.length} more line${lines.length === 1 ? "" : "s"}: ${few})`;
		return `${describeFault(first as InputFault)}${also}`;
	});
	const rest = kinds.slice(mostTold).reduce((sum, kind) => sum + kind.length, 0);
	return [...told, ...(rest === 0 ? [] : [`and ${rest} more faults`])].join("\n");
}

function describeFault({ file, line, column, field, rule, value }: InputFault): string {
	const where = [
		file,
		line === undefined ? "" : `:${line}`,
		line === undefined || column === undefined ? "" : `:${column}`,
		field === undefined || field === "" ? "" : `, ${field}`,
	].join("");
	const broken = rule.startsWith("is missing") ? `${where} ${rule}` : `${where}: ${rule}`;
	return value === undefined ? broken : `${broken}, received ${shown(value)}`;
}

function shown(value: unknown): string {
	const whole = typeof value === "number" ? String(value) : asJson(value);
	// A URL may hold a name and a password.
	const text = whole.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/"']*@/gi, "$1***@");
	return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function asJson(value: unknown): string {
	// Of a long text the beginning is enough, and of what nests too deep to be written its kind.
	const given = typeof value === "string" ? value.slice(0, 2000) : value;
	try {
		return JSON.stringify(given) ?? String(given);
	} catch {
		return Array.isArray(given) ? "a list" : typeof given;
	}
}
