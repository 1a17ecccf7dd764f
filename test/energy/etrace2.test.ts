import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { etrace2Probe, parseEtrace2 } from "../../src/energy/etrace2.js";
import { realTime } from "../realTime.js";
import { fakePowercap } from "./fakePowercap.js";
import { fakeTool } from "./fakeTool.js";

// Chameleon's own example.
const summary = `# ELAPSED=0.991612
# ENERGY=126.921072
# ENERGY_SOCKET0=60.103984
# ENERGY_DRAM0=10.067117
# ENERGY_SOCKET1=50.227988
# ENERGY_DRAM1=8.036478
`;
const total = 60.103984 + 10.067117 + 50.227988 + 8.036478;
const zone = (name: string) => ({ name, energy_uj: 1 });
const tree = () => fakePowercap({ "intel-rapl:0": zone("package-0"), "intel-rapl:1": zone("package-1") });

/** An etrace2 that writes its header before, rows during and `end` after its command, as the real one does with -i -r. */
const writing = (end: string) =>
	fakeTool(
		"etrace2",
		`if (args[0] === "-h") process.exit(0);
fs.writeFileSync(__filename + ".args", JSON.stringify(args));
const out = args[args.indexOf("-o") + 1];
fs.writeFileSync(out, "# ETRACE2_VERSION=0.1\\n");
const child = run(args.at(-1), []);
fs.appendFileSync(out, "# START_TIME=1795484520.123456\\n# Time [S]   Power [W]   Energy [J]\\n");
const began = performance.now();
const timer = setInterval(() => fs.appendFileSync(out, ((performance.now() - began) / 1000).toFixed(3) + "  128.127  12.813  \\n"), 100);
await child;
clearInterval(timer);
fs.appendFileSync(out, ${JSON.stringify(end)});`,
	);

async function window(command: string, root = tree()) {
	const run = await etrace2Probe({ command, root }).start();
	await sleep(250);
	return run.stop();
}

describe("etrace2", realTime, () => {
	test("the total is the sum of the sockets and DRAM, not its ENERGY line", async () => {
		const { command, folder } = writing(summary);
		const outcome = await window(command);
		expect(outcome).toMatchObject({ status: "reading", covers: ["package", "dram"], duration_s: 0.991612 });
		if (outcome.status === "reading") {
			expect(outcome.energy_j).toBeCloseTo(total, 9);
			expect(outcome.energy_j).not.toBeCloseTo(126.921072, 1);
			// Its sums begin 10 ms before its time does: 11 ms of 129.5 W.
			expect(outcome.resolution_j).toBeCloseTo((total / 0.991612) * 0.011, 6);
			expect(outcome.samples).toBeGreaterThanOrEqual(3);
		}
		const args = JSON.parse(readFileSync(join(folder, "etrace2.args"), "utf8"));
		expect(args.slice(0, 4)).toEqual(["-i", "0.1", "-r", "-o"]);
		expect(existsSync(args[4])).toBe(false);
	});

	test("a top zone that is psys is no socket", async () => {
		const root = fakePowercap({ "intel-rapl:0": zone("package-0"), "intel-rapl:1": zone("psys") });
		const outcome = await window(
			writing("# ELAPSED=1.000000\n# ENERGY=9.0\n# ENERGY_SOCKET0=60.5\n# ENERGY_SOCKET1=90.5\n").command,
			root,
		);
		expect(outcome).toMatchObject({ energy_j: 60.5, caveats: [expect.stringContaining("SOCKET1 is psys")] });
	});

	test("two sockets with a psys each: neither psys is in the total, and a zone of another name is refused", async () => {
		const names = ["package-0", "package-1", "psys", "psys-1"];
		const text = `# ELAPSED=1.000000\n# ENERGY=9.0\n${[60.5, 50.25, 90.5, 80.5].map((joules, i) => `# ENERGY_SOCKET${i}=${joules}\n`).join("")}`;
		const treeOf = (last: string) =>
			fakePowercap(Object.fromEntries([...names.slice(0, 3), last].map((name, i) => [`intel-rapl:${i}`, zone(name)])));
		const outcome = await window(writing(text).command, treeOf("psys-1"));
		expect(outcome).toMatchObject({ status: "reading", energy_j: 110.75 });
		if (outcome.status === "reading")
			expect(outcome.domains.filter(({ inTotal }) => !inTotal).map(({ domain }) => domain)).toEqual(["psys", "psys-1"]);
		expect(await window(writing(text).command, treeOf("accelerator-0"))).toMatchObject({
			status: "refused",
			cause: "malformed",
			reason: expect.stringContaining("SOCKET3"),
		});
	});

	test("dies of one socket that counted the same may be one counter: refused; dies of their own are summed", async () => {
		const root = fakePowercap({ "intel-rapl:0": zone("package-0-die-0"), "intel-rapl:1": zone("package-0-die-1") });
		const dies = (second: string) =>
			writing(`# ELAPSED=1.000000\n# ENERGY=9.0\n# ENERGY_SOCKET0=60.500000\n# ENERGY_SOCKET1=${second}\n`).command;
		expect(await window(dies("60.510000"), root)).toMatchObject({
			status: "refused",
			cause: "overlapping-domains",
			reason: expect.stringContaining("SOCKET0, SOCKET1"),
		});
		expect(await window(dies("61.500000"), root)).toMatchObject({ status: "reading", energy_j: 122 });
		// Two sockets may well count the same.
		expect(await window(dies("60.500000"))).toMatchObject({ status: "reading", energy_j: 121 });
	});

	test("is available where it runs and the tree can be read", async () =>
		expect(await etrace2Probe({ command: writing(summary).command, root: tree() }).detect()).toMatchObject({
			status: "available",
			covers: ["package", "dram"],
		}));
});

