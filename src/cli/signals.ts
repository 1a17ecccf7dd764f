/** Exit code of a command that a signal stopped, as shells have it for SIGINT. */
export const interrupted = 130;

/**
 * Runs something that ends early, of itself, once Ctrl-C or SIGTERM asks for it. A second one ends the program at once.
 *
 * The listeners stay (`on`): execa cleans up after its child processes with a listener of its own, which ends the program
 * where it finds no other, and one added by `once` is gone when it looks.
 */
export async function untilSignal<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const stop = new AbortController();
	const onSignal = () => {
		if (stop.signal.aborted) process.exit(interrupted);
		stop.abort(new Error("stopped by a signal"));
	};
	process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
	try {
		return await run(stop.signal);
	} finally {
		process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
	}
}

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

/** A line that tells how far something is: one that rewrites itself on a terminal, whole lines elsewhere, nothing if quiet. */
export function progressOn(quiet: boolean): { readonly show: (line: string) => void; readonly end: () => void } {
	const { stderr } = process;
	let open = false;
	return {
		show: (line) => {
			if (quiet) return;
			open = stderr.isTTY;
			stderr.write(open ? `\r\u001b[K${line}` : `${line}\n`);
		},
		end: () => {
			if (open) stderr.write("\n");
			open = false;
		},
	};
}
