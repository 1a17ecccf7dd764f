import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dcgmiProbe } from "../../src/energy/dcgmi.js";
import { dcmiProbe } from "../../src/energy/dcmi.js";
import { etrace2Probe } from "../../src/energy/etrace2.js";
import { perfProbe } from "../../src/energy/perf.js";
import { fakePowercap } from "./fakePowercap.js";
import { fakeTool } from "./fakeTool.js";

const fault = (name: string) => readFileSync(`test/fixtures/faults/${name}`, "utf8");
const zone = (name: string) => ({ name, energy_uj: 1 });
const twoSockets = { "intel-rapl:0": zone("package-0"), "intel-rapl:1": zone("package-1") };

/** etrace2 over its command: it writes what is given once that has ended. */
async function etrace2(text: string, zones: Parameters<typeof fakePowercap>[0] = twoSockets) {
	const { command } = fakeTool(
		"etrace2",
		`const out = args[args.indexOf("-o") + 1];
fs.writeFileSync(out, "# Time [S]\\n");
await run(args.at(-1), []);
fs.writeFileSync(out, ${JSON.stringify(text)});`,
	);
	return (await etrace2Probe({ command, root: fakePowercap(zones) }).start()).stop();
}

/** perf that prints the first text when it is tried out and the second in the window. */
async function perf(tried: string, text = tried) {
	const { command } = fakeTool(
		"perf",
		`const end = args.indexOf("--");
await run(args[end + 1], args.slice(end + 2));
process.stderr.write(args.at(-1) === "cat" ? ${JSON.stringify(text)} : ${JSON.stringify(tried)});`,
	);
	return (await perfProbe({ command }).start()).stop();
}

/** dcgmi that shows the first text at its first call and the second from then on. */
async function dcgmi(first: string, last: string) {
	const { command } = fakeTool(
		"dcgmi",
		`const seen = __filename + ".seen";
process.stdout.write(fs.existsSync(seen) ? ${JSON.stringify(last)} : ${JSON.stringify(first)});
fs.writeFileSync(seen, "");`,
	);
	return (await dcgmiProbe({ command }).start()).stop();
}

const refused = (cause: string, reason: RegExp) => ({
	status: "refused",
	cause,
	reason: expect.stringMatching(reason),
});

