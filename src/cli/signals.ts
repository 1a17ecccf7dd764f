import { progressLine, timeLeft } from "../measurement/progress.js";

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

/** When progress is shown: not before `after_s`, and where every line stays, not more often than `every_s`. */
export interface ProgressTimes {
	readonly after_s?: number;
	readonly every_s?: number;
}

/** A line that tells how far something is: one that rewrites itself on a terminal, whole lines elsewhere, nothing if quiet. */
export function progressOn(quiet: boolean, { after_s = 0, every_s = 0 }: ProgressTimes = {}) {
	const { stderr } = process;
	const begun = performance.now();
	let next = begun + 1000 * after_s;
	let open = false;
	const show = (line: string) => {
		const now = performance.now();
		if (quiet || now < next) return;
		if (!stderr.isTTY) next = now + 1000 * every_s;
		open = stderr.isTTY;
		stderr.write(open ? `\r\u001b[K${line}` : `${line}\n`);
	};
	return {
		show,
		/** Steps of which some are done, with the time spent and left. */
		step: (finished: number, planned: number, now: string) => {
			const spent_s = (performance.now() - begun) / 1000;
			show(progressLine({ finished, planned, spent_s, left_s: timeLeft(finished, planned - finished, spent_s), now }));
		},
		/** Leaves the line. */
		end: () => {
			if (open) stderr.write("\n");
			open = false;
		},
	};
}
