/** Where bad input stands and which rule it breaks. */
export interface InputFault {
	/** File path, or the name of the argument where there is no file. */
	readonly file: string;
	/** 1-based line, where there is one. */
	readonly line?: number;
	/** Column name, field path or option; empty where the rule is of the whole. */
	readonly field?: string;
	/** What is required, as a sentence fragment: "must be a number >= 0". */
	readonly rule: string;
	/** What was received. */
	readonly value?: unknown;
}

/** Bad input: the message names the file, the line or field, the rule and the value received. */
export class InputError extends Error {
	override readonly name = "InputError";
	readonly fault: InputFault;

	constructor(fault: InputFault, options?: ErrorOptions) {
		super(describeFault(fault), options);
		this.fault = fault;
	}
}

function describeFault({ file, line, field, rule, value }: InputFault): string {
	const where = [
		file,
		line === undefined ? "" : `:${line}`,
		field === undefined || field === "" ? "" : `, ${field}`,
	].join("");
	return value === undefined ? `${where}: ${rule}` : `${where}: ${rule}, received ${shown(value)}`;
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
