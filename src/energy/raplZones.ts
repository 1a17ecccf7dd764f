import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Coverage } from "./plausible.js";
import type { RefusalCause } from "./reading.js";

/** How often the processor moves the counters of RAPL, s: about once in a millisecond (Intel SDM, vol. 3B, 14.10.2). */
export const raplUpdate_s = 0.001;

/** Is this a guest? Hypervisors pass no energy counters on, so nothing that is run in it can enable them. */
export function isVirtualMachine(): boolean {
	try {
		return /^flags\s*:.*\bhypervisor\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
	} catch {
		return false;
	}
}

/** A zone of the powercap tree that counts energy. */
export interface RaplZone {
	/** `intel-rapl:0:1`. */
	readonly id: string;
	readonly folder: string;
	/** Unique in the tree: `package-0`, `dram-0`, `core-1`, `psys`, `psys-1`. */
	readonly domain: string;
	readonly covers: Extract<Coverage, "package" | "core" | "uncore" | "dram" | "psys">;
	/** The socket that it is of: `0`; empty for psys. */
	readonly socket: string;
	/** What its counter counts to before it begins anew, J. */
	readonly range_j: number;
	/** The greatest power limit that is set on it and in force, W; absent where the machine tells none. */
	readonly limit_w?: number;
}

/** Why a file of the tree gives no number. */
export interface ZoneFault {
	readonly status: "fault";
	readonly cause: Extract<RefusalCause, "no-access" | "absent" | "not-supported" | "malformed" | "overlapping-domains">;
	readonly reason: string;
	readonly remedy?: string;
}

export type RaplZones =
	| { readonly status: "found"; readonly zones: readonly RaplZone[]; readonly caveats: readonly string[] }
	| ZoneFault;

const zoneId = /^intel-rapl:(\d+)(?::(\d+))?$/;

/**
 * The zones of a powercap tree (`/sys/class/powercap`, flat links, or the nested folders that they point to). The MMIO
 * interface repeats the packages of the MSR one and is left out. AMD's zones are named intel-rapl too.
 *
 * @param virtual whether this is a virtual machine, in which no driver that is loaded finds any
 */
export function raplZones(root: string, virtual = isVirtualMachine()): RaplZones {
	const [why, load] = virtual
		? ["a virtual machine has no energy counters; they are on its host", undefined]
		: ["no RAPL driver is loaded", "sudo modprobe intel_rapl_msr"];
	const folders = new Map<string, string>();
	try {
		collect(root, folders);
	} catch (error) {
		const reason = `${root}: ${codeOf(error)}`;
		return codeOf(error) === "ENOENT" ? fault("absent", `${root} is absent: ${why}`, load) : fault("no-access", reason);
	}
	// Container runtimes hide what the class folder links to, since the counters tell secrets (CVE-2020-8694).
	const masked = [...folders.values()].filter((folder) => !existsSync(folder));
	if (masked.length > 0)
		return fault(
			"no-access",
			`${masked.length} of ${folders.size} zones are listed in ${root} and lead nowhere: a container masks them`,
			"mount the host's /sys/devices/virtual/powercap (docker run -v /sys/devices/virtual/powercap:/host/powercap:ro) and export SUSTAINABLE_IPA_POWERCAP_ROOT=/host/powercap",
		);
	if (folders.size === 0) return fault("absent", `${root} has no intel-rapl zone: ${why}`, load);

	const names = new Map<string, string>();
	for (const [id, folder] of folders) {
		const name = text(join(folder, "name"));
		if (typeof name !== "string") return name;
		names.set(id, name);
	}
	const zones: RaplZone[] = [];
	const caveats: string[] = [];
	for (const [id, folder] of [...folders].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))) {
		const zone = place(names.get(id) ?? "", names.get(id.replace(/^(intel-rapl:\d+).*/, "$1")) ?? "");
		if (zone === undefined) {
			caveats.push(`${id} is named ${JSON.stringify(names.get(id))}, which is not known: left out`);
			continue;
		}
		const range_j = joules(join(folder, "max_energy_range_uj"));
		if (typeof range_j !== "number") return range_j;
		if (range_j === 0) return fault("malformed", `${join(folder, "max_energy_range_uj")} is 0`);
		const twin = zones.find(({ domain }) => domain === zone.domain);
		if (twin !== undefined)
			return fault("overlapping-domains", `${twin.id} and ${id} are both named ${zone.domain}: which one counts?`);
		zones.push({ id, folder, ...zone, range_j, ...limitOf(folder) });
	}
	if (!zones.some(({ covers }) => covers === "package"))
		return fault("not-supported", `${root} has no package zone, only ${[...names.values()].join(", ")}`);
	return { status: "found", zones, caveats };
}

