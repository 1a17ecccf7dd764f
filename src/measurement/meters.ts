import { createHash } from "node:crypto";
import { packageRoot } from "../datasets/root.js";
import { commandProbe } from "../energy/commandProbe.js";
import { detectProbes, knownProbes } from "../energy/probes.js";
import type { Outcome, Probe } from "../energy/reading.js";
import { InputError } from "../errors.js";
import { withoutPlaces } from "./environment.js";
import type { Plan } from "./plan.js";
import type { MeterReading } from "./records.js";

/** An energy source that watches a window. */
export interface Meter {
	readonly name: string;
	/** The shortest window whose energy the source resolves well, s. */
	readonly minimumWindow_s: number;
	readonly start: () => Promise<MeterRun>;
}

export interface MeterRun {
	/** Ends the window. A refusal is a reading too: it says why there is no number. */
	readonly stop: () => Promise<MeterReading>;
}

/** The energy sources of a machine, in order of preference, and why the others are not there. */
export interface Meters {
	readonly available: readonly Meter[];
	readonly unavailable: readonly { readonly probe: string; readonly reason: string }[];
}

/** Runners that work on the processor alone, whatever boards are in the machine. */
const onProcessor: ReadonlySet<Plan["runner"]["type"]> = new Set(["onnx", "arithmetic"]);

/**
 * The energy sources that a plan asks for and that can be read, in order of preference, and why the others cannot. By
 * name: those alone, in the plan's order. Where the runner works on the processor, a source of boards alone never gives
 * the cells' energy (it would be that of a board at rest): it comes after the others, and is left out where it is the only
 * one.
 *
 * @param own probes of the user's own, before those
 * @throws InputError for a name that is no probe's, or that repeats
 */
export async function detectMeters(
	{ probes, runner, boards }: Pick<Plan, "probes" | "runner"> & Partial<Pick<Plan, "boards">>,
	known: readonly Probe[] = knownProbes(process.env, boards),
	own: readonly Probe[] = [],
): Promise<Meters> {
	const names = probes === "auto" ? [] : probes.map((probe) => (typeof probe === "string" ? probe : probe.name));
	const asked =
		probes === "auto"
			? [...own, ...known]
			: [
					...own,
					...probes.map((probe, i) => {
						if (typeof probe === "string") return named(probe, i, names, known);
						if (names.indexOf(probe.name) !== i || known.some(({ name }) => name === probe.name))
							throw probeFault(i, "must be a name of its own", probe.name);
						return commandProbe({ name: probe.name, command: withPackage(probe.command) });
					}),
				];
	const detections = await detectProbes(asked);
	const aside = (covers: readonly string[]) => onProcessor.has(runner.type) && covers.every((part) => part === "board");
	const available = detections.flatMap(({ probe, detection }) =>
		detection.status === "available" ? [{ probe, aside: aside(detection.covers) }] : [],
	);
	const first = available.filter((entry) => !entry.aside);
	const rest = available.filter((entry) => entry.aside);
	return {
		available: first.length === 0 ? [] : [...first, ...rest].map(({ probe }) => meter(probe)),
		unavailable: [
			...detections.flatMap(({ probe, detection }) => {
				if (detection.status === "available") return [];
				const { cause, reason, remedy } = detection;
				return [
					{ probe: probe.name, reason: `${cause}: ${reason}${remedy === undefined ? "" : `; to enable: ${remedy}`}` },
				];
			}),
			...(first.length > 0 ? [] : rest).map(({ probe }) => ({
				probe: probe.name,
				reason: `not-supported: it covers boards alone, and the runner ${runner.type} works on the processor`,
			})),
		],
	};
}

function named(name: string, index: number, names: readonly string[], known: readonly Probe[]): Probe {
	if (names.indexOf(name) !== index) throw probeFault(index, "must not repeat", name);
	const probe = known.find((candidate) => candidate.name === name);
	if (probe !== undefined) return probe;
	throw probeFault(index, `must be "auto" or one of ${known.map((entry) => entry.name).join(", ")}`, name);
}

function probeFault(index: number, rule: string, value: string): InputError {
	return new InputError({ file: "plan", field: `probes.${index}`, rule, value });
}

/** {package} in a probe's command is this package's folder. */
function withPackage(command: readonly string[]): readonly string[] {
	return command.map((text) => text.replaceAll("{package}", () => packageRoot));
}

function meter({ name, minimumWindow_s, start }: Probe): Meter {
	return {
		name,
		minimumWindow_s,
		start: async () => {
			const run = await start();
			return {
				stop: async () => {
					return published(await run.stop());
				},
			};
		},
	};
}

/** An outcome as a journal keeps it: machines that a source names have pseudonyms there, the same in each window. */
function published({ machines = [], ...outcome }: Outcome): MeterReading {
	const unnamed = (text: string) =>
		[...machines]
			.sort((a, b) => b.length - a.length)
			.reduce((so, name) => so.replaceAll(name, () => pseudonym(name)), text);
	const told = (text: string) => withoutPlaces(unnamed(text));
	if (outcome.status === "refused") return { ...outcome, reason: told(`${outcome.cause}: ${outcome.reason}`) };
	const { observed, flags = [], ...reading } = outcome;
	return {
		...reading,
		covers: [...outcome.covers],
		domains: outcome.domains.map((entry) => ({ ...entry, domain: unnamed(entry.domain) })),
		caveats: outcome.caveats.map(told),
		...(observed === undefined ? {} : { observed: { ...observed } }),
		...(flags.length === 0 ? {} : { flags: flags.map(({ name, meaning }) => ({ name, meaning: told(meaning) })) }),
	};
}

function pseudonym(name: string): string {
	return `machine-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
