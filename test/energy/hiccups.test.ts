import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { dcgmiProbe } from "../../src/energy/dcgmi.js";
import { dcmiProbe } from "../../src/energy/dcmi.js";
import { nvidiaSmiProbe } from "../../src/energy/nvidiaSmi.js";
import { realTime } from "../realTime.js";
import { fakeTool } from "./fakeTool.js";

/** A program's body that counts its calls in `call`, from 1. */
const counting = (body: string) =>
	`const seen = __filename + ".calls"; fs.appendFileSync(seen, "x"); const call = fs.readFileSync(seen, "utf8").length; ${body}`;
const power = 'process.stdout.write("    Instantaneous power reading:    144 Watts\\n");';
const busy = 'process.stderr.write("Get Device ID command failed: Node busy\\n"); process.exit(1);';

async function window(probe: ReturnType<typeof dcmiProbe>, seconds: number) {
	const run = await probe.start();
	await sleep(seconds * 1000);
	return run.stop();
}

describe("one hiccup costs no window", realTime, () => {
	test("a controller that is busy once in a while: the others count, and a caveat says how many failed", async () => {
		const { command } = fakeTool("ipmitool", counting(`if (call % 3 === 2) { ${busy} } ${power}`));
		const outcome = await window(dcmiProbe({ commands: [command], period_s: 0.2 }), 4);
		expect(outcome).toMatchObject({
			status: "reading",
			caveats: [expect.stringMatching(/^\d+ requests gave no power/)],
		});
		if (outcome.status === "reading") expect(outcome.energy_j / outcome.duration_s).toBeCloseTo(144, 6);
	});
	test("its first request fails, or shows all bits set, and the next does not", async () => {
		for (const first of [busy, power.replace("144", "65535")]) {
			const { command } = fakeTool("ipmitool", counting(`if (call === 1) { ${first} process.exit(0); } ${power}`));
			expect(await dcmiProbe({ commands: [command] }).detect()).toMatchObject({ status: "available" });
		}
	});
	test("a corrupted infoROM: the rows count, and its warning is carried", async () => {
		const probe = nvidiaSmiProbe({ command: "test/fixtures/field/smi-inforom/nvidia-smi" });
		expect(await probe.detect()).toMatchObject({ status: "available" });
		const outcome = await window(probe, 5);
		expect(outcome).toMatchObject({ caveats: ["WARNING: infoROM is corrupted at gpu 0000:1A:00.0"] });
		if (outcome.status === "reading") expect(outcome.energy_j / outcome.duration_s).toBeCloseTo(61.5, 6);
	});
	test.each([["mig.mode.current"], ["power.draw.instant"]])(
		"a driver that does not know %s is asked without it",
		async (field) => {
			const { command } = fakeTool(
				"nvidia-smi",
				`if (args.join().includes("${field}")) { console.log('Field "${field}" is not a valid field to query.'); process.exit(2); }
const stamp = () => new Date().toISOString().replace("T", " ").replaceAll("-", "/").slice(0, 23);
const mig = args.join().includes("mig.mode") ? ", [N/A]" : "";
const show = () => console.log(stamp() + ", GPU-a, Tesla P100, 61.50" + mig);
show(); if (args.includes("-lms")) setInterval(show, 100);`,
			);
			expect(await nvidiaSmiProbe({ command }).detect()).toMatchObject({ status: "available" });
			expect(await window(nvidiaSmiProbe({ command }), 5)).toMatchObject({ status: "reading" });
		},
		30_000,
	);
	test("a host engine that fails once is asked again: its counters have gone on", async () => {
		const { command } = fakeTool(
			"dcgmi",
			counting(`if (call === 2) process.exit(255); console.log("GPU 0     " + 50 * (Date.now() - 1e12) + "     N/A");`),
		);
		expect(await window(dcgmiProbe({ command }), 1)).toMatchObject({ status: "reading" });
	});
});