/** The value of a zone's counter now, J. */
export function zoneEnergy({ folder }: RaplZone): number | ZoneFault {
	return joules(join(folder, "energy_uj"));
}

function collect(folder: string, into: Map<string, string>): void {
	const entries = readdirSync(folder);
	for (const entry of entries) if (zoneId.test(entry) && !into.has(entry)) into.set(entry, join(folder, entry));
	// Flat links first, which one pattern of the shell names all; what only the nested folders have comes after.
	for (const entry of entries)
		if ((entry === "intel-rapl" || into.get(entry) === join(folder, entry)) && existsSync(join(folder, entry)))
			collect(join(folder, entry), into);
}

/** Limits that are set and not enabled hold nothing back. */
function limitOf(folder: string): { limit_w?: number } {
	if (text(join(folder, "enabled")) !== "1") return {};
	const limits_w = Array.from({ length: 5 }, (_, i) => i).flatMap((i) =>
		["power_limit", "max_power"].flatMap((kind) => {
			const power_uw = text(join(folder, `constraint_${i}_${kind}_uw`));
			return typeof power_uw === "string" && /^\d{1,12}$/.test(power_uw) ? [Number(power_uw) / 1e6] : [];
		}),
	);
	const limit_w = Math.max(0, ...limits_w);
	return limit_w > 0 ? { limit_w } : {};
}

/** Where a zone belongs, by its own name and that of the zone that it is in (or of itself). */
function place(name: string, top: string): Pick<RaplZone, "domain" | "covers" | "socket"> | undefined {
	const suffix = /^package-([0-9a-f]+(?:-die-[0-9a-f]+)?)$/.exec(top)?.[1];
	const socket = suffix?.replace(/-die-.*/, "") ?? "";
	// Servers have one a socket: psys, psys-1.
	if (/^psys(-\d+)?$/.test(name)) return { domain: name, covers: "psys", socket: "" };
	if (suffix === undefined) return undefined;
	if (name === top) return { domain: name, covers: "package", socket };
	if (name === "core" || name === "uncore" || name === "dram")
		return { domain: `${name}-${suffix}`, covers: name, socket };
	return undefined;
}

function joules(file: string): number | ZoneFault {
	const content = text(file);
	if (typeof content !== "string") return content;
	// A counter of 64 bits has twenty digits at most.
	return /^\d{1,20}$/.test(content)
		? Number(content) / 1e6
		: fault("malformed", `${file} holds ${JSON.stringify(content)}, not a number of microjoules`);
}

function text(file: string): string | ZoneFault {
	try {
		return readFileSync(file, "utf8").trim();
	} catch (error) {
		const code = codeOf(error);
		if (code === "EACCES" || code === "EPERM")
			return fault(
				"no-access",
				`${file} is readable by root alone`,
				// The class folder links every zone flat; shells expand the pattern.
				`sudo chmod a+r ${file.replace(/intel-rapl:[^/]*\/[^/]*$/, "intel-rapl:*/energy_uj")}`,
			);
		return code === "ENOENT"
			? fault("not-supported", `${file} is absent`)
			: fault("not-supported", `${file} cannot be read: ${code}`);
	}
}

function codeOf(error: unknown): string {
	return String((error as NodeJS.ErrnoException).code);
}

function fault(cause: ZoneFault["cause"], reason: string, remedy?: string): ZoneFault {
	return { status: "fault", cause, reason, ...(remedy === undefined ? {} : { remedy }) };
}
