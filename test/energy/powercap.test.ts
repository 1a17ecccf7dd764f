import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { powercapProbe } from "../../src/energy/powercap.js";
import type { Outcome } from "../../src/energy/reading.js";
import { realTime } from "../realTime.js";
import { type FakeZone, fakePowercap, range_uj, setEnergy } from "./fakePowercap.js";

const twoSockets: Record<string, FakeZone> = {
	"intel-rapl:0": { name: "package-0", energy_uj: 1_000_000 },
	"intel-rapl:0:0": { name: "core", energy_uj: 500_000 },
	"intel-rapl:0:1": { name: "dram", energy_uj: 2_000_000, max_energy_range_uj: 65712999613 },
	"intel-rapl:1": { name: "package-1", energy_uj: 3_000_000 },
	"intel-rapl:1:0": { name: "dram", energy_uj: 4_000_000, max_energy_range_uj: 65712999613 },
	"intel-rapl:2": { name: "psys", energy_uj: 5_000_000 },
	"intel-rapl-mmio:0": { name: "package-0", energy_uj: 1_000_000 },
};

/** A window over which counters go from what a tree shows to what `after` says. */
async function over(
	zones: Readonly<Record<string, FakeZone>>,
	after: Readonly<Record<string, number>>,
	options: { ceiling_w?: number; wait_s?: number } = {},
): Promise<Outcome> {
	const root = fakePowercap(zones);
	const { wait_s = 0.05, ...rest } = options;
	const run = await powercapProbe({ root, ceiling_w: 1e5, period_s: 1000, ...rest }).start();
	// Held, as a batch that computes in this thread holds it: no background poll falls between the values.
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait_s * 1000);
	for (const [id, energy_uj] of Object.entries(after)) setEnergy(root, id, energy_uj);
	return run.stop();
}

