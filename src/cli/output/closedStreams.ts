/**
 * Keeps a command going where nobody reads what it says (`measure PLAN 2>&1 | head -1`) or no room is left for it: what is
 * measured matters more than its progress. A result that standard output cannot take is an error all the same; that its
 * reader has gone is none.
 */
export function surviveClosedStreams(): { readonly lost: () => boolean } {
	let lost = false;
	process.stderr.on("error", () => undefined);
	process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
		if (code === "EPIPE" || lost) return;
		lost = true;
		console.error(`standard output cannot be written (${code})`);
	});
	return { lost: () => lost };
}
