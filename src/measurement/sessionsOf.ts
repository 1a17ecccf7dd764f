import type { JournalRecord, Session } from "./records.js";

/** The sessions of journals: a run, or what went on of one. */
export function sessionsOf(journals: readonly (readonly JournalRecord[])[]): Session[] {
	return journals.flat().filter((record): record is Session => record.type === "session");
}
