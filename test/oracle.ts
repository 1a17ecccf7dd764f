import { readFileSync } from "node:fs";

/** Cases of an oracle: those shipped in test/fixtures, or of the file that an environment variable names in their place. */
export function oracle<T>(name: string): T {
	const file = process.env[`${name.toUpperCase()}_ORACLE`] ?? `test/fixtures/${name}-oracle.json`;
	return JSON.parse(readFileSync(file, "utf8")) as T;
}

/** Whether two numbers agree to a relative tolerance. */
export function close(actual: number, expected: number, relative = 1e-9): boolean {
	return Math.abs(actual - expected) <= relative * Math.max(1e-300, Math.abs(expected), Math.abs(actual));
}
