import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
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

/** Where Linux says what a process may use; other places in tests. */
interface Places {
	/** The tree of control groups. */
	readonly root?: string;
	/** The control groups of this process. */
	readonly own?: string;
}

/**
 * How many cores this process can keep busy: those that it may run on (taskset, a cpuset), and no more than the CPU time
 * that its control groups are given, as `docker run --cpus` and a limit of Kubernetes do. That may be a part of a core.
 * More threads than that are stopped for a part of every period, whatever cores they run on.
 */
export function coreLimit({ root = "/sys/fs/cgroup", own = "/proc/self/cgroup" }: Places = {}): number {
	const quotas = groupsOf(own).flatMap((path) => [
		...ancestors(path).flatMap((group) => quotaOf(text(join(root, group, "cpu.max")))),
		...ancestors(path).flatMap((group) => {
			const folder = join(root, "cpu", group);
			return quotaOf(`${text(join(folder, "cpu.cfs_quota_us"))} ${text(join(folder, "cpu.cfs_period_us"))}`);
		}),
	]);
	return Math.min(availableParallelism(), ...quotas);
}

/** Paths of the process' groups: in a container they are those of the host, and its own stands at the root. */
function groupsOf(file: string): string[] {
	return ["/", ...[...text(file).matchAll(/^\d+:(?:|[^:]*\bcpu\b[^:]*):(.*)$/gm)].map(([, path = "/"]) => path)];
}

function ancestors(path: string): string[] {
	const parts = path.split("/").filter((part) => part !== "");
	return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, i).join("/"));
}

/** "200000 100000" is two cores; "max 100000" and "-1 100000" are no limit. */
function quotaOf(line: string): number[] {
	const [, quota, period] = /^(\d+)\s+(\d+)\s*$/.exec(line) ?? [];
	const cores = Number(quota) / Number(period);
	return cores > 0 && Number.isFinite(cores) ? [cores] : [];
}

function text(file: string): string {
	try {
		return readFileSync(file, "utf8").trim();
	} catch {
		return "";
	}
}
