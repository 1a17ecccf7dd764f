import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import type { Coverage } from "./plausible.js";
import { integrate } from "./powerSamples.js";
import { type DomainEnergy, type Outcome, type Probe, type Refusal, readingOf, refuse } from "./reading.js";
import { firstLine } from "./tool.js";

const coverages = [
	"package",
	"core",
	"uncore",
	"dram",
	"psys",
	"board",
	"node",
	"process",
] as const satisfies Coverage[];

const lineSchema = z.strictObject({
	/** Joules since any fixed moment: only differences count. */
	energy_j: z.number().optional(),
	power_w: z.number().optional(),
	/** When, by any clock that does not go back, s; by default when the line came. */
	time_s: z.number().optional(),
	domain: z.string().min(1).default("program"),
	covers: z.enum(coverages).default("node"),
	kind: z.enum(["measured", "modelled"]).default("measured"),
	/** Other numbers of that moment; their means over the window are kept. */
	observed: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.number()).optional(),
	/** What a reader must know of the window. With `flag`, a name, the window is suspect. */
	caveat: z.string().min(1).optional(),
	flag: z
		.string()
		.regex(/^[a-z][a-z0-9-]*$/)
		.optional(),
	error: z.string().optional(),
});

type Said = z.output<typeof lineSchema> & { readonly time_s: number };

export interface CommandProbeOptions {
	/** Names the probe in datasets. */
	readonly name: string;
	/** The program and its arguments, started directly and never through a shell. */
	readonly command: readonly string[];
	/** A line must come within this time, s. */
	readonly patience_s?: number;
}

/**
 * A probe of the user's own: a program that prints lines, each a number (joules since any fixed moment, of the whole
 * node) or an object as docs/energy-probes.md has it. A program that goes on is read until the window ends, then ended; one that
 * ends by itself with exit code 0 is started again at the window's end.
 *
 * @example
 * commandProbe({ name: "wattmeter", command: ["./wattmeter", "--stream"] })
 */
export function commandProbe({ name, command, patience_s = 10 }: CommandProbeOptions): Probe {
	return {
		name,
		minimumWindow_s: 1,
		detect: async () => {
			const run = watch(name, command, patience_s);
			const first = await run.first;
			await run.end();
			if (first.status === "refused") {
				const { cause, reason } = first;
				return { status: "unavailable", cause, reason };
			}
			const { domain, covers, energy_j, power_w } = first.said;
			const value = energy_j === undefined ? `${power_w} W` : `${energy_j} J`;
			return { status: "available", covers: [covers], detail: `${command.join(" ")}: ${domain} ${value} now` };
		},
		start: async () => {
			const run = watch(name, command, patience_s);
			const first = await run.first;
			return {
				stop: async () => {
					if (first.status === "refused") {
						await run.end();
						return first;
					}
					const ended = await run.end();
					if (ended !== undefined) return ended;
					if (!run.once()) return outcomeOf(name, run.lines);
					const again = watch(name, command, patience_s);
					const last = await again.first;
					await again.end();
					return last.status === "refused" ? last : outcomeOf(name, [...run.lines, ...again.lines]);
				},
			};
		},
	};
}

type First = { readonly status: "said"; readonly said: Said } | Refusal;

/** The program's lines as they come, its first value, and how to end it. */
function watch(name: string, [program = "", ...args]: readonly string[], patience_s: number) {
	const child = execa(program, args, {
		reject: false,
		stdin: "ignore",
		buffer: { stdout: false, stderr: true },
		forceKillAfterDelay: 2000,
	});
	const lines: Said[] = [];
	let fault: Refusal | undefined;
	let heard: (() => void) | undefined;
	const reader = createInterface({ input: child.stdout });
	reader.on("line", (text) => {
		const said = parsed(text);
		if (typeof said === "string") fault ??= refuse(name, "malformed", said);
		else if (said.error !== undefined) fault ??= refuse(name, "command-failed", said.error);
		else lines.push(said);
		if (fault !== undefined || valueIn(said) !== undefined) heard?.();
	});
	// What it printed last may come after it has ended.
	const ended = Promise.all([child, new Promise((resolve) => reader.once("close", resolve))]).then(
		([result]) => result,
	);
	let over = false;
	let stopping = false;
	void ended.then(() => {
		over = true;
	});
	const failure = (result: Awaited<typeof child>): Refusal | undefined => {
		if (result.code === "ENOENT") return refuse(name, "absent", `there is no program ${program}`);
		if (result.exitCode === 0 || (stopping && result.isTerminated)) return undefined;
		const how = result.exitCode ?? result.signal;
		return refuse(name, "command-failed", `${program} ended with ${how}: ${firstLine(result.stderr)}`);
	};
	const first = (async (): Promise<First> => {
		const late = new AbortController();
		const value = new Promise<void>((resolve) => {
			heard = resolve;
		});
		await Promise.race([value, ended, sleep(patience_s * 1000, undefined, { signal: late.signal }).catch(() => {})]);
		late.abort();
		const said = lines.find((line) => valueIn(line) !== undefined);
		if (fault !== undefined) return fault;
		if (said !== undefined) return { status: "said", said };
		if (!over) return refuse(name, "too-few-samples", `${program} printed nothing for ${patience_s} s`);
		return failure(await ended) ?? refuse(name, "too-few-samples", `${program} printed no joules and no watts`);
	})();
	return {
		lines,
		first,
		/** Did it end by itself? */
		once: () => !stopping,
		/** Ends it; a refusal where it had failed by then. */
		end: async (): Promise<Refusal | undefined> => {
			stopping = !over;
			child.kill("SIGTERM");
			return failure(await ended) ?? fault;
		},
	};
}

