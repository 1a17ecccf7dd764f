import type { Environment } from "../../measurement/environment.js";

/** Rows for a table: what a run records of its machine, and what it could not find out. */
export function environmentRows(environment: Environment): Record<string, string>[] {
	return Object.entries(environment).map(([name, entry]) => ({
		what: name,
		value: entry.status === "available" ? entry.value : `unavailable: ${entry.reason}`,
	}));
}
