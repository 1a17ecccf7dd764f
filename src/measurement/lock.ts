import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { InputError } from "../errors.js";

/** The process that holds a lock: its start time tells it from a later process with the same number. */
interface Holder {
	readonly pid: number;
	readonly host: string;
	readonly boot: string;
	readonly start_ticks: string;
}

/**
 * Takes the lock file of a journal, so that no two runs write to it. A lock left by a process that is gone (killed) is
 * taken over. Returns the release. Throws InputError where another run holds it, or may hold it on another host.
 */
export function takeLock(file: string): () => void {
	const own: Holder = {
		pid: process.pid,
		host: hostname(),
		boot: bootId(),
		start_ticks: startTicks(process.pid) ?? "",
	};
	const content = JSON.stringify(own);
	const aside = `${file}.${own.pid}`;
	try {
		writeFileSync(aside, content);
		for (let attempt = 0; attempt < 5; attempt++) {
			// A link appears whole and only where none is: two runs cannot both make it.
			if (linked(aside, file)) return () => rmSync(file, { force: true });
			const found = readIfThere(file);
			if (found === undefined) continue;
			refuseLiving(file, found);
			removeStale(file, found, `${aside}.stale`);
		}
		throw new InputError({ file, rule: "must be free: other runs keep taking this journal's lock" });
	} finally {
		rmSync(aside, { force: true });
	}
}

function linked(from: string, to: string): boolean {
	try {
		linkSync(from, to);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

function readIfThere(file: string): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

function refuseLiving(file: string, content: string): void {
	const holder = holderOf(file, content);
	if (holder.host !== hostname())
		throw new InputError({
			file,
			rule: `must be free: a run on ${holder.host} took it (delete the file if that run is gone)`,
			value: holder.pid,
		});
	const gone = holder.boot !== bootId() || startTicks(holder.pid) !== holder.start_ticks;
	if (!gone) throw new InputError({ file, rule: "must be free: a run of this journal is going on", value: holder.pid });
}

/** A lock is linked whole, but a machine that lost its power may have kept the name alone. */
function holderOf(file: string, content: string): Holder {
	try {
		return JSON.parse(content) as Holder;
	} catch (cause) {
		const rule = "must name the run that took it (delete the file if no run of this journal goes on)";
		throw new InputError({ file, rule, value: content }, { cause });
	}
}

function removeStale(file: string, content: string, aside: string): void {
	try {
		renameSync(file, aside);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
		throw error;
	}
	// Another run may have taken the lock over in between: its lock is put back.
	if (readFileSync(aside, "utf8") !== content) linked(aside, file);
	rmSync(aside, { force: true });
}

function bootId(): string {
	return (readIfThere("/proc/sys/kernel/random/boot_id") ?? "").trim();
}

/** Clock ticks from boot to the start of a living process (field 22 of /proc/pid/stat); undefined where it is gone. */
function startTicks(pid: number): string | undefined {
	const stat = readIfThere(`/proc/${pid}/stat`);
	if (stat === undefined) return process.platform === "linux" ? undefined : answers(pid);
	// The second field, in parentheses, may hold spaces; a zombie (Z) is gone.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return fields[0] === "Z" ? undefined : fields[19];
}

/** Elsewhere than on Linux only whether the process answers a signal is known. */
function answers(pid: number): string | undefined {
	try {
		process.kill(pid, 0);
		return "";
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM" ? "" : undefined;
	}
}
