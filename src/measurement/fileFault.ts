import { InputError } from "../errors.js";

/**
 * What the file system refused (a full disk, a folder that is read-only or a file), as an error of the user's file; any
 * other error as it is.
 */
export function fileFault(file: string, error: unknown): unknown {
	const { code, syscall, path, message } = error as NodeJS.ErrnoException;
	if (!(error instanceof Error) || code === undefined || syscall === undefined) return error;
	// "ENOSPC: no space left on device, write": the words between.
	const why = message.replace(/^\w+: /, "").replace(/, \w+( '.*)?$/s, "");
	return new InputError({ file: path ?? file, rule: `must be writable: ${why} (${code})` }, { cause: error });
}