describe("etrace2's output in part", () => {
	const whole = fault("etrace2-without-dram1.txt").concat("# ENERGY_DRAM1=8.036478\n");
	test("whole, it is read", async () => expect(await etrace2(whole)).toMatchObject({ status: "reading" }));
	test("cut after the first socket", async () =>
		expect(await etrace2(fault("etrace2-cut-after-socket0.txt"))).toMatchObject(refused("malformed", /SOCKET1/)));
	test("with the memory of one socket alone", async () =>
		expect(await etrace2(fault("etrace2-without-dram1.txt"))).toMatchObject(refused("malformed", /DRAM1/)));
	test("with a time that is not the window's", async () =>
		expect(await etrace2(fault("etrace2-elapsed-megaseconds.txt"))).toMatchObject(refused("malformed", /991612 s/)));
	test("cut within its last number: 8.0 J are not 8.036478", async () =>
		expect(await etrace2(whole.slice(0, -6))).toMatchObject(refused("malformed", /not whole/)));
	test("without the memory that the tree lists", async () =>
		expect(
			await etrace2(whole.replace(/# ENERGY_DRAM.*\n/g, ""), { ...twoSockets, "intel-rapl:0:0": zone("dram") }),
		).toMatchObject(refused("malformed", /DRAM0/)));
	test("with a socket twice", async () =>
		expect(await etrace2(`${whole}# ENERGY_SOCKET0=1.000000\n`)).toMatchObject(refused("malformed", /second/)));
});

describe("perf's output in part", () => {
	const whole = fault("perf-runtime-0.json").replace('"event-runtime" : 0', '"event-runtime" : 1001343899');
	const without = (pattern: RegExp) =>
		whole
			.split("\n")
			.filter((line) => !pattern.test(line))
			.join("\n");
	test("whole, it is read", async () => expect(await perf(whole)).toMatchObject({ status: "reading" }));
	test("a socket with memory and no package", async () =>
		expect(await perf(fault("perf-without-s1-package.json"))).toMatchObject(refused("malformed", /energy-pkg.*S1/)));
	test("a socket that was there when it was tried, and is gone", async () =>
		expect(await perf(whole, without(/"S1"/))).toMatchObject(refused("malformed", /S1/)));
	test("a socket that was not there then", async () =>
		expect(await perf(without(/"S1"/), whole)).toMatchObject(refused("malformed", /not there when it was tried/)));
	test("a count twice", async () =>
		expect(await perf(`${whole}\n${whole}`)).toMatchObject(refused("malformed", /twice/)));
	test("a counter that ran for no time", async () =>
		expect(await perf(fault("perf-runtime-0.json"))).toMatchObject(refused("not-counted", /0 s/)));
	test("1e9 counters", async () =>
		expect(await perf(fault("perf-counters-1e9.json"))).toMatchObject({ status: "refused", cause: "malformed" }));
	test("Ubuntu's wrapper without a perf of this kernel: the package to install", async () => {
		const { command } = fakeTool(
			"perf",
			'process.stderr.write("WARNING: perf not found for kernel 6.8.0-45\\n\\n  You may need to install\\n"); process.exit(2);',
		);
		expect(await perfProbe({ command }).detect()).toMatchObject({
			cause: "absent",
			remedy: "sudo apt-get install linux-tools-$(uname -r)",
		});
	});
	test("6.11 and newer: no power events in other words; without one for DRAM alone, packages", async () => {
		expect(await perfProbe({ command: "test/fixtures/field/perf-6.12/perf" }).detect()).toMatchObject({
			cause: "not-supported",
			reason: expect.stringContaining("no power events"),
		});
		const { command } = fakeTool(
			"perf",
			`if (args.join().includes("energy-ram")) { process.stderr.write(${JSON.stringify("event syntax error\n \\___ Bad event or PMU\n\nUnable to find PMU or event on a PMU of 'power'\n")}); process.exit(129); }
const end = args.indexOf("--");
await run(args[end + 1], args.slice(end + 2));
process.stderr.write(${JSON.stringify(without(/energy-ram/))});`,
		);
		expect(await perfProbe({ command }).detect()).toMatchObject({ status: "available", covers: ["package"] });
	});
});

describe("dcgmi's output in part", () => {
	const [first, last] = ["first", "last"].map((name) => fault(`dcgmi-gpu1-only-at-the-end/${name}.txt`)) as [
		string,
		string,
	];
	test("a board that is there at the end alone, or at the beginning alone", async () => {
		expect(await dcgmi(first, last)).toMatchObject(refused("absent", /GPU 1/));
		expect(await dcgmi(last, first)).toMatchObject(refused("absent", /GPU 1/));
	});
	test("hexadecimal counters", async () =>
		expect(await dcgmi(fault("dcgmi-hex/first.txt"), fault("dcgmi-hex/last.txt"))).toMatchObject(
			refused("malformed", /0x10/),
		));
	test("a board twice", async () =>
		expect(await dcgmi(`${last}GPU 1     1     0     \n`, last)).toMatchObject(refused("malformed", /twice/)));
});

describe("a controller's blanks", () => {
	const shown = fault("dcmi-65535.txt");
	test.each(["65535", "32767", "20001", "0"])("%s W is no reading", async (watts) => {
		const { command } = fakeTool("ipmitool", `process.stdout.write(${JSON.stringify(shown.replace("65535", watts))});`);
		expect(await dcmiProbe({ commands: [command] }).detect()).toMatchObject({
			status: "unavailable",
			cause: watts === "0" ? "zero" : "malformed",
		});
	});
});
