import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { commandProbe, commandProbes } from "../../src/energy/commandProbe.js";
import { realTime } from "../realTime.js";

const folder = mkdtempSync(join(tmpdir(), "command-probe-"));
/** A program that runs `body`, with `every(say)` called each 20 ms with its time in s. */
function program(body: string): string[] {
	const file = join(mkdtempSync(join(folder, "p-")), "program.mjs");
	writeFileSync(
		file,
		`const say = (value) => console.log(JSON.stringify(value));
const began = performance.now();
const every = (act) => setInterval(() => act((performance.now() - began) / 1000), 20);
${body}`,
	);
	return [process.execPath, file];
}
async function window(body: string, seconds = 0.5) {
	const run = await commandProbe({ name: "mine", command: program(body), patience_s: 5 }).start();
	await sleep(seconds * 1000);
	return run.stop();
}

describe("a program that prints", () => {
	test("joules: the difference over the time between its lines, what it covers and saw", realTime, async () => {
		const outcome = await window(
			`every((s) => say({ energy_j: 1000 + 50 * s, time_s: s, covers: "package", domain: "cpu", observed: { temperature_c: 40 + 20 * (s > 0.25) } }));
			say({ caveat: "held down", flag: "slowed" });`,
		);
		if (outcome.status === "refused") throw new Error(outcome.reason);
		expect(outcome.energy_j / outcome.duration_s).toBeCloseTo(50, 6);
		expect(outcome.duration_s).toBeGreaterThan(0.3);
		expect(outcome).toMatchObject({
			covers: ["package"],
			kind: "measured",
			caveats: ["held down"],
			flags: [{ name: "slowed", meaning: "held down" }],
		});
		expect(outcome.observed?.temperature_c).toBeGreaterThan(40);
	});

	test("a number a line, of the whole node; watts, integrated; two domains, added", realTime, async () => {
		expect(await window("every((s) => console.log(20 * s))")).toMatchObject({ status: "reading", covers: ["node"] });
		const watts = await window("every(() => say({ power_w: 70, kind: 'modelled' }))");
		if (watts.status === "refused") throw new Error(watts.reason);
		expect(watts.energy_j).toBeCloseTo(70 * watts.duration_s, 6);
		expect(watts.kind).toBe("modelled");
		const two = await window(
			"every((s) => { for (const domain of ['a', 'b']) say({ energy_j: 10 * s, time_s: s, domain }); })",
		);
		if (two.status === "refused") throw new Error(two.reason);
		expect(two.energy_j / two.duration_s).toBeCloseTo(20, 6);
	});

	test("once: it is run again at the window's end", realTime, async () => {
		const outcome = await window("console.log(performance.timeOrigin / 100)", 1);
		if (outcome.status === "refused") throw new Error(outcome.reason);
		// A joule each 100 ms: 10 W, but for what starting a process takes.
		expect(outcome.energy_j / outcome.duration_s).toBeGreaterThan(7);
		expect(outcome.energy_j / outcome.duration_s).toBeLessThan(13);
	});

	test.each([
		["process.exit(3)", "command-failed"],
		["console.log('hello'); setInterval(() => {}, 1000)", "malformed"],
		["say({ joules: 3 }); setInterval(() => {}, 1000)", "malformed"],
		["say({ error: 'no meter' }); setInterval(() => {}, 1000)", "command-failed"],
		["say({ energy_j: 3 }); setInterval(() => {}, 1000)", "too-few-samples"],
		["every((s) => say({ energy_j: 100 - s }))", "reset"],
		["every((s) => say({ energy_j: 100 }))", "zero"],
		["every((s) => say({ energy_j: s, time_s: -s }))", "clock-went-back"],
		["every((s) => say({ energy_j: 1e9 * s }))", "malformed"],
		["say({ energy_j: 1 }); every((s) => { if (s > 0.2) process.exit(9); say({ energy_j: s }) })", "reset"],
	])("%s is refused: %s", realTime, async (body, cause) => {
		const outcome = await window(body);
		// What fails midway is a failure, or what it said before.
		expect(
			outcome.status === "refused" && [cause, "command-failed"].includes(outcome.cause),
			JSON.stringify(outcome),
		).toBe(true);
	});

	test("is tried when it is looked for, by its words without a shell", realTime, async () => {
		const [probe] = commandProbes([`${process.execPath} -e 'console.log(5); setInterval(() => {}, 99)' "$HOME"`]);
		expect(await probe?.detect()).toMatchObject({
			status: "available",
			covers: ["node"],
			detail: expect.stringContaining("$HOME: program 5 J now"),
		});
		expect(await commandProbe({ name: "gone", command: ["no-such-meter"] }).detect()).toMatchObject({
			status: "unavailable",
			cause: "absent",
		});
		const { stdout } = await execa(
			"node",
			["dist/cli/main.js", "probes", "--probe-command", `${process.execPath} -e 'console.log(5)'`],
			{ reject: false },
		);
		expect(stdout).toMatch(/^command +available +covers node/m);
	});
});
