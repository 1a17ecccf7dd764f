import type { ZodError } from "zod";
import { InputError } from "../errors.js";

/**
 * The first fault that a schema found, as bad input: the field's path, the rule that it breaks and, where the content is
 * given, the value that stands there.
 */
export function schemaFault(file: string, { issues }: ZodError, content?: unknown): InputError {
	const path = issues[0]?.path ?? [];
	const field = path.join(".");
	const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], content);
	return new InputError({
		file,
		...(field === "" ? {} : { field }),
		rule: issues[0]?.message ?? "must match the schema",
		...(value === undefined ? {} : { value }),
	});
}
