import { setTimeout as sleep } from "node:timers/promises";
import { ceilings_w, decimal } from "./plausible.js";
import { integrate, type PowerSample } from "./powerSamples.js";
import { type Outcome, type Probe, type ProbeRun, type Refusal, readingOf, refuse } from "./reading.js";
import { firstLine, runTool } from "./tool.js";

export interface DcmiOptions {
	/** Programs to try, in this order: names on PATH, or paths. Which of the two kinds it is, its name says. */
	readonly commands?: readonly string[];
	/** Between two samples, s. */
	readonly period_s?: number;
}

const name = "dcmi";
/** Without an answer for so long, what the node drew meanwhile is not known. */
const longestGap_s = 30;

/** A controller that is busy fails a request now and then: it is asked so often before a window is given up. */
const attempts = 3;
const pause_s = 0.3;

/** A way of asking the baseboard management controller for the power that it sees now. */
interface Tool {
	readonly file: string;
	readonly args: readonly string[];
	readonly line: RegExp;
}

/** The instantaneous value: the average that it shows as well is of weeks. */
function toolOf(file: string): Tool {
	return /ipmi-dcmi$/.test(file)
		? { file, args: ["--get-system-power-statistics"], line: /^\s*Current Power\s*:\s*(\S+)\s+Watts/im }
		: { file, args: ["dcmi", "power", "reading"], line: /^\s*Instantaneous power reading:\s*(\S+)\s+Watts/im };
}

/**
 * The node's power as its BMC measures it, sampled and integrated. It covers everything behind the power supply, so it
 * is the check that RAPL cannot give; it refreshes every few seconds and shows whole watts, so windows must be long.
 */
export function dcmiProbe({ commands = ["ipmitool", "ipmi-dcmi"], period_s = 2 }: DcmiOptions = {}): Probe {
	const tools = commands.map(toolOf);
	return {
		name,
		minimumWindow_s: 30,
		detect: async () => {
			const found = await firstThatAnswers(tools);
			if (found.status === "refused") {
				const { cause, reason, remedy } = found;
				return { status: "unavailable", cause, reason, ...(remedy === undefined ? {} : { remedy }) };
			}
			return { status: "available", covers: ["node"], detail: `${found.tool.file}: ${found.sample.power_w} W now` };
		},
		start: async () => {
			const found = await firstThatAnswers(tools);
			return found.status === "refused" ? { stop: async () => found } : watch(found.tool, found.sample, period_s);
		},
	};
}

interface Answer {
	readonly status: "answer";
	readonly tool: Tool;
	readonly sample: PowerSample;
}

/** The first tool that gives a power; else why the last one that is installed does not. */
async function firstThatAnswers(tools: readonly Tool[]): Promise<Answer | Refusal> {
	let refusal = refuse(
		name,
		"absent",
		`none of ${tools.map(({ file }) => file).join(", ")} is installed`,
		"sudo apt-get install ipmitool && sudo modprobe ipmi_si ipmi_devintf",
	);
	for (const tool of tools) {
		const answer = await askAgain(tool);
		if (answer.status === "answer") return answer;
		if (answer.cause !== "absent") refusal = answer;
	}
	return refusal;
}

async function watch(tool: Tool, first: PowerSample, period_s: number): Promise<ProbeRun> {
	const samples: PowerSample[] = [first];
	const failed: Refusal[] = [];
	let asking: Promise<void> | undefined;
	const poll = async () => {
		const answer = await ask(tool);
		if (answer.status === "answer") samples.push(answer.sample);
		else failed.push(answer);
	};
	const timer = setInterval(() => {
		// A controller that is slow to answer is not asked twice at once.
		asking ??= poll().finally(() => {
			asking = undefined;
		});
	}, period_s * 1000).unref();
	return {
		stop: async () => {
			clearInterval(timer);
			await asking;
			const last = await askAgain(tool);
			if (last.status === "refused") return last;
			return outcomeOf([...samples, last.sample], failed);
		},
	};
}

/** The answer to the first of some requests that has one; what no other moment would change is not asked again. */
async function askAgain(tool: Tool): Promise<Answer | Refusal> {
	for (let attempt = 1; ; attempt++) {
		const answer = await ask(tool);
		const passing = answer.status === "refused" && (answer.cause === "command-failed" || answer.cause === "malformed");
		if (!passing || attempt === attempts) return answer;
		await sleep(pause_s * 1000);
	}
}

async function ask(tool: Tool): Promise<Answer | Refusal> {
	const { file, args, line } = tool;
	const result = await runTool(file, args);
	if (result.status === "absent") return refuse(name, "absent", `${file} is not installed`);
	if (result.status === "broken") return refuse(name, "command-failed", `${file}: ${result.reason}`);
	const { exitCode, stdout, stderr } = result;
	const said = (pattern: RegExp) =>
		`${stderr}\n${stdout}`
			.split("\n")
			.find((text) => pattern.test(text))
			?.trim();
	// Warnings (a registry of names that is missing) come with a success too: only a failure is looked into.
	if (exitCode !== 0 || !line.test(stdout)) {
		const device = said(/could not open device|inband device|driver timeout|driver busy/i);
		if (device !== undefined) return refuse(name, "absent", `${file}: ${device}`, "sudo modprobe ipmi_si ipmi_devintf");
		const access = said(/permission|privilege|superuser/i);
		if (access !== undefined) return refuse(name, "no-access", `${file}: ${access}`, "run as root");
		const unsupported = said(/not supported|invalid command|valid DCMI command was not returned|not available/i);
		if (unsupported !== undefined) return refuse(name, "not-supported", `${file}: ${unsupported}`);
		return exitCode === 0
			? refuse(name, "malformed", `${file} named no power in watts: ${JSON.stringify(firstLine(stdout))}`)
			: refuse(name, "command-failed", `${file} ended with ${exitCode}: ${firstLine(stderr) || firstLine(stdout)}`);
	}
	if (/power reading state is:\s*(?!activated)\w+|power measurement\s*:\s*not active/i.test(stdout))
		return refuse(name, "not-supported", `${file}: the controller has power readings switched off`);
	const shown = line.exec(stdout)?.[1] ?? "";
	const power_w = /^\d+$/.test(shown) ? decimal(shown) : undefined;
	if (power_w === undefined) return refuse(name, "malformed", `${file} shows a power of ${JSON.stringify(shown)} W`);
	if (power_w === 0) return refuse(name, "zero", `${file} shows 0 W`);
	// 65535, all bits of its field set, is what controllers without a meter show.
	if (power_w > ceilings_w.node)
		return refuse(name, "malformed", `${file} shows ${power_w} W, more than the ${ceilings_w.node} W of any node`);
	return { status: "answer", tool, sample: { time_s: performance.now() / 1000, power_w } };
}

function outcomeOf(samples: readonly PowerSample[], failed: readonly Refusal[]): Outcome {
	const integral = integrate(samples, { least: 3, longestGap_s });
	if (integral.status === "fault") return refuse(name, integral.cause, integral.reason);
	const { energy_j, duration_s } = integral;
	return readingOf(name, {
		// Each sample is of whole watts.
		domains: [{ domain: "node", covers: "node", energy_j, resolution_j: duration_s, wraps: 0, inTotal: true }],
		totalRule: "power of the node, integrated over its samples by trapezoids",
		duration_s,
		samples: samples.length,
		caveats: failed.length === 0 ? [] : [`${failed.length} requests gave no power: ${failed.at(-1)?.reason}`],
	});
}
