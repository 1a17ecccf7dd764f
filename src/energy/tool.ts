import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { OwnWindow } from "./plausible.js";

/** How a tool ended: `absent` where there is no such program. */
export type ToolResult =
	| { readonly status: "ended"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
	| { readonly status: "absent" }
	/** Killed, or not ended within its time. */
	| { readonly status: "broken"; readonly reason: string };

/** Formats of numbers are of the locale: tools are run in that of C. */
const env = { LC_ALL: "C" };

/** Runs a tool to its end. No shell is involved: each argument reaches the tool as it is. */
export async function runTool(file: string, args: readonly string[], timeout_s = 10): Promise<ToolResult> {
	return resultOf(await execa(file, args, { reject: false, env, stdin: "ignore", timeout: timeout_s * 1000 }));
}

export interface ToolWindow {
	/** Whether the command has answered: where not, the tool has ended already, or was killed. */
	readonly began: boolean;
	/** Lets the command that the tool watches end: how the tool ended, and how long its window was by our own clock. */
	readonly end: () => Promise<{ readonly result: ToolResult; readonly own: OwnWindow }>;
}

/**
 * Starts a tool that measures while a command runs, over a command that runs until it is told to end: `cat`, whose input
 * stays open. Resolves when the command has answered (the tool measures by then), or has ended before; a tool that does
 * neither in `timeout_s` is killed. Were this process killed, `cat` would end all the same.
 */
export async function toolWindow(file: string, args: readonly string[], timeout_s = 10): Promise<ToolWindow> {
	const spawned_ms = performance.now();
	const child = execa(file, [...args, "cat"], { reject: false, env });
	const ended = child.then(resultOf);
	// Where the tool is absent or ends at once, its pipes break: how it ended says so.
	child.stdin.on("error", () => undefined);
	child.stdin.write("\n");
	const stop = new AbortController();
	const late = sleep(timeout_s * 1000, "late" as const, { signal: stop.signal }).catch(() => undefined);
	const first = await Promise.race([once(child.stdout, "data"), ended, late]).catch(() => undefined);
	stop.abort();
	if (first === "late") child.kill("SIGKILL");
	const began_ms = performance.now();
	return {
		began: Array.isArray(first),
		end: async () => {
			const inner_s = (performance.now() - began_ms) / 1000;
			child.stdin.end();
			const result = await ended;
			return { result, own: { inner_s, outer_s: (performance.now() - spawned_ms) / 1000 } };
		},
	};
}

/** The first line of what a tool said that is not empty. */
export function firstLine(text: string): string {
	return (
		text
			.split("\n")
			.map((line) => line.trim())
			.find((line) => line !== "") ?? ""
	);
}

interface Ended {
	readonly exitCode?: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
	readonly code?: string | undefined;
	readonly shortMessage?: string | undefined;
}

function resultOf({ exitCode, stdout, stderr, code, shortMessage = "" }: Ended): ToolResult {
	if (code === "ENOENT") return { status: "absent" };
	return exitCode === undefined
		? { status: "broken", reason: firstLine(shortMessage) }
		: { status: "ended", exitCode, stdout, stderr };
}
