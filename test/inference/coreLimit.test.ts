import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { coreLimit } from "../../src/inference/pinned.js";

/** A tree of control groups, and what /proc/self/cgroup says. */
function limit(files: Readonly<Record<string, string>>, groups: string): number {
	const root = mkdtempSync(join(tmpdir(), "cgroup-"));
	for (const [name, content] of Object.entries({ ...files, own: groups })) {
		mkdirSync(dirname(join(root, name)), { recursive: true });
		writeFileSync(join(root, name), `${content}\n`);
	}
	return coreLimit({ root, own: join(root, "own") });
}

test("without a quota it is what the scheduler allows", () => {
	const machine = availableParallelism();
	expect(limit({}, "0::/")).toBe(machine);
	expect(limit({ "cpu.max": "max 100000" }, "0::/")).toBe(machine);
	expect(limit({ "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000" }, "4:cpu,cpuacct:/")).toBe(machine);
	expect(limit({ "cpu.max": "99900000 100000" }, "0::/")).toBe(machine);
});

test("a container's quota stands at the root, whatever path of the host its groups are said to have", () => {
	expect(limit({ "cpu.max": "50000 100000" }, "0::/../kubepods/pod1")).toBe(0.5);
	expect(
		limit({ "cpu/cpu.cfs_quota_us": "25000", "cpu/cpu.cfs_period_us": "100000" }, "4:cpu,cpuacct:/docker/ab\n0::/"),
	).toBe(0.25);
});

test("the tightest of a group and those that it is in", () => {
	const files = { "a.slice/cpu.max": "60000 100000", "a.slice/b/cpu.max": "80000 100000" };
	expect(limit(files, "0::/a.slice/b")).toBe(0.6);
	expect(limit(files, "0::/elsewhere")).toBe(availableParallelism());
	// Of another controller: cpuset is not cpu.
	const v1 = { "cpu/x/cpu.cfs_quota_us": "30000", "cpu/x/cpu.cfs_period_us": "100000" };
	expect(limit(v1, "3:cpuset:/x\n5:cpuacct,cpu:/")).toBe(availableParallelism());
	expect(limit(v1, "5:cpuacct,cpu:/x")).toBe(0.3);
});
