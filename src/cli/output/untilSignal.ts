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
