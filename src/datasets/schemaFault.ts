import type { ZodError } from "zod";
import { InputError } from "../errors.js";

/** The first fault that a schema found, as bad input: the field's path and the rule that it breaks. */
export function schemaFault(file: string, { issues }: ZodError): InputError {
	const field = issues[0]?.path.join(".") ?? "";
	return new InputError({
		file,
		...(field === "" ? {} : { field }),
		rule: issues[0]?.message ?? "must match the schema",
	});
}
