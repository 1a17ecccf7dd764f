import { decimal } from "./plausible.js";

/** The summary that etrace2 writes at its end. */
export interface Etrace2Summary {
	readonly status: "summary";
	readonly elapsed_s: number;
	/** By socket number: what `ENERGY_SOCKETn` and `ENERGY_DRAMn` say, J. */
	readonly sockets: ReadonlyMap<number, number>;
	readonly dram: ReadonlyMap<number, number>;
	/** Intervals printed before it. */
	readonly rows: number;
}

/**
 * etrace2 0.1's output. `# ENERGY=` is left aside: with -i it is that of the last interval alone, while SOCKETn and
 * DRAMn are of the whole run. `malformed` names the line, or says what is missing: a run that was killed has no summary,
 * and one on a full disk is cut anywhere, with an exit code of 0.
 */
export function parseEtrace2(text: string): Etrace2Summary | { readonly status: "malformed"; readonly reason: string } {
	const sockets = new Map<number, number>();
	const dram = new Map<number, number>();
	let elapsed_s: number | undefined;
	let rows = 0;
	if (!text.endsWith("\n") && text !== "") return { status: "malformed", reason: "the last line is not whole" };
	for (const line of text.split("\n")) {
		if (/^\s*\d/.test(line)) rows += 1;
		const [, field = "", shown = ""] = /^# (\w+)=(.*)$/.exec(line) ?? [];
		const [, domain, socket] = /^ENERGY_(SOCKET|DRAM)(\d+)$/.exec(field) ?? [];
		if (field !== "ELAPSED" && domain === undefined) continue;
		const value = /^-?\d+\.\d+$/.test(shown) ? decimal(shown) : undefined;
		if (value === undefined) return { status: "malformed", reason: `no number: ${JSON.stringify(line)}` };
		const into = domain === "DRAM" ? dram : sockets;
		if (field === "ELAPSED" ? elapsed_s !== undefined : into.has(Number(socket)))
			return { status: "malformed", reason: `a second ${field}` };
		if (field === "ELAPSED") elapsed_s = value;
		else into.set(Number(socket), value);
	}
	if (elapsed_s === undefined) return { status: "malformed", reason: "no # ELAPSED= line" };
	if (sockets.size === 0) return { status: "malformed", reason: "no # ENERGY_SOCKETn= line" };
	return { status: "summary", elapsed_s, sockets, dram, rows };
}
