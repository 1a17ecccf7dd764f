/** Says on standard error what was left out of an experiment of IPA's. */
export function leftOut(what: string): void {
	console.error(`left out: ${what}`);
}
