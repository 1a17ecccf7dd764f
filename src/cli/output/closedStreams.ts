/**
 * Keeps a command going where nobody reads what it says (`measure PLAN 2>&1 | head -1`) or no room is left for it: what is
 * measured matters more than its progress. A result that standard output cannot take is an error all the same; that its
 * reader has gone is none. A file that passes a limit on its size is an error of its write, not the end of the program.
 */
export function surviveClosedStreams(): { readonly lost: () => boolean } {
	let lost = false;
	process.on("SIGXFSZ", () => undefined);
	process.stderr.on("error", () => undefined);
	process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
		if (code === "EPIPE" || lost) return;
		lost = true;
		process.exitCode = process.exitCode || 1;
		console.error(`standard output cannot be written (${code})`);
	});
	return { lost: () => lost };
}
