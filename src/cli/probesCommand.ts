import { setTimeout as sleep } from "node:timers/promises";
import { commandProbes } from "../energy/commandProbe.js";
import { type Detected, detectProbes, knownProbes } from "../energy/probes.js";
import type { Outcome, Probe } from "../energy/reading.js";
import { decimals } from "../report/format.js";
import { answer, describeCommand, refuse } from "./command.js";
import { untilSignal } from "./signals.js";

/** Of the column of names: the longest is dcgm-exporter. */
const width = 15;
/** Exit code where no energy source can be read. */
const none = 3;

export const probesCommand = describeCommand({
	about:
		"Which energy sources this machine has, what each covers, and for the others why not and the command that enables it. Each is tried, not guessed; nothing on the machine is changed.",
	examples: ["", "--watch", "--watch --probe powercap --windows 5 --json"],
	options: {
		watch: { about: "live watts of the first available probe, a window a line, until Ctrl-C" },
		probe: { value: "NAME", about: "the probe to watch" },
		windows: { value: "N", about: "end after N windows", range: "positive integer" },
		"probe-command": {
			value: "COMMAND",
			about: "a program that prints joules or watts, tried before all others (docs/energy-probes.md)",
			again: true,
		},
		json: { about: "as JSON; with --watch a reading a line" },
	},
	environment: {
		SUSTAINABLE_IPA_POWERCAP_ROOT:
			"where the powercap tree is, where not at /sys/class/powercap (a container that mounts the host's /sys elsewhere)",
		"SUSTAINABLE_IPA_PROMETHEUS_URL, _SELECTOR, _SCRAPE_S":
			"the Prometheus that scrapes Kepler, dcgm-exporter or Scaphandre, the series that count, and the seconds between two scrapes (15)",
		"SUSTAINABLE_IPA_PROMETHEUS_USER and _PASSWORD, or _TOKEN": "its credentials; the last two also as ..._FILE",
		CUDA_VISIBLE_DEVICES: "the GPU boards whose energy counts (index, UUID or its beginning); all where it is not set",
	},
	exits: { 3: "no energy source can be read" },
	run: async ({ values }) => {
		const { probe: name, windows, json, watch } = values;
		for (const [option, given] of Object.entries({ probe: name, windows }))
			if (given !== undefined && !watch) refuse(`--${option}`, "goes with --watch");
		const known = [...commandProbes(values["probe-command"]), ...knownProbes()];
		if (name !== undefined && !known.some((probe) => probe.name === name))
			refuse("--probe", `must be one of ${known.map((probe) => probe.name).join(", ")}`, name);
		const detected = await detectProbes(known.filter((probe) => name === undefined || probe.name === name));
		const first = detected.find(({ detection }) => detection.status === "available");
		if (watch && first !== undefined) return watchProbe(first.probe, windows ?? Number.POSITIVE_INFINITY, json);
		answer(json, detected.map(asJson), () => detected.map(asText).join("\n"));
		return first === undefined ? none : 0;
	},
});

function asJson({ probe, detection }: Detected): object {
	return { probe: probe.name, minimum_window_s: probe.minimumWindow_s, ...detection };
}

function asText({ probe, detection }: Detected): string {
	const start = probe.name.padEnd(width);
	const more = `\n${"".padEnd(width)}`;
	if (detection.status === "available")
		return `${start}available    covers ${detection.covers.join(", ")}; windows of ${probe.minimumWindow_s} s or more${more}${detection.detail}`;
	const { cause, reason, remedy } = detection;
	return `${start}unavailable  ${cause}: ${reason}${remedy === undefined ? "" : `${more}to enable: ${remedy}`}`;
}

function watchProbe(probe: Probe, windows: number, json: boolean): Promise<number> {
	return untilSignal(async (signal) => {
		let read = 0;
		for (let i = 0; i < windows && !signal.aborted; i++) {
			const run = await probe.start();
			await sleep(probe.minimumWindow_s * 1000, undefined, { signal }).catch(() => undefined);
			const outcome = await run.stop();
			// A window that Ctrl-C cut short says little.
			if (signal.aborted) break;
			if (outcome.status === "reading") read += 1;
			console.log(json ? JSON.stringify(outcome) : watts(outcome));
		}
		return read > 0 || signal.aborted ? 0 : none;
	});
}

function watts(outcome: Outcome): string {
	const time = new Date().toISOString().slice(11, 19);
	if (outcome.status === "refused") return `${time}  ${outcome.cause}: ${outcome.reason}`;
	const { energy_j, duration_s, domains, covers } = outcome;
	const power = (joules: number) => `${decimals(2)(joules / duration_s)} W`;
	const parts = domains.map(
		(entry) => `${entry.domain} ${power(entry.energy_j)}${entry.inTotal ? "" : " (not in it)"}`,
	);
	return `${time}  ${power(energy_j)} of ${covers.join(" and ")}: ${parts.join(", ")}`;
}