describe("powercap", realTime, () => {
	test("two sockets: packages and DRAM are summed; cores, psys and the MMIO duplicate are not", async () => {
		const outcome = await over(twoSockets, {
			"intel-rapl:0": 11_000_000,
			"intel-rapl:0:0": 5_500_000,
			"intel-rapl:0:1": 3_500_000,
			"intel-rapl:1": 10_000_000,
			"intel-rapl:1:0": 4_500_000,
			"intel-rapl:2": 45_000_000,
			"intel-rapl-mmio:0": 11_000_000,
		});
		// 10 + 7 J of packages, 1.5 + 0.5 J of DRAM.
		expect(outcome).toMatchObject({ status: "reading", covers: ["package", "dram"], wraps: 0, kind: "measured" });
		if (outcome.status !== "reading") return;
		expect(outcome.energy_j).toBeCloseTo(19, 9);
		expect(Object.fromEntries(outcome.domains.map((d) => [d.domain, [+d.energy_j.toFixed(6), d.inTotal]]))).toEqual({
			"package-0": [10, true],
			"core-0": [5, false],
			"dram-0": [1.5, true],
			"package-1": [7, true],
			"dram-1": [0.5, true],
			psys: [40, false],
		});
		// One update, a millisecond of the domain's own power.
		// The domains' windows are not quite the first one's, less so on a busy machine.
		for (const { energy_j, resolution_j } of outcome.domains) {
			expect(resolution_j).toBeGreaterThan(((energy_j / outcome.duration_s) * 0.001) / 10);
			expect(resolution_j).toBeLessThan((energy_j / outcome.duration_s) * 0.001 * 10);
		}
	});

	test("one wrap is resolved from the range", async () => {
		const outcome = await over(
			{ "intel-rapl:0": { name: "package-0", energy_uj: range_uj - 2_000_000 } },
			{ "intel-rapl:0": 3_000_000 },
		);
		expect(outcome).toMatchObject({ status: "reading", wraps: 1 });
		if (outcome.status === "reading") expect(outcome.energy_j).toBeCloseTo(5, 6);
	});

	test("two wraps that the time allows are a refusal", async () => {
		// A range of 1 J at up to 100 W: passed in 10 ms.
		const outcome = await over(
			{ "intel-rapl:0": { name: "package-0", energy_uj: 100, max_energy_range_uj: 1_000_000 } },
			{ "intel-rapl:0": 500_000 },
			{ ceiling_w: 100 },
		);
		expect(outcome).toMatchObject({ status: "refused", cause: "wrapped-twice" });
	});

	test("a psys of each socket is shown, and not added", async () => {
		const zone = (name: string) => ({ name, energy_uj: 1_000_000 });
		const outcome = await over(
			{ "intel-rapl:0": zone("package-0"), "intel-rapl:1": zone("psys"), "intel-rapl:2": zone("psys-1") },
			{ "intel-rapl:0": 11_000_000, "intel-rapl:1": 31_000_000, "intel-rapl:2": 41_000_000 },
		);
		expect(outcome).toMatchObject({ status: "reading", energy_j: 10, covers: ["package"], caveats: [] });
		if (outcome.status === "reading")
			expect(outcome.domains.map(({ domain }) => domain)).toEqual(["package-0", "psys", "psys-1"]);
	});

	test("a range of 64 bits, safe for centuries, is not polled at every millisecond", async () => {
		const zone = { name: "package-0", energy_uj: 1_000_000, max_energy_range_uj: 2 ** 64 };
		const root = fakePowercap({ "intel-rapl:0": zone });
		const run = await powercapProbe({ root, period_s: 60 }).start();
		await sleep(300);
		setEnergy(root, "intel-rapl:0", 4_000_000);
		expect(await run.stop()).toMatchObject({ status: "reading", energy_j: 3, samples: 2 });
	});

	test("a counter that began anew is a refusal", async () =>
		expect(
			await over(
				{ "intel-rapl:0": { name: "package-0", energy_uj: 90_000_000_000 } },
				{ "intel-rapl:0": 10 },
				{ ceiling_w: 1000 },
			),
		).toMatchObject({ status: "refused", cause: "reset" }));

	test("a counter that stands still is a refusal, not 0 J", async () =>
		expect(await over({ "intel-rapl:0": { name: "package-0", energy_uj: 5 } }, {})).toMatchObject({
			status: "refused",
			cause: "zero",
		}));

	test("DRAM that has never counted is left out, and said so", async () => {
		const outcome = await over(
			{
				"intel-rapl:0": { name: "package-0", energy_uj: 5 },
				"intel-rapl:0:0": { name: "dram", energy_uj: 0 },
			},
			{ "intel-rapl:0": 2_000_005 },
		);
		expect(outcome).toMatchObject({ covers: ["package"], caveats: [expect.stringContaining("dram-0")] });
		if (outcome.status === "reading") expect(outcome.energy_j).toBeCloseTo(2, 9);
	});

	test("DRAM that begins at 0, or ends there, and counts is in the total", async () => {
		const outcome = await over(
			{
				"intel-rapl:0": { name: "package-0", energy_uj: 5 },
				"intel-rapl:0:0": { name: "dram", energy_uj: 0 },
				"intel-rapl:1": { name: "package-1", energy_uj: 5 },
				"intel-rapl:1:0": { name: "dram", energy_uj: range_uj - 1_000_000 },
			},
			{ "intel-rapl:0": 2_000_005, "intel-rapl:0:0": 500_000, "intel-rapl:1": 3_000_005, "intel-rapl:1:0": 0 },
		);
		expect(outcome).toMatchObject({ energy_j: expect.closeTo(6.5, 6), covers: ["package", "dram"], caveats: [] });
	});

	test("dies that show one counter are counted once", async () => {
		const die = (n: number) => ({ name: `package-0-die-${n}`, energy_uj: 7_000_000 });
		const outcome = await over(
			{ "intel-rapl:0": die(0), "intel-rapl:1": die(1) },
			{ "intel-rapl:0": 17_000_000, "intel-rapl:1": 17_000_000 },
		);
		expect(outcome).toMatchObject({
			energy_j: expect.closeTo(10, 6),
			caveats: [expect.stringContaining("package-0-die-1")],
		});
	});

	test("nor is the memory of such dies counted twice", async () => {
		const die = (n: number) => ({ name: `package-0-die-${n}`, energy_uj: 7_000_000 });
		const dram = { name: "dram", energy_uj: 1_000_000 };
		const outcome = await over(
			{ "intel-rapl:0": die(0), "intel-rapl:0:0": dram, "intel-rapl:1": die(1), "intel-rapl:1:0": dram },
			{
				"intel-rapl:0": 17_000_000,
				"intel-rapl:0:0": 3_000_000,
				"intel-rapl:1": 17_000_000,
				"intel-rapl:1:0": 3_000_000,
			},
		);
		expect(outcome).toMatchObject({
			energy_j: expect.closeTo(12, 6),
			caveats: [expect.stringMatching(/^package-0-die-1, dram-0-die-1: the same counter/)],
		});
	});

	test("dies that counted the same from different values cannot be told apart", async () =>
		expect(
			await over(
				{
					"intel-rapl:0": { name: "package-0-die-0", energy_uj: 7_000_000 },
					"intel-rapl:1": { name: "package-0-die-1", energy_uj: 900_000_000 },
				},
				{ "intel-rapl:0": 17_000_000, "intel-rapl:1": 910_000_000 },
			),
		).toMatchObject({ status: "refused", cause: "overlapping-domains" }));

	test("dies of their own are summed", async () => {
		const outcome = await over(
			{
				"intel-rapl:0": { name: "package-0-die-0", energy_uj: 7_000_000 },
				"intel-rapl:1": { name: "package-0-die-1", energy_uj: 900_000_000 },
			},
			{ "intel-rapl:0": 17_000_000, "intel-rapl:1": 915_000_000 },
		);
		expect(outcome).toMatchObject({ energy_j: expect.closeTo(25, 6), caveats: [] });
	});

	test("two zones of one name are a refusal", async () =>
		expect(await over({ ...twoSockets, "intel-rapl:1": { name: "package-0", energy_uj: 1 } }, {})).toMatchObject({
			status: "refused",
			cause: "overlapping-domains",
		}));
});

