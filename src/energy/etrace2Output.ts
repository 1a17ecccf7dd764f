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
 * DRAMn are of the whole run. `malformed` names the line, or says what is missing: a run that was killed has no summary.
 */
export function parseEtrace2(text: string): Etrace2Summary | { readonly status: "malformed"; readonly reason: string } {
	const sockets = new Map<number, number>();
	const dram = new Map<number, number>();
	let elapsed_s: number | undefined;
	let rows = 0;
	for (const line of text.split("\n")) {
		if (/^\s*\d/.test(line)) rows += 1;
		const [, field = "", shown = ""] = /^# (\w+)=(.*)$/.exec(line) ?? [];
		const [, domain, socket] = /^ENERGY_(SOCKET|DRAM)(\d+)$/.exec(field) ?? [];
		if (field !== "ELAPSED" && domain === undefined) continue;
		if (!/^-?\d+\.\d+$/.test(shown)) return { status: "malformed", reason: `no number: ${JSON.stringify(line)}` };
		if (field === "ELAPSED") elapsed_s = Number(shown);
		else (domain === "DRAM" ? dram : sockets).set(Number(socket), Number(shown));
	}
	if (elapsed_s === undefined) return { status: "malformed", reason: "no # ELAPSED= line" };
	if (sockets.size === 0) return { status: "malformed", reason: "no # ENERGY_SOCKETn= line" };
	return { status: "summary", elapsed_s, sockets, dram, rows };
}
