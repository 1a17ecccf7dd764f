import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { InputError } from "../errors.js";

/** The process that holds a lock: its start time tells it from a later process with the same number. */
interface Holder {
	readonly pid: number;
	readonly host: string;
	readonly boot: string;
	readonly start_ticks: string;
	/** The namespace in which the number means something: containers of one machine count processes of their own. */
	readonly pid_ns?: string;
}

/** A lock that is held. */
export interface Lock {
	/** Throws InputError where another run has taken it over meanwhile. */
	readonly check: () => void;
	readonly release: () => void;
}

/** A holder that cannot be seen from here shows every so often that it goes on; after so long without it is gone. */
const beat_s = 5;
const gone_s = 60;

/**
 * Takes the lock file of a journal, so that no two runs write to it. A lock left by a process that is gone (killed) is
 * taken over; one of another container on this machine after a minute without a sign of it. Throws InputError where another
 * run holds it, or may hold it on another host.
 */
export function takeLock(file: string): Lock {
	const own: Holder = {
		pid: process.pid,
		host: hostname(),
		boot: bootId(),
		start_ticks: startTicks(process.pid) ?? "",
		pid_ns: pidNamespace(),
	};
	const content = JSON.stringify(own);
	const aside = `${file}.${own.pid}`;
	try {
		writeFileSync(aside, content);
		for (let attempt = 0; attempt < 5; attempt++) {
			// A link appears whole and only where none is: two runs cannot both make it.
			if (linked(aside, file)) return held(file, content);
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

function held(file: string, content: string): Lock {
	const isOurs = () => readIfThere(file) === content;
	const timer = setInterval(() => {
		const now = new Date();
		try {
			if (isOurs()) utimesSync(file, now, now);
		} catch {
			// Gone or out of reach: the next record asks whose it is.
		}
	}, beat_s * 1000).unref();
	return {
		check: () => {
			if (!isOurs()) throw new InputError({ file, rule: "must still be this run's: another one has taken it over" });
		},
		release: () => {
			clearInterval(timer);
			if (isOurs()) rmSync(file, { force: true });
		},
	};
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
	if (holder.boot !== bootId()) return;
	if ((holder.pid_ns ?? pidNamespace()) !== pidNamespace()) {
		const silent_s = Date.now() / 1000 - (mtimeOf(file) ?? 0);
		if (silent_s > gone_s) return;
		throw new InputError({
			file,
			rule: `must be free: a run in another container of this machine took it (it is taken over after ${gone_s} s without a sign of it)`,
			value: holder.pid,
		});
	}
	if (startTicks(holder.pid) === holder.start_ticks)
		throw new InputError({ file, rule: "must be free: a run of this journal is going on", value: holder.pid });
}

function mtimeOf(file: string): number | undefined {
	try {
		return statSync(file).mtimeMs / 1000;
	} catch {
		return undefined;
	}
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

/** `pid:[4026531836]`; empty elsewhere than on Linux. */
function pidNamespace(): string {
	try {
		return readlinkSync("/proc/self/ns/pid");
	} catch {
		return "";
	}
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
