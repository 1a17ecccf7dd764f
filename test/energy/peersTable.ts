import type { Outcome } from "../../src/energy/reading.js";
import type { RaplScenario } from "./raplScenarios.js";

/** What bench/peers.py says that a peer reported. */
export type PeerReport = {
	readonly version: string;
	/** Its warnings. */
	readonly said: readonly string[];
	/** Addresses that it tried to reach. */
	readonly connections: readonly string[];
} & (
	| { readonly status: "energy"; readonly parts: Readonly<Record<string, number>>; readonly mode?: string }
	| { readonly status: "none"; readonly reason: string }
);

export interface PeersRow {
	readonly scenario: RaplScenario;
	readonly own: Outcome;
	readonly codecarbon: PeerReport;
	readonly zeus: PeerReport;
}

const joules = (value: number) => `${value.toFixed(2)} J`;
/** To 0.1 %, and a hundredth of a joule: CodeCarbon keeps kilowatt-hours. */
const near = (value: number, truth: number) => Math.abs(value - truth) <= Math.max(0.01, 0.001 * truth);

function mark({ truth, packages_j }: RaplScenario, value: number): string {
	if (typeof truth === "number" && near(value, truth)) return "right";
	return packages_j !== undefined && near(value, packages_j) ? "packages alone" : "**wrong**";
}

export const truthCell = ({ truth }: RaplScenario) => (typeof truth === "number" ? joules(truth) : truth);

export const oursCell = (scenario: RaplScenario, outcome: Outcome) =>
	outcome.status === "reading"
		? `${joules(outcome.energy_j)}: ${mark(scenario, outcome.energy_j)}`
		: `refused: \`${outcome.cause}\``;

export function peerCell(scenario: RaplScenario, report: PeerReport): string {
	if (report.status === "none") return `refused: ${report.reason}`;
	const parts = Object.entries(report.parts);
	const sum = parts.reduce((so, [, value]) => so + value, 0);
	if (report.mode !== undefined && report.mode !== "intel_rapl")
		return `${joules(sum)}: modelled (\`${report.mode}\`), not measured`;
	const each = parts.map(([name, value]) => `${name}: ${value.toFixed(2)}`).join(", ");
	return `${joules(sum)}${parts.length > 1 ? ` (${each})` : ""}: ${mark(scenario, sum)}`;
}

/** The table, and below it every warning that either gave, with the windows in which it did. */
export function peersTable(rows: readonly PeersRow[]): string {
	const [first] = rows;
	const tried = rows.flatMap(({ codecarbon, zeus }) => [...codecarbon.connections, ...zeus.connections]);
	const said = new Map<string, string[]>();
	for (const { scenario, codecarbon, zeus } of rows)
		for (const [name, own] of Object.entries({ CodeCarbon: codecarbon, Zeus: zeus }))
			for (const text of new Set(own.said.map((line) => `${name}: ${line.replace(/\s+/g, " ")}`)))
				said.set(text, [...(said.get(text) ?? []), scenario.title]);
	return [
		`| window | true | ours | CodeCarbon ${first?.codecarbon.version} | Zeus ${first?.zeus.version} |`,
		"|---|---|---|---|---|",
		...rows.map(({ scenario, own, codecarbon, zeus }) =>
			[
				"",
				scenario.title,
				truthCell(scenario),
				oursCell(scenario, own),
				peerCell(scenario, codecarbon),
				peerCell(scenario, zeus),
				"",
			]
				.join(" | ")
				.trim(),
		),
		"",
		`Connections that either tried to make: ${tried.length === 0 ? "none" : tried.join(", ")}.`,
		"",
		"Warnings that either gave:",
		"",
		...[...said].map(
			([text, titles]) => `- ${text} (${titles.length === rows.length ? "every window" : titles.join("; ")})`,
		),
	].join("\n");
}

const [begin, end] = ["<!-- made by make peers -->", "<!-- end -->"];

/** The page with its table replaced. */
export function peersPage(page: string, table: string): string {
	const [before, after] = [page.indexOf(begin), page.indexOf(end)];
	if (before < 0 || after < before) throw new Error(`docs/peers.md has no ${begin} … ${end}`);
	return `${page.slice(0, before + begin.length)}\n${table}\n${page.slice(after)}`;
}
