import { readFileSync } from "node:fs";

/** Is this a guest? Hypervisors pass no energy counters on, so nothing that is run in it can enable them. */
export function isVirtualMachine(): boolean {
	try {
		return /^flags\s*:.*\bhypervisor\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
	} catch {
		return false;
	}
}