describe("powercap that cannot be read", () => {
	const detect = (root: string) => powercapProbe({ root, virtual: false }).detect();
	const stop = async (root: string) => (await powercapProbe({ root, virtual: false }).start()).stop();
	const both = async (root: string, expected: object) => {
		expect(await detect(root)).toMatchObject({ status: "unavailable", ...expected });
		expect(await stop(root)).toMatchObject({ status: "refused", ...expected });
	};

	test("no tree, or an empty one: absent", async () => {
		await both("/no/such/powercap", { cause: "absent", remedy: "sudo modprobe intel_rapl_msr" });
		await both(mkdtempSync(join(tmpdir(), "powercap-")), { cause: "absent" });
	});
	test("in a virtual machine no command is named, since none would help", async () => {
		const detection = await powercapProbe({ root: "/no/such/powercap", virtual: true }).detect();
		expect(detection).toMatchObject({ cause: "absent", reason: expect.stringContaining("on its host") });
		expect(detection).not.toHaveProperty("remedy");
	});
	test("MMIO alone, or psys alone, is no package", async () => {
		await both(fakePowercap({ "intel-rapl-mmio:0": { name: "package-0", energy_uj: 1 } }), { cause: "absent" });
		await both(fakePowercap({ "intel-rapl:0": { name: "psys", energy_uj: 1 } }), { cause: "not-supported" });
	});
	test("energy_uj that is for root alone: no access, and the command that changes it", async () => {
		const root = fakePowercap(twoSockets);
		chmodSync(join(root, "..", ".."), 0o755);
		for (const id of Object.keys(twoSockets)) chmodSync(join(root, id, "energy_uj"), 0o400);
		const superuser = process.geteuid?.() === 0;
		if (superuser) {
			expect(await detect(root)).toMatchObject({ status: "available" });
			process.seteuid?.(65534);
		} else for (const id of Object.keys(twoSockets)) chmodSync(join(root, id, "energy_uj"), 0);
		try {
			await both(root, { cause: "no-access", remedy: `sudo chmod a+r ${root}/intel-rapl:*/energy_uj` });
		} finally {
			if (superuser) process.seteuid?.(0);
		}
	});
	test("energy_uj that fails, is missing or holds no number", async () => {
		const root = fakePowercap(twoSockets);
		const file = join(root, "intel-rapl:1", "energy_uj");
		for (const content of ["", "-5", "1e6", "nan"]) {
			writeFileSync(file, content);
			await both(root, { cause: "malformed", reason: expect.stringContaining(file) });
		}
		rmSync(file);
		await both(root, { cause: "not-supported", reason: expect.stringContaining(file) });
		mkdirSync(file);
		await both(root, { cause: "not-supported", reason: expect.stringContaining("EISDIR") });
	});
	test("a range of 0, or no name", async () => {
		await both(fakePowercap({ "intel-rapl:0": { name: "package-0", energy_uj: 1, max_energy_range_uj: 0 } }), {
			cause: "malformed",
		});
		const root = fakePowercap(twoSockets);
		rmSync(join(root, "intel-rapl:1", "name"));
		await both(root, { cause: "not-supported" });
	});
	test("a core or psys that cannot be read costs no total", async () => {
		const root = fakePowercap(twoSockets);
		rmSync(join(root, "intel-rapl:2", "energy_uj"));
		expect(await detect(root)).toMatchObject({ status: "available", covers: ["package", "dram"] });
	});
});
