import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";

const run = (...args: string[]) =>
	spawnSync("node", [join(packageRoot, "dist/cli/main.js"), "adapt", ...args], { encoding: "utf8" });

test("a window is served by every system; no request is lost; energy that nobody measured is unavailable", () => {
	const { status, stdout } = run("--window", "steady_low", "--json");
	expect(status).toBe(0);
	const rows = JSON.parse(stdout) as {
		system: string;
		outcome: { served: { requests: number; energy: { status: string } } };
	}[];
	expect(rows.map(({ system }) => system)).toEqual(["fa2-low", "fa2-high", "rim", "ipa"]);
	// Mean of the window 5.06 requests/s over 1200 s, as its README says.
	for (const { outcome } of rows) {
		expect(outcome.served.requests).toBeGreaterThan(1200 * 5.05);
		expect(outcome.served.requests).toBeLessThan(1200 * 5.07);
		expect(outcome.served.energy.status).toBe("unavailable");
	}
});

test("bad options are named", () => {
	expect(run("--window", "nightly").stderr).toContain("--window: must be one of bursty");
	expect(run("--predictor", "oracle").stderr).toContain("--predictor");
	expect(run("--alpha", "x").stderr).toContain("--alpha");
});
