import { execa } from "execa";

export interface SweepRun {
	/** A Python with torch, torchvision and NVML's bindings. */
	readonly python: string;
	/** python/video_gpu/sweep.py. */
	readonly program: string;
	readonly journal: string;
	/** Further options of the program. */
	readonly options: readonly string[];
	/** Called with each line that the program says of its progress. */
	readonly report: (line: string) => void;
}

/**
 * How a call ended. `complete`: every window is in the journal; `more`: its time was up, call again; `stopped`: by a
 * signal, all kept; `failed`: it refused or failed, as it said; `unavailable`: there is no such Python.
 */
export type SweepEnd =
	| { readonly status: "complete" | "more" | "stopped" | "failed"; readonly exitCode: number }
	| { readonly status: "unavailable"; readonly reason: string };

/** Time for a call to close its processes after a signal, before it is killed, ms. */
const closing = 20_000;

/** Runs one call of the sweep: started directly, never through a shell. A signal to this process is passed on to it. */
export async function runSweep({ python, program, journal, options, report }: SweepRun): Promise<SweepEnd> {
	const child = execa(python, [program, "--journal", journal, ...options], {
		reject: false,
		stdin: "ignore",
		stdout: "inherit",
		stderr: "pipe",
		buffer: false,
		forceKillAfterDelay: closing,
	});
	const passOn = (signal: NodeJS.Signals) => child.kill(signal);
	process.on("SIGINT", passOn).on("SIGTERM", passOn);
	try {
		for await (const line of child.iterable({ from: "stderr" })) report(String(line));
		const { exitCode, code, signal } = await child;
		if (code === "ENOENT") return { status: "unavailable", reason: `there is no program ${python}` };
		if (exitCode === 0) return { status: "complete", exitCode };
		if (exitCode === 3) return { status: "more", exitCode };
		if (exitCode === 130 || exitCode === 143) return { status: "stopped", exitCode };
		return { status: "failed", exitCode: exitCode ?? (signal === undefined ? 1 : 137) };
	} finally {
		process.off("SIGINT", passOn).off("SIGTERM", passOn);
	}
}
