import { idlePowers } from "../../measurement/idle.js";
import { percent } from "../../measurement/percent.js";
import { probeAgreement } from "../../measurement/probeAgreement.js";
import { controlVariation, quietVariation } from "../../measurement/quiet.js";
import type { JournalRecord, Session } from "../../measurement/records.js";

/** Whether the node was quiet, by the control workload, in a sentence. */
export function quietSentence(records: readonly JournalRecord[]): string {
	const variation = controlVariation(records);
	if (variation.status !== "ok") return `Whether the node was quiet is unavailable: ${variation.detail}.`;
	return `The control workload varied by ${percent(variation.value)} (s / mean): the node was **${variation.value > quietVariation ? "not quiet" : "quiet"}** (limit ${(100 * quietVariation).toFixed(0)} %).`;
}

/** Rows for a table: idle power before and after each block, and its drift; or why there is none. */
export function idleRows(records: readonly JournalRecord[]): Record<string, string | number>[] {
	const rows = [...idlePowers(records).values()].map(({ block, probe, before_w, after_w, drift }) => ({
		block: block + 1,
		probe,
		"idle before (W)": Number(before_w.toPrecision(4)),
		"idle after (W)": Number(after_w.toPrecision(4)),
		"drift (%)": Number((100 * drift).toFixed(2)),
	}));
	return rows.length > 0
		? rows
		: [{ "idle power": "unavailable", reason: whyNone(records, "no block has both baselines") }];
}

/** Rows for a table: how often what is expected between two probes held; or why nothing can be compared. */
export function agreementRows(records: readonly JournalRecord[]): Record<string, string | number>[] {
	const rows = probeAgreement(records).map(({ first, second, type, windows, broken, example }) => ({
		probes: `${first}, ${second}`,
		expected: type === "contains" ? `${first} above ${second}` : "the same counter",
		windows,
		broken,
		"at worst": example,
	}));
	return rows.length > 0
		? rows
		: [{ agreement: "unavailable", reason: whyNone(records, "one probe alone has nothing to agree with") }];
}

function whyNone(records: readonly JournalRecord[], otherwise: string): string {
	const sessions = records.filter((record): record is Session => record.type === "session");
	return sessions.some(({ probes }) => probes.length > 0) ? otherwise : "no energy source watched this run";
}
