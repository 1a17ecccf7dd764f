import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { drawing, fakePowercap, range_uj } from "../energy/fakePowercap.js";
import { fakePerf } from "../energy/fakeReaders.js";
import { fakeTool } from "../energy/fakeTool.js";
import { realTime } from "../realTime.js";

/** Only what a test puts on PATH is there, beside node and cat. */
function probes(argv: readonly string[], { root = "/no/such/powercap", path = "" } = {}) {
	const env = { PATH: `${path}:/nowhere`, SUSTAINABLE_IPA_POWERCAP_ROOT: root };
	return spawnSync(process.execPath, ["dist/cli/main.js", "probes", ...argv], { encoding: "utf8", env });
}

const tree = () =>
	fakePowercap({
		"intel-rapl:0": { name: "package-0", energy_uj: 1 },
		"intel-rapl:0:0": { name: "dram", energy_uj: 1 },
		"intel-rapl:1": { name: "psys", energy_uj: 1 },
	});

describe("the doctor of the probes", realTime, () => {
	test("of a machine without any: each with its cause and the command that enables it, exit code 3", () => {
		const { status, stdout, stderr } = probes([]);
		expect([status, stderr]).toEqual([3, ""]);
		expect(stdout).toMatch(/^powercap {7}unavailable {2}absent: \/no\/such\/powercap is absent/m);
		expect(stdout).toMatch(
			/^perf {11}unavailable {2}absent: perf is not installed\n +to enable: sudo apt-get install/m,
		);
		expect(stdout).toMatch(/^etrace2 {8}unavailable {2}absent/m);
		expect(stdout).toMatch(/^dcmi {11}unavailable {2}absent/m);
		expect(stdout).toMatch(/^dcgm-exporter {2}unavailable {2}absent: no Prometheus is named$/m);
	});

	test("the page of the probes lists them all, in this order, with these windows", () => {
		const rows = readFileSync("docs/energy-probes.md", "utf8").matchAll(/^\| `([\w-]+)` \|.*\| (\d+) s \|$/gm);
		const known: { probe: string; minimum_window_s: number }[] = JSON.parse(probes(["--json"]).stdout);
		expect([...rows].map(([, name, window]) => [name, Number(window)])).toEqual(
			known.map(({ probe, minimum_window_s }) => [probe, minimum_window_s]),
		);
	});

	test("of a machine with counters: what each covers, exit code 0", () => {
		const root = tree();
		const { status, stdout } = probes([], { root });
		expect(status).toBe(0);
		expect(stdout).toMatch(
			/^powercap {7}available {4}covers package, dram; windows of 1 s or more\n.*package-0, dram-0/m,
		);
	});

	test("--json says the same to programs", () => {
		const root = tree();
		const { stdout } = probes(["--json"], { root });
		const found: { probe: string; status: string }[] = JSON.parse(stdout);
		expect(found).toContainEqual(
			expect.objectContaining({
				probe: "powercap",
				status: "available",
				covers: ["package", "dram"],
				minimum_window_s: 1,
			}),
		);
		expect(found).toContainEqual(
			expect.objectContaining({ probe: "perf", status: "unavailable", cause: "absent", remedy: expect.any(String) }),
		);
	});

	test("a tool on PATH is run, not only found", () => {
		const path = fakeTool("ipmitool", 'process.stdout.write("    Instantaneous power reading: 230 Watts\\n");').folder;
		expect(probes([], { path }).stdout).toMatch(/^dcmi {11}available {4}covers node.*\n +ipmitool: 230 W now/m);
		const broken = fakeTool("perf", 'process.stderr.write("Segmentation fault"); process.exit(139);').folder;
		expect(probes([], { path: broken }).stdout).toMatch(/^perf {11}unavailable {2}command-failed: .*139/m);
	});

	test("--watch shows the watts that a process draws", async () => {
		const root = tree();
		const child = await drawing(root, {
			"intel-rapl:0": { start_uj: 1, watts: 60, range_uj },
			"intel-rapl:0:0": { start_uj: 1, watts: 10, range_uj },
			"intel-rapl:1": { start_uj: 1, watts: 150, range_uj },
		});
		try {
			const { status, stdout } = probes(["--watch", "--windows", "2"], { root });
			expect(status).toBe(0);
			const lines = stdout.trim().split("\n");
			expect(lines).toHaveLength(2);
			for (const line of lines) {
				const [, total, pkg, dram, psys] =
					/^[\d:]{8} {2}([\d.]+) W of package and dram: package-0 ([\d.]+) W, dram-0 ([\d.]+) W, psys ([\d.]+) W \(not in it\)$/.exec(
						line,
					) ?? [];
				// To within 15 %: on a busy machine the process that draws is late by some milliseconds.
				for (const [shown, watts] of [
					[total, 70],
					[pkg, 60],
					[dram, 10],
					[psys, 150],
				] as const)
					expect(Math.abs(Number(shown) / watts - 1)).toBeLessThan(0.15);
			}
			const json = probes(["--watch", "--windows", "1", "--json", "--probe", "perf"], {
				path: `${fakePerf(root).folder}:/usr/bin:/bin`,
			});
			expect(JSON.parse(json.stdout)).toMatchObject({ status: "reading", probe: "perf" });
		} finally {
			await child.end();
		}
	});

	test("--watch of counters that stand still says so, and shows no 0 W", () => {
		const { status, stdout } = probes(["--watch", "--windows", "1"], { root: tree() });
		expect(status).toBe(3);
		expect(stdout).toMatch(/zero: package-0 counted 0 J/);
	});

	test("an unknown probe, or options that do not go together, are bad input", () => {
		expect(probes(["--watch", "--probe", "rapl"])).toMatchObject({
			status: 1,
			stderr: expect.stringContaining("powercap"),
		});
		expect(probes(["--windows", "2"])).toMatchObject({ status: 1, stderr: expect.stringContaining("--watch") });
		expect(probes(["--watch", "--windows", "0"], { root: tree() })).toMatchObject({ status: 1 });
	});
});
