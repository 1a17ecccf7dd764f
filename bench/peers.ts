/**
 * What CodeCarbon, Zeus and our own powercap probe say of the same windows of the same powercap trees, as a Markdown table;
 * `--write` puts it into docs/peers.md. Skipped where .tools/peers is not installed (scripts/setup.sh peers).
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/datasets/root.js";
import type { Outcome } from "../src/energy/reading.js";
import { peerPython, peerReader } from "../test/energy/peerReader.js";
import { oursCell, type PeerReport, peerCell, peersPage, peersTable, truthCell } from "../test/energy/peersTable.js";
import { type RaplScenario, raplScenarios } from "../test/energy/raplScenarios.js";
import { ours, raplWindow, type TreeReader } from "../test/energy/raplWindow.js";

const page = join(packageRoot, "docs/peers.md");

async function row(scenario: RaplScenario) {
	const readers: readonly TreeReader<Outcome | PeerReport>[] = [ours, peerReader("codecarbon"), peerReader("zeus")];
	const [own, codecarbon, zeus] = (await raplWindow(scenario, readers)) as [Outcome, PeerReport, PeerReport];
	return { scenario, own, codecarbon, zeus };
}

if (!existsSync(peerPython)) console.log("CodeCarbon and Zeus: skipped (scripts/setup.sh peers installs them)");
else {
	const rows = [];
	for (const scenario of raplScenarios) {
		const done = await row(scenario);
		rows.push(done);
		const { own, codecarbon, zeus } = done;
		console.error(
			[
				scenario.title,
				truthCell(scenario),
				oursCell(scenario, own),
				peerCell(scenario, codecarbon),
				peerCell(scenario, zeus),
			].join(" | "),
		);
	}
	const table = peersTable(rows);
	console.log(table);
	if (process.argv.includes("--write")) writeFileSync(page, peersPage(readFileSync(page, "utf8"), table));
}
