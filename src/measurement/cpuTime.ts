import { readFileSync } from "node:fs";
import type { Perhaps } from "./records.js";

/** Linux' USER_HZ: the unit of the times in /proc/pid/stat, the same on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** CPU time, user and system, spent so far, s: by this process, or by the ended processes that it started (10 ms steps). */
export function cpuTime(of: "self" | "children" | "elsewhere"): Perhaps<number> {
	if (of === "self") {
		const { user, system } = process.cpuUsage();
		return { status: "available", value: (user + system) / 1e6 };
	}
	if (of === "elsewhere") return { status: "unavailable", reason: "the work is a server's, whose CPU time is its own" };
	try {
		const stat = readFileSync("/proc/self/stat", "utf8");
		// Fields 16 and 17, cutime and cstime; the second field, in parentheses, may hold spaces.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return { status: "available", value: (Number(fields[13]) + Number(fields[14])) / ticksPerSecond };
	} catch {
		return { status: "unavailable", reason: "no /proc/self/stat on this system" };
	}
}
