import { readFileSync } from "node:fs";
import type { Perhaps } from "./records.js";
import type { CpuOf } from "./workload.js";

/** Linux' USER_HZ: the unit of the times in /proc/pid/stat, the same on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** CPU time, user and system, spent so far, s; of other processes in steps of 10 ms. */
export function cpuTime(of: CpuOf): Perhaps<number> {
	if (of === "self") {
		const { user, system } = process.cpuUsage();
		return { status: "available", value: (user + system) / 1e6 };
	}
	if (of === "elsewhere") return { status: "unavailable", reason: "the work is a server's, whose CPU time is its own" };
	// Fields 14 and 15 of a process' own time, 16 and 17 of the children that it has waited for (proc_pid_stat(5)).
	return of === "children" ? ticks("/proc/self/stat", 16) : ticks(`/proc/${of.pid}/stat`, 14);
}

function ticks(file: string, field: number): Perhaps<number> {
	try {
		const stat = readFileSync(file, "utf8");
		// The second field, in parentheses, may hold spaces: the third follows its end.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		const value = (Number(fields[field - 3]) + Number(fields[field - 2])) / ticksPerSecond;
		return { status: "available", value };
	} catch {
		return { status: "unavailable", reason: `no ${file} on this system` };
	}
}