describe("etrace2 that gives no joules", () => {
	test("not installed: the command that builds it", async () => {
		const probe = etrace2Probe({ command: "/no/such/etrace2", root: tree() });
		expect(await probe.detect()).toMatchObject({ cause: "absent", remedy: expect.stringContaining("make -C") });
		expect(await (await probe.start()).stop()).toMatchObject({ status: "refused", cause: "absent" });
	});
	test("no tree, or no access to it: it is not even started", async () => {
		const { command, folder } = writing(summary);
		expect(await etrace2Probe({ command, root: "/no/such" }).detect()).toMatchObject({ cause: "absent" });
		expect(await window(command, "/no/such")).toMatchObject({ status: "refused", cause: "absent" });
		const root = tree();
		chmodSync(join(root, "..", ".."), 0o755);
		chmodSync(join(root, "intel-rapl:1", "energy_uj"), process.geteuid?.() === 0 ? 0o400 : 0);
		const superuser = process.geteuid?.() === 0;
		if (superuser) process.seteuid?.(65534);
		try {
			expect(await window(command, root)).toMatchObject({
				cause: "no-access",
				remedy: expect.stringContaining("sudo chmod a+r"),
			});
		} finally {
			if (superuser) process.seteuid?.(0);
		}
		expect(existsSync(join(folder, "etrace2.args"))).toBe(false);
	});
	test("its own failure to begin, which leaves its command running", async () => {
		const { command } = fakeTool(
			"etrace2",
			'spawned(args.at(-1), []).on("spawn", () => { process.stderr.write("Error: raplreader_init() failed\\n"); process.exit(1); });',
		);
		expect(await window(command)).toMatchObject({
			cause: "no-access",
			reason: expect.stringContaining("raplreader_init"),
		});
	});
	test.each([
		["no summary, as when it is killed", ""],
		["no socket", "# ELAPSED=1.000000\n# ENERGY=1.0\n"],
		["no number", summary.replace("60.103984", "nan")],
		["decimals with a comma", summary.replace("60.103984", "60,103984")],
	])("%s: malformed", async (_, text) =>
		expect(await window(writing(text).command)).toMatchObject({ status: "refused", cause: "malformed" }),
	);
	test("a socket at 0 J, or below", async () => {
		expect(await window(writing(summary.replace("60.103984", "0.000000")).command)).toMatchObject({ cause: "zero" });
		expect(await window(writing(summary.replace("60.103984", "-0.5")).command)).toMatchObject({ cause: "negative" });
	});
});

test("a table of intervals is counted, not summed", () =>
	expect(
		parseEtrace2(`# Time [S]   Power [W]   Energy [J]\n0.527  128.127  64.063  \n0.627  128.127  12.813  \n${summary}`),
	).toMatchObject({
		status: "summary",
		rows: 2,
		elapsed_s: 0.991612,
	}));

test("each socket's joules by its number, memory apart; a summary that lacks a part is none", () => {
	const parsed = parseEtrace2(
		"# ELAPSED=2.5\n# ENERGY=9.0\n# ENERGY_SOCKET0=4.5\n# ENERGY_SOCKET1=3.25\n# ENERGY_DRAM0=1.5\n",
	);
	expect(parsed).toEqual({
		status: "summary",
		elapsed_s: 2.5,
		sockets: new Map([
			[0, 4.5],
			[1, 3.25],
		]),
		dram: new Map([[0, 1.5]]),
		rows: 0,
	});
	expect(parseEtrace2("# ELAPSED=2.5\n# ENERGY_DRAM0=1.5\n")).toMatchObject({
		reason: expect.stringMatching(/SOCKETn/),
	});
	expect(parseEtrace2("# ENERGY_SOCKET0=1.5\n")).toMatchObject({ reason: expect.stringMatching(/ELAPSED/) });
	expect(parseEtrace2("# ELAPSED=2.5\n# ENERGY_SOCKET0=1e3\n")).toMatchObject({ status: "malformed" });
});
