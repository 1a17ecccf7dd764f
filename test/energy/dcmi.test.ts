import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { dcmiProbe } from "../../src/energy/dcmi.js";
import { realTime } from "../realTime.js";
import { fakeTool } from "./fakeTool.js";

// As ipmitool 1.8.19 prints it.
const reading = (watts: string, state = "activated") => `
    Instantaneous power reading:              ${watts} Watts
    Minimum during sampling period:                 10 Watts
    Maximum during sampling period:                410 Watts
    Average power reading over sample period:      151 Watts
    IPMI timestamp:                           Tue Nov 24 01:00:00 2026
    Sampling period:                          01209600 Seconds.
    Power reading state is:                   ${state}

`;
const print = (text: string, code = 0, stderr = "") =>
	`process.stdout.write(${JSON.stringify(text)}); process.stderr.write(${JSON.stringify(stderr)}); process.exitCode = ${code};`;
const ipmitool = (body: string) => fakeTool("ipmitool", body).command;

async function window(command: string, seconds: number, period_s = 0.1) {
	const run = await dcmiProbe({ commands: [command], period_s }).start();
	await sleep(seconds * 1000);
	return run.stop();
}

describe("dcmi", realTime, () => {
	test("the instantaneous value, integrated; not the average of weeks", async () => {
		const outcome = await window(ipmitool(print(reading("144"))), 0.8);
		expect(outcome).toMatchObject({ status: "reading", covers: ["node"], kind: "measured" });
		if (outcome.status !== "reading") return;
		expect(outcome.energy_j / outcome.duration_s).toBeCloseTo(144, 6);
		expect(outcome.duration_s).toBeGreaterThan(0.8);
		expect(outcome.samples).toBeGreaterThanOrEqual(4);
		// Whole watts.
		expect(outcome.resolution_j).toBeCloseTo(outcome.duration_s, 9);
	});

	test("a warning about its registry of names does not hide the value", async () => {
		const warning = "IANA PEN registry open failed: No such file or directory\n";
		expect(await dcmiProbe({ commands: [ipmitool(print(reading("226"), 0, warning))] }).detect()).toMatchObject({
			status: "available",
			detail: expect.stringContaining("226 W"),
		});
	});

	test("a power that doubles half-way", async () => {
		const began = Date.now();
		const command = ipmitool(
			`const watts = Date.now() - ${began} < 1000 ? 100 : 200; process.stdout.write(${JSON.stringify(reading("@"))}.replace("@", watts));`,
		);
		const outcome = await window(command, 2 - (Date.now() - began) / 1000);
		expect(outcome.status).toBe("reading");
		// 1 s of each; when the step is seen depends on the period and on how long node takes to start.
		if (outcome.status === "reading") {
			expect(outcome.energy_j).toBeGreaterThan(240);
			expect(outcome.energy_j).toBeLessThan(380);
		}
	});

	test("FreeIPMI's ipmi-dcmi where ipmitool is absent", async () => {
		const { command } = fakeTool(
			"ipmi-dcmi",
			`if (args[0] !== "--get-system-power-statistics") process.exit(1);
${print("Current Power                        : 226 Watts\nMinimum Power over sampling duration : 10 watts\nPower Measurement                    : Active\n")}`,
		);
		expect(await dcmiProbe({ commands: ["/no/such/ipmitool", command] }).detect()).toMatchObject({
			status: "available",
			detail: expect.stringContaining("226 W"),
		});
	});
});

describe("dcmi that gives no joules", () => {
	const device = "Could not open device at /dev/ipmi0 or /dev/ipmi/0 or /dev/ipmidev/0: No such file or directory\n";
	test.each([
		["absent", "no device, as in a virtual machine", print("", 1, device)],
		["no-access", "not root", print("", 1, "ipmi-dcmi: permission denied\n")],
		["not-supported", "no DCMI", print("    A valid DCMI command was not returned! (c1)\n", 1)],
		["not-supported", "switched off", print(reading("0", "deactivated"))],
		["zero", "0 W", print(reading("0"))],
		["malformed", "no number", print(reading("n/a"))],
		["malformed", "another form", print("Power: 144 W\n")],
		["command-failed", "anything else", print("", 2, "Segmentation fault\n")],
	])("%s: %s", async (cause, _, body) => {
		const command = ipmitool(body);
		expect(await dcmiProbe({ commands: [command] }).detect()).toMatchObject({ status: "unavailable", cause });
		expect(await window(command, 0)).toMatchObject({ status: "refused", probe: "dcmi", cause });
	});

	test("neither tool: the command that installs one", async () =>
		expect(await dcmiProbe({ commands: ["/no/such/ipmitool"] }).detect()).toMatchObject({
			cause: "absent",
			remedy: expect.stringContaining("apt-get install ipmitool"),
		}));

	test("a controller that fails in the window costs the window", async () => {
		const command = ipmitool(
			`const seen = fs.existsSync(__filename + ".seen"); fs.writeFileSync(__filename + ".seen", ""); if (seen) { process.stderr.write("Get Device ID command failed: Node busy\\n"); process.exit(1); } ${print(reading("144"))}`,
		);
		expect(await window(command, 0.5)).toMatchObject({ status: "refused", cause: "command-failed" });
	});

	test("a window of two samples is too short", async () =>
		expect(await window(ipmitool(print(reading("144"))), 0, 1000)).toMatchObject({ cause: "too-few-samples" }));
});
