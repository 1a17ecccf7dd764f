import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";

/** A Python with torch, torchvision and NVML's bindings; without one the checks that need it are skipped. */
const torchPython = process.env.SUSTAINABLE_IPA_TORCH_PYTHON;

const unittest = (python: string, pattern: string) =>
	execa(python, ["-m", "unittest", "discover", "-v", "-s", join(packageRoot, "test/python"), "-p", pattern], {
		reject: false,
		all: true,
		env: {
			PYTHONDONTWRITEBYTECODE: "1",
			PYTHONPATH: [join(packageRoot, "python/video_gpu"), process.env.PYTHONPATH ?? ""].join(delimiter),
		},
	});

test("the probe's lines, in Python", async () => {
	const { exitCode, all } = await unittest("python3", "test_*.py");
	expect(exitCode, all).toBe(0);
	const [, count] = /Ran (\d+) tests/.exec(all) ?? [];
	expect(Number(count)).toBeGreaterThan(4);
});

describe.skipIf(torchPython === undefined || !existsSync(torchPython))("with torch", () => {
	test.each([
		["torch_models.py", "parameters are those published, activations of a usual scale"],
		["torch_work.py", "fp32 is told from TF32, and a cell that does not fit fails alone"],
		["torch_nvml.py", "NVML's units are right, and what it lacks or invents is no energy"],
	])("%s: %s", { timeout: 900_000 }, async (pattern) => {
		const { exitCode, all } = await unittest(torchPython as string, pattern);
		expect(exitCode, all).toBe(0);
		expect(all).not.toContain("skipped");
	});
});
