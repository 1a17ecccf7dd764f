import { existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { dcgmiProbe } from "../../src/energy/dcgmi.js";
import { nvidiaSmiProbe, parseNvidiaLine } from "../../src/energy/nvidiaSmi.js";
import { realTime } from "../realTime.js";
import { fakeTool } from "./fakeTool.js";

/** A fake nvidia-smi: `watts(gpu, seconds)` of two boards; with -lms it goes on until it is stopped. */
const smi = (watts: string, more = "") =>
	fakeTool(
		"nvidia-smi",
		`
const args = process.argv.slice(2);
const instant = args.some((arg) => arg.includes("power.draw.instant"));
${more}
const began = Date.now();
const two = (n, width = 2) => String(n).padStart(width, "0");
function line(gpu) {
	const t = new Date();
	const stamp = t.getFullYear() + "/" + two(t.getMonth() + 1) + "/" + two(t.getDate()) + " " + two(t.getHours()) + ":" + two(t.getMinutes()) + ":" + two(t.getSeconds()) + "." + two(t.getMilliseconds(), 3);
	const power = (${watts})(gpu, (Date.now() - began) / 1000);
	return stamp + ", GPU-" + gpu + ", NVIDIA A100-SXM4-80GB, " + power + ", " + (globalThis.mig ?? "Disabled") + "\\n";
}
const at = args.indexOf("-lms");
const show = () => {
	process.stdout.write(line("a") + line("b"));
	if (at >= 0) fs.appendFileSync(__filename + ".shown", ".");
};
show();
if (at >= 0) setInterval(show, Number(args[at + 1]));
`,
	).command;

/** A window of so long at least, and until the tool has shown so many lines of each board: a busy machine starts it late. */
async function window(command: string, seconds = 1, lines = seconds / 0.1) {
	const shown = `${command}.shown`;
	const count = () => (existsSync(shown) ? statSync(shown).size : 0);
	const before = count();
	const run = await nvidiaSmiProbe({ command, period_s: 0.05 }).start();
	await sleep(seconds * 1000);
	const until = performance.now() + 30_000;
	while (count() - before < lines && performance.now() < until) await sleep(50);
	return run.stop();
}

describe("nvidia-smi", realTime, () => {
	test("two boards of known power, each integrated by itself", async () => {
		const outcome = await window(smi('(gpu) => gpu === "a" ? "70.00" : "130.50"'));
		if (outcome.status !== "reading") throw new Error(outcome.reason);
		expect(outcome.domains.map(({ domain }) => domain)).toEqual(["GPU-a", "GPU-b"]);
		// The duration is the boards' mean: their lines can be some milliseconds apart, of a second.
		for (const [i, watts] of [70, 130.5].entries())
			expect(Math.abs((outcome.domains[i]?.energy_j as number) / outcome.duration_s / watts - 1)).toBeLessThan(0.01);
		expect(outcome).toMatchObject({ covers: ["board"], kind: "measured", caveats: [] });
		expect(outcome.duration_s).toBeGreaterThan(0.5);
	});

	test("a ramp is integrated by its trapezoids", async () => {
		const outcome = await window(smi("(gpu, s) => (100 + 100 * s).toFixed(2)"), 1.5);
		if (outcome.status !== "reading") throw new Error(outcome.reason);
		// Mean power of a ramp: that of its middle. The fake starts its clock at its own start.
		const mean_w = (outcome.domains[0]?.energy_j as number) / outcome.duration_s;
		expect(mean_w).toBeGreaterThan(100 + 50 * outcome.duration_s - 5);
		expect(mean_w).toBeLessThan(100 + 50 * outcome.duration_s + 25);
	});

	test("an older driver does not know instant power: power.draw, and a caveat that it is a mean", async () => {
		const old =
			'if (instant) { process.stdout.write("Field \\"power.draw.instant\\" is not a valid field to query.\\n\\n"); process.exit(2); }';
		const outcome = await window(smi('() => "70.00"', old));
		if (outcome.status !== "reading") throw new Error(outcome.reason);
		expect(outcome.caveats).toEqual([expect.stringContaining("mean over the last second")]);
	});

	test("a board that MIG splits: the whole board's power, said so", async () => {
		const outcome = await window(smi('() => "70.00"', 'globalThis.mig = "Enabled";'));
		if (outcome.status !== "reading") throw new Error(outcome.reason);
		expect(outcome.caveats[0]).toMatch(/split by MIG.*never of a slice/);
	});

	test.each([
		["[N/A]", "not-supported"],
		["[Not Supported]", "not-supported"],
		["[Unknown Error]", "not-supported"],
		["", "malformed"],
		["-3", "malformed"],
	])("a power of %j is %s, never 0", async (power, cause) => {
		const command = smi(`() => ${JSON.stringify(power)}`);
		expect(await nvidiaSmiProbe({ command }).detect()).toMatchObject({ status: "unavailable", cause });
		expect(await window(command, 0.1, 0)).toMatchObject({ status: "refused", cause });
	});

	test("zero watts all through is refused", async () => {
		expect(await window(smi('() => "0.00"'))).toMatchObject({ status: "refused", cause: "zero" });
	});

	test("a window of too few samples, and a tool that ends by itself", async () => {
		expect(await window(smi('() => "70.00"'), 0.2, 1)).toMatchObject({ status: "refused", cause: "too-few-samples" });
		const dies = smi(
			'() => "70.00"',
			'if (args.includes("-lms")) setTimeout(() => { console.error("Unable to determine the device handle: GPU is lost"); fs.appendFileSync(__filename + ".shown", " ".repeat(1000)); process.exit(15); }, 200);',
		);
		expect(await window(dies, 2.5, 1000)).toMatchObject({
			status: "refused",
			cause: "command-failed",
			reason: expect.stringMatching(/ended by itself with 15: .*GPU is lost/),
		});
	});

	test("a board that is listed no more, while another goes on, is refused, not left out of the sum", async () => {
		const lost = smi(
			'() => "70.00"',
			"const whole = process.stdout.write.bind(process.stdout); const from = Date.now(); process.stdout.write = (text) => whole(args.includes('-lms') && Date.now() - from > 700 ? text.split('\\n')[0] + '\\n' : text);",
		);
		expect(await window(lost, 3.5)).toMatchObject({
			status: "refused",
			cause: "too-few-samples",
			reason: expect.stringMatching(/GPU-b was not listed for [\d.]+ s/),
		});
	});

	test.each([
		[
			"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that it runs.",
			9,
			"absent",
		],
		["No devices were found", 6, "absent"],
		["Insufficient Permissions", 4, "no-access"],
		["Something else", 255, "command-failed"],
	])("%s", async (text, code, cause) => {
		const { command } = fakeTool("nvidia-smi", `console.log(${JSON.stringify(text)}); process.exitCode = ${code};`);
		expect(await nvidiaSmiProbe({ command }).detect()).toMatchObject({ status: "unavailable", cause });
	});

	test("not installed", async () => {
		expect(await nvidiaSmiProbe({ command: "nvidia-smi-that-is-not-there" }).detect()).toMatchObject({
			status: "unavailable",
			cause: "absent",
			remedy: expect.stringContaining("driver"),
		});
	});

	test("lines as the tool prints them", () => {
		const line = "2024/05/17 10:00:01.250, GPU-5f2a, NVIDIA H100 PCIe, 71.23, [N/A]";
		expect(parseNvidiaLine(line)).toEqual({
			status: "sample",
			time_s: Date.UTC(2024, 4, 17, 10, 0, 1, 250) / 1000,
			uuid: "GPU-5f2a",
			gpu: "NVIDIA H100 PCIe",
			power_w: 71.23,
			mig: false,
		});
		expect(parseNvidiaLine("Timeout was reached")).toMatchObject({ status: "malformed" });
	});
});

describe("dcgm", realTime, () => {
	/** dcgmi dmon of two boards, both read at one moment: a clock read per board ticks between them now and then. */
	const dcgmi = (value: string, mig = "0") =>
		fakeTool(
			"dcgmi",
			`if (args[args.indexOf("-e") + 1] !== "156,67") process.exit(1);
const ms = Date.now() - 1e12; const value = ${value};
const line = (gpu) => "GPU " + gpu + "     " + value(gpu, ms) + "     " + (gpu === 1 ? "${mig}" : "N/A") + "     \\n";
process.stdout.write("#Entity   TOTEC     MIGMD\\nID\\n" + [0, 1].map(line).join(""));`,
		).command;
	const run = async (command: string, seconds = 2) => {
		const probe = await dcgmiProbe({ command }).start();
		await sleep(seconds * 1000);
		return probe.stop();
	};

	test("counters in millijoules, per board", async () => {
		// 50 W is 50 mJ a millisecond.
		const outcome = await run(dcgmi("(gpu, ms) => Math.round(50 * (gpu + 1) * ms)"), 4);
		if (outcome.status !== "reading") throw new Error(outcome.reason);
		expect(outcome.domains.map(({ domain }) => domain)).toEqual(["GPU 0", "GPU 1"]);
		const watts = outcome.domains.map(({ energy_j }) => energy_j / outcome.duration_s);
		// Each reading starts a process: its moment is known to that time only.
		expect(watts[0]).toBeGreaterThan(45);
		expect(watts[0]).toBeLessThan(55);
		expect((watts[1] as number) / (watts[0] as number)).toBeCloseTo(2, 6);
	});

	test.each([
		["N/A", "not-supported"],
		["9223372036854775794", "not-supported"],
		["much", "malformed"],
	])("a counter of %s is %s", async (text, cause) => {
		expect(await dcgmiProbe({ command: dcgmi(`() => ${JSON.stringify(text)}`) }).detect()).toMatchObject({ cause });
	});

	test("a board that MIG splits: the whole board's energy, said so", async () => {
		const counting = "(gpu, ms) => Math.round(50 * ms)";
		expect(await run(dcgmi(counting, "1"), 0.5)).toMatchObject({
			status: "reading",
			caveats: ["GPU 1 is split by MIG: the energy is of the whole board, never of a slice"],
		});
		expect(await run(dcgmi(counting, "0"), 0.5)).toMatchObject({ status: "reading", caveats: [] });
	});

	test("a counter that stands still is zero, one that falls is a reset: both refused", async () => {
		expect(await run(dcgmi("() => 5000"), 0.1)).toMatchObject({ status: "refused", cause: "zero" });
		expect(await run(dcgmi("(gpu, ms) => 1e15 - ms"), 0.1)).toMatchObject({ status: "refused", cause: "reset" });
	});

	test("no host engine: its words and the command that starts it", async () => {
		const { command } = fakeTool(
			"dcgmi",
			'console.error("Error: unable to establish a connection to the specified host: localhost"); process.exitCode = 255;',
		);
		expect(await dcgmiProbe({ command }).detect()).toMatchObject({
			status: "unavailable",
			cause: "command-failed",
			reason: expect.stringContaining("unable to establish a connection"),
			remedy: expect.stringContaining("nvidia-dcgm"),
		});
	});
});