function valueIn(said: Said | string): number | undefined {
	return typeof said === "string" ? undefined : (said.energy_j ?? said.power_w);
}

function parsed(text: string): Said | string {
	const fault = `must be a number of joules or an object of docs/energy-probes.md, and was ${JSON.stringify(text.slice(0, 120))}`;
	const now_s = performance.now() / 1000;
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return `a line ${fault}`;
	}
	const result = lineSchema.safeParse(typeof json === "number" ? { energy_j: json } : json);
	if (!result.success) {
		const [issue] = result.error.issues;
		return `a line ${fault} (${issue?.path.join(".")} ${issue?.message})`;
	}
	if (result.data.energy_j !== undefined && result.data.power_w !== undefined)
		return "a line must have energy_j or power_w, not both: name two probes";
	return { ...result.data, time_s: result.data.time_s ?? now_s };
}

/** A counter that a program shows has ten steps in a window; power has ten samples, no two of them further apart, s. */
const longestGap_s = 30;

function outcomeOf(name: string, lines: readonly Said[]): Outcome {
	const domains: DomainEnergy[] = [];
	const durations: number[] = [];
	const values = lines.filter((line) => valueIn(line) !== undefined);
	for (const domain of new Set(values.map((line) => line.domain))) {
		const own = values.filter((line) => line.domain === domain);
		const [first, last] = [own[0], own.at(-1)];
		if (first === undefined || last === undefined || own.length < 2)
			return refuse(name, "too-few-samples", `${domain}: ${own.length} lines in the window, at least 2 needed`);
		const covers = first.covers;
		const back = own.find((line, i) => i > 0 && line.time_s <= (own[i - 1]?.time_s ?? 0));
		if (back !== undefined) return refuse(name, "clock-went-back", `${domain}: time_s did not rise at ${back.time_s}`);
		const counter = own.flatMap(({ energy_j }) => energy_j ?? []);
		const power = own.flatMap(({ power_w, time_s }) => (power_w === undefined ? [] : [{ power_w, time_s }]));
		if (counter.length > 0 && power.length > 0)
			return refuse(name, "malformed", `${domain}: energy_j in some lines and power_w in others`);
		const fall = counter.findIndex((value, i) => i > 0 && value < (counter[i - 1] ?? 0));
		if (fall > 0) return refuse(name, "reset", `${domain}: from ${counter[fall - 1]} J back to ${counter[fall]} J`);
		const duration_s = last.time_s - first.time_s;
		const steps = new Set(counter).size;
		const energy =
			counter.length > 0
				? {
						status: "integral" as const,
						energy_j: (counter.at(-1) ?? 0) - (counter[0] ?? 0),
						duration_s,
					}
				: integrate(power, { least: 2, longestGap_s });
		if (energy.status === "fault") return refuse(name, energy.cause, `${domain}: ${energy.reason}`);
		durations.push(energy.duration_s);
		domains.push({
			domain,
			covers,
			energy_j: energy.energy_j,
			// As the lines show it: a step of the counter, or what the last sample stands for.
			resolution_j: energy.energy_j / Math.max(1, (counter.length > 0 ? steps : power.length) - 1),
			wraps: 0,
			inTotal: true,
		});
	}
	if (domains.length === 0) return refuse(name, "too-few-samples", "no line with a value in the window");
	const outcome = readingOf(name, {
		domains,
		totalRule: "sum of the domains that the program prints",
		duration_s: durations.reduce((sum, one) => sum + one, 0) / durations.length,
		samples: values.length,
		kind: lines.some(({ kind }) => kind === "modelled") ? "modelled" : "measured",
		caveats: [...new Set(lines.flatMap(({ caveat }) => caveat ?? []))],
	});
	if (outcome.status === "refused") return outcome;
	const flags = new Map(
		lines.flatMap(({ flag, caveat = "" }) => (flag === undefined ? [] : [[flag, caveat] as const])),
	);
	return { ...outcome, ...observations(lines), flags: [...flags].map(([flag, meaning]) => ({ name: flag, meaning })) };
}

function observations(lines: readonly Said[]): { readonly observed?: Readonly<Record<string, number>> } {
	const sums = new Map<string, { sum: number; count: number }>();
	for (const { observed = {} } of lines)
		for (const [name, value] of Object.entries(observed)) {
			const so = sums.get(name) ?? { sum: 0, count: 0 };
			sums.set(name, { sum: so.sum + value, count: so.count + 1 });
		}
	if (sums.size === 0) return {};
	return { observed: Object.fromEntries([...sums].map(([name, { sum, count }]) => [name, sum / count])) };
}

/** Probes of the command lines given: `command`, `command-2`. */
export function commandProbes(lines: readonly string[]): readonly Probe[] {
	return lines.map((line, i) =>
		commandProbe({ name: i === 0 ? "command" : `command-${i + 1}`, command: wordsOf(line) }),
	);
}

/**
 * The words of a command line, by blanks, with '...' and "..." around those that hold blanks: no shell, no variables.
 *
 * @example wordsOf("cat 'a file'") // ["cat", "a file"]
 */
function wordsOf(text: string): readonly string[] {
	return [...text.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) =>
		word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
	);
}
