import { readFileSync } from "node:fs";
import { execa } from "execa";

/** A program and its arguments, and whether the system keeps it on its cores. */
export interface PinnedCommand {
	readonly pinned: boolean;
	readonly program: string;
	readonly args: readonly string[];
}

/** The command kept on the first `cores` cores that this process may use, by `taskset` where that is there. */
export async function pinnedCommand(argv: readonly string[], cores: number): Promise<PinnedCommand> {
	const allowed = allowedCores();
	const { exitCode } = await execa("taskset", ["--version"], { reject: false, stdin: "ignore" });
	const pinned = exitCode === 0 && allowed.length >= cores;
	const [program = "", ...args] = pinned ? ["taskset", "-c", allowed.slice(0, cores).join(","), ...argv] : argv;
	return { pinned, program, args };
}

/** Cores that this process may run on: Linux says which; elsewhere none is known. */
function allowedCores(): readonly number[] {
	try {
		const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
		return list.split(",").flatMap((range) => {
			const [from, until = from] = range.split("-").map(Number) as [number, number?];
			return Array.from({ length: until - from + 1 }, (_, i) => from + i);
		});
	} catch {
		return [];
	}
}
