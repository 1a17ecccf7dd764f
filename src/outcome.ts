/** A value, or why there is none. */
export type Perhaps<T> =
	| { readonly status: "available"; readonly value: T }
	| { readonly status: "unavailable"; readonly reason: string };

/** @example available(3) // { status: "available", value: 3 } */
export function available<T>(value: T): { readonly status: "available"; readonly value: T } {
	return { status: "available", value };
}

/** @example unavailable("no meter") // { status: "unavailable", reason: "no meter" } */
export function unavailable(reason: string): { readonly status: "unavailable"; readonly reason: string } {
	return { status: "unavailable", reason };
}
