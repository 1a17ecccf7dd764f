/** What the files that we write for IPA hold. */
export type IpaYamlValue =
	| string
	| number
	| boolean
	| null
	| readonly IpaYamlValue[]
	| { readonly [key: string]: IpaYamlValue };

/**
 * YAML text that PyYAML reads back to the same values: JSON, which is YAML, with a key a line at the top, but for numbers
 * with an exponent. PyYAML takes 1e-7 for a string; 1.0e-07 it reads.
 *
 * @throws RangeError where a number is not finite
 */
export function ipaYamlText(content: Readonly<Record<string, IpaYamlValue>>): string {
	return Object.entries(content)
		.map(([key, value]) => `${JSON.stringify(key)}: ${flow(value)}\n`)
		.join("");
}

function flow(value: IpaYamlValue): string {
	if (typeof value === "number") return numberText(value);
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
	return `{${Object.entries(value)
		.map(([key, own]) => `${JSON.stringify(key)}: ${flow(own)}`)
		.join(", ")}}`;
}

function numberText(value: number): string {
	if (!Number.isFinite(value)) throw new RangeError(`YAML for IPA holds finite numbers, received ${value}`);
	const [mantissa, exponent] = String(value).split("e") as [string, string?];
	return exponent === undefined ? mantissa : `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}e${exponent}`;
}
