import { inMessage } from "../units.js";
import type { Coverage } from "./plausible.js";
import type { Reading } from "./reading.js";

/** What two probes that watched one window must show of each other. */
export interface Relation {
	/** `holds`, or `broken`: one of the two, or its parsing, is wrong. */
	readonly status: "holds" | "broken";
	/** `same-counter`: both read RAPL, so their energies are equal. `contains`: the first covers all that the second does. */
	readonly type: "same-counter" | "contains";
	readonly first: string;
	readonly second: string;
	readonly first_j: number;
	readonly second_j: number;
	/** How far the two may differ (same-counter), or how far the first may be below the second (contains), J. */
	readonly tolerance_j: number;
	/** A sentence with both values. */
	readonly statement: string;
}

/** What is compared of a reading. */
export type Compared = Pick<Reading, "probe" | "energy_j" | "duration_s" | "resolution_j" | "covers" | "domains">;

/** Probes that read the same counters: that they agree checks their parsing, not the counters. */
const sameCounters: ReadonlySet<string> = new Set(["powercap", "perf", "etrace2"]);

/**
 * The relations that are expected among readings of one window, each checked. RAPL's readers are compared over the
 * domains that both name; a node's power supply feeds at least its packages, memory and boards.
 */
export function checkRelations(readings: readonly Compared[]): readonly Relation[] {
	const relations: Relation[] = [];
	readings.forEach((first, i) => {
		for (const second of readings.slice(i + 1))
			if (sameCounters.has(first.probe) && sameCounters.has(second.probe)) relations.push(equal(first, second));
	});
	for (const node of readings.filter(({ covers }) => covers.includes("node")))
		for (const part of readings) if (!part.covers.includes("node")) relations.push(contains(node, part));
	return relations;
}

function equal(first: Compared, second: Compared): Relation {
	const shared = (["package", "dram"] as const).filter(
		(covers) => first.covers.includes(covers) && second.covers.includes(covers),
	);
	const [a, b] = [partOf(first, shared), partOf(second, shared)];
	const tolerance_j = a.resolution_j + b.resolution_j + edges(first, second);
	const holds = Math.abs(a.energy_j - b.energy_j) <= tolerance_j;
	return relation("same-counter", holds, first, second, [a.energy_j, b.energy_j], tolerance_j, shared.join(" and "));
}

function contains(node: Compared, part: Compared): Relation {
	const tolerance_j = node.resolution_j + part.resolution_j + edges(node, part);
	const holds = node.energy_j + tolerance_j >= part.energy_j;
	return relation(
		"contains",
		holds,
		node,
		part,
		[node.energy_j, part.energy_j],
		tolerance_j,
		part.covers.join(" and "),
	);
}

/** Joules of the coverages that both have: a reader without an event for DRAM is compared over packages. */
function partOf({ domains }: Compared, shared: readonly Coverage[]) {
	const own = domains.filter(({ covers, inTotal }) => inTotal && shared.includes(covers));
	return {
		energy_j: own.reduce((sum, { energy_j }) => sum + energy_j, 0),
		resolution_j: own.reduce((sum, { resolution_j }) => sum + resolution_j, 0),
	};
}

/** The windows begin and end one after another: what is drawn in between, at up to twice the mean power, J. */
function edges(first: Compared, second: Compared): number {
	const power_w = Math.max(first.energy_j / first.duration_s, second.energy_j / second.duration_s);
	return 2 * power_w * Math.abs(first.duration_s - second.duration_s);
}

function relation(
	type: Relation["type"],
	holds: boolean,
	first: Compared,
	second: Compared,
	[first_j, second_j]: readonly [number, number],
	tolerance_j: number,
	of: string,
): Relation {
	const sign = type === "same-counter" ? (holds ? "=" : "≠") : holds ? "≥" : "<";
	const values = `${first.probe} ${inMessage(first_j)} J ${sign} ${second.probe} ${inMessage(second_j)} J`;
	return {
		status: holds ? "holds" : "broken",
		type,
		first: first.probe,
		second: second.probe,
		first_j,
		second_j,
		tolerance_j,
		statement: `${values} (${of}, to within ${inMessage(tolerance_j)} J)`,
	};
}
