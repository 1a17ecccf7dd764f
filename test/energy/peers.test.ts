import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { peerPython, peerReader } from "./peerReader.js";
import { oursCell, peerCell, truthCell } from "./peersTable.js";
import { raplScenarios } from "./raplScenarios.js";
import { ours, raplWindow } from "./raplWindow.js";

const page = readFileSync("docs/peers.md", "utf8");
const rows = page
	.split("\n")
	.filter((line) => line.startsWith("| "))
	.slice(1)
	.map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

describe("windows of known joules, of which docs/peers.md says what other readers make", () => {
	test.each(raplScenarios)("$title", async (scenario) => {
		const [outcome] = await raplWindow(scenario, [ours]);
		if (outcome === undefined) throw new Error("no outcome");
		if (scenario.ours === "truth") {
			expect(outcome).toMatchObject({ status: "reading", kind: "measured" });
			if (outcome.status === "reading") expect(outcome.energy_j).toBeCloseTo(scenario.truth as number, 5);
		} else expect(outcome).toMatchObject({ status: "refused", cause: scenario.ours });

		const row = rows.find(([title]) => title === scenario.title);
		expect(row?.slice(1, 3), "docs/peers.md is stale: make peers").toEqual([
			truthCell(scenario),
			oursCell(scenario, outcome),
		]);
		expect(row).toHaveLength(5);
	});

	test("the page has no window that is not one of these", () => {
		expect(rows.map(([title]) => title)).toEqual(raplScenarios.map(({ title }) => title));
	});
});

// The whole table takes minutes: make peers. These two show that the page is of these versions, and that they are run.
describe.runIf(existsSync(peerPython))("CodeCarbon and Zeus themselves", () => {
	test.each(["package and DRAM", "two dies that mirror one counter"])("say what the page says: %s", async (title) => {
		const scenario = raplScenarios.find((own) => own.title === title);
		if (scenario === undefined) throw new Error(`no window ${title}`);
		const reports = await raplWindow(scenario, [peerReader("codecarbon"), peerReader("zeus")]);
		expect(rows.find(([own]) => own === title)?.slice(3)).toEqual(reports.map((report) => peerCell(scenario, report)));
		for (const { connections } of reports) expect(connections).toEqual([]);
		for (const { version } of reports) expect(page).toContain(version);
	});
});
