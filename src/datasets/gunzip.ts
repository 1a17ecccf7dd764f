import { gunzipSync } from "node:zlib";
import { InputError } from "../errors.js";

/** Largest content that a compressed file may unfold to, bytes: the shipped trace of 21 days unfolds to 5 MB. */
const maxBytes = 64 * 1024 * 1024;

/** The bytes, unfolded where they are gzip data; InputError where that is cut off, damaged or too large. */
export function gunzip(file: string, bytes: Buffer): Buffer {
	if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
	try {
		return gunzipSync(bytes, { maxOutputLength: maxBytes });
	} catch (cause) {
		const rule =
			(cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE"
				? `must unfold to at most ${maxBytes} bytes`
				: "must be whole gzip data (it is cut off or damaged)";
		throw new InputError({ file, rule }, { cause });
	}
}
