import { InputError } from "../errors.js";

/** Longest line, bytes: a request of 64 stages with hundreds of points each has a few megabytes. */
const mostBytes = 16 * 1024 * 1024;

/** All of a stream as text; InputError where it is too long or no UTF-8. */
export async function boundedText(input: AsyncIterable<Uint8Array | string>, name: string): Promise<string> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of input) {
		parts.push(Buffer.from(part));
		bytes += part.length;
		if (bytes > mostBytes) throw new InputError({ file: name, rule: `must have at most ${mostBytes} bytes` });
	}
	return decoded(Buffer.concat(parts), name);
}

function decoded(bytes: Uint8Array, name: string): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new InputError({ file: name, rule: "must be UTF-8 text" }, { cause });
	}
}

/**
 * The lines of a stream of bytes. In the place of a line that is too long or no UTF-8 stands an InputError; the rest of such
 * a line is passed over, never kept in memory.
 *
 * @param name of the stream, for the errors
 */
export async function* boundedLines(
	input: AsyncIterable<Uint8Array | string>,
	name: string,
): AsyncGenerator<string | InputError> {
	let parts: Buffer[] = [];
	let bytes = 0;
	const line = () => {
		const whole = Buffer.concat(bytes > mostBytes ? [] : parts);
		const long = bytes > mostBytes;
		parts = [];
		bytes = 0;
		if (long) return new InputError({ file: name, rule: `must have at most ${mostBytes} bytes a line` });
		try {
			return decoded(whole, name).replace(/\r$/, "");
		} catch (error) {
			return error as InputError;
		}
	};
	for await (const given of input) {
		let rest = Buffer.from(given);
		for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
			add(rest.subarray(0, end));
			yield line();
			rest = rest.subarray(end + 1);
		}
		add(rest);
	}
	if (bytes > 0) yield line();

	function add(part: Buffer): void {
		bytes += part.length;
		if (bytes > mostBytes) parts = [];
		else if (part.length > 0) parts.push(part);
	}
}
