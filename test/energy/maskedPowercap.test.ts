import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { powercapProbe } from "../../src/energy/powercap.js";
import { fakePowercap, setEnergy } from "./fakePowercap.js";

test("zones that a container masks are told from a machine without any, with the mount that helps", async () => {
	const folder = mkdtempSync(join(tmpdir(), "masked-"));
	execFileSync("sh", ["test/fixtures/field/powercap-masked/make.sh", folder]);
	expect(await powercapProbe({ root: join(folder, "class/powercap"), virtual: false }).detect()).toMatchObject({
		cause: "no-access",
		reason: expect.stringContaining("lead nowhere"),
		remedy: expect.stringMatching(/\/sys\/devices\/virtual\/powercap.*SUSTAINABLE_IPA_POWERCAP_ROOT/),
	});
});

test("so is a tree of which one zone alone is masked: the rest is not summed without it", async () => {
	const zone = (name: string) => ({ name, energy_uj: 1 });
	const root = fakePowercap({ "intel-rapl:0": zone("package-0"), "intel-rapl:1": zone("package-1") });
	rmSync(join(root, "..", "..", "devices", "intel-rapl", "intel-rapl:1"), { recursive: true });
	expect(await powercapProbe({ root }).detect()).toMatchObject({ status: "unavailable", cause: "no-access" });
});

test.each([
	["1", "malformed"],
	["0", undefined],
])("a rise far above the limit that the machine tells, enabled %s", async (enabled, cause) => {
	const root = fakePowercap({ "intel-rapl:0": { name: "package-0", energy_uj: 0 } });
	const file = (name: string) => join(root, "intel-rapl:0", name);
	writeFileSync(file("enabled"), `${enabled}\n`);
	writeFileSync(file("constraint_0_power_limit_uw"), "100000000\n");
	writeFileSync(file("constraint_1_max_power_uw"), "120000000\n");
	const run = await powercapProbe({ root, period_s: 1000 }).start();
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
	// 60 J in somewhat more than 0.1 s: below the 1000 W of any package, above twice the greatest limit.
	setEnergy(root, "intel-rapl:0", 60e6);
	const outcome = await run.stop();
	expect(outcome.status === "refused" ? outcome.cause : undefined).toBe(cause);
});
