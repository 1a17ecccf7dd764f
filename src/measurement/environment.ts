import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, cpus, homedir, hostname, platform, release, tmpdir, totalmem } from "node:os";
import { execa } from "execa";
import { packageRoot } from "../datasets/root.js";
import { available, type Perhaps, unavailable } from "../outcome.js";

/**
 * A text that may be published: paths below a home, the checkout, the working folder or the temporary one are cut to their
 * last part, and the names of this machine and of its Prometheus are
 * left out. Paths of the system, the same on every machine, stay.
 *
 * @example
 * withoutPlaces("fatal: detected dubious ownership in repository at '/home/ada/ipa'")
 * // "fatal: detected dubious ownership in repository at '…/ipa'"
 */
export function withoutPlaces(text: string): string {
	const roots = [home(), packageRoot, process.cwd(), tmpdir()].filter((root) => root.length > 1).map(escaped);
	// Up to what ends a path in a sentence.
	const paths = new RegExp(
		`(?<![\\w./-])(?:${[...roots, "/(?:home|Users)/[^/\\s]+", "/root"].join("|")})(?:/[^\\s'"\`:,;()]*)?(?![\\w-])`,
		"g",
	);
	const cut = text.replace(
		paths,
		(path) =>
			`…/${path
				.split("/")
				.filter((part) => part !== "")
				.at(-1)}`,
	);
	return [hostname(), prometheusHost()]
		.filter((name) => name.length > 1 && name !== "localhost" && name !== "127.0.0.1")
		.reduce((so, name) => so.replace(new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-])`, "g"), "…"), cut);
}

/** Empty for a user without one, as in a container that runs under a bare number. */
function home(): string {
	try {
		return homedir();
	} catch {
		return "";
	}
}

function prometheusHost(): string {
	const { SUSTAINABLE_IPA_PROMETHEUS_URL: url = "" } = process.env;
	return URL.canParse(url) ? new URL(url).hostname : "";
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What a machine was like when it was measured; each entry a text, or why it is unavailable. */
export type Environment = Readonly<Record<string, Perhaps<string>>>;

/**
 * Captures what the method asks to record: processor, governor, turbo, SMT, kernel, driver, versions, commit. A dataset is
 * made to be published, so the machine's name is in it where it is asked for alone.
 *
 * @example
 * const { node, host } = await measurement.captureEnvironment();
 * node; // → { status: "available", value: process.version }
 * host; // → undefined
 */
export async function captureEnvironment({
	nameHost = false,
}: {
	readonly nameHost?: boolean;
} = {}): Promise<Environment> {
	const cpu_model = await processor();
	return {
		...(nameHost ? { host: available(hostname()) } : {}),
		cpu_model,
		...(cpu_model.status === "available" ? {} : { machine: machineId() }),
		logical_cpus: available(String(cpus().length)),
		memory_bytes: available(String(totalmem())),
		governor: file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
		turbo: turbo(),
		smt: file("/sys/devices/system/cpu/smt/control"),
		virtualisation: virtualised(),
		temperature_millicelsius: file("/sys/class/thermal/thermal_zone0/temp"),
		kernel: available(`${platform()} ${release()} ${arch()}`),
		node: available(process.version),
		onnxruntime: packageVersion("onnxruntime-node"),
		sustainable_ipa: packageVersion("."),
		gpu: await output("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"]),
		git_commit: await output("git", ["-C", packageRoot, "describe", "--always", "--dirty", "--abbrev=40"]),
	};
}

/**
 * A name for the hardware: what the runner says that it works on (a GPU), else processor and logical CPUs, as datasets show it. Machines whose processor is not known are told
 * apart by a pseudonym, so that two of them are not taken for one.
 */
export function hardwareName({ hardware, cpu_model, machine, logical_cpus, virtualisation }: Environment): string {
	if (hardware?.status === "available") return hardware.value;
	const named = cpu_model?.status === "available" && !isUnavailable(cpu_model.value) ? cpu_model.value : undefined;
	const pseudonym = machine?.status === "available" ? ` of machine ${machine.value}` : "";
	const cpu = named ?? `unknown processor${pseudonym}`;
	const count = logical_cpus?.status === "available" ? `${logical_cpus.value} logical CPUs` : "unknown CPU count";
	return `${cpu}, ${count}${virtualisation?.status === "available" && virtualisation.value === "virtual machine" ? ", virtual machine" : ""}`;
}

/** What Node and others say where the kernel names no processor, as on ARM. */
function isUnavailable(name: string): boolean {
	return /^(unknown.*|-|)$/i.test(name.trim());
}

async function processor(): Promise<Perhaps<string>> {
	const model = cpus()[0]?.model.trim() ?? "";
	if (!isUnavailable(model)) return available(model);
	const lscpu = await output("lscpu", []);
	const text = lscpu.status === "available" ? lscpu.value : "";
	const names = [...text.matchAll(/^Model name:\s*(.+)$/gm)].map(([, name = ""]) => name.trim());
	const found = [...new Set(names)].filter((name) => !isUnavailable(name));
	if (found.length > 0) return available(found.join(" and "));
	const info = file("/proc/cpuinfo");
	return armParts(info.status === "available" ? info.value : "") ?? unavailable("the system names no processor");
}

/** The parts of an ARM processor by their codes: `ARM implementer 0x41, part 0xd0c`; several where cores differ. */
export function armParts(cpuinfo: string): Perhaps<string> | undefined {
	const parts = [...cpuinfo.matchAll(/^CPU implementer\s*:\s*(\S+)[\s\S]*?^CPU part\s*:\s*(\S+)$/gm)].map(
		([, implementer, part]) => `ARM implementer ${implementer}, part ${part}`,
	);
	return parts.length === 0 ? undefined : available([...new Set(parts)].join(" and "));
}

/** Stable over runs, and not the name of anything. */
function machineId(): Perhaps<string> {
	const id = file("/etc/machine-id");
	const text = id.status === "available" && id.value !== "" ? id.value : hostname();
	return available(createHash("sha256").update(`sustainable-ipa ${text}`).digest("hex").slice(0, 8));
}

function file(path: string): Perhaps<string> {
	try {
		return available(readFileSync(path, "utf8").trim());
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		return unavailable(code === "ENOENT" ? `${path} is absent` : `${path}: ${code}`);
	}
}

function turbo(): Perhaps<string> {
	const intel = file("/sys/devices/system/cpu/intel_pstate/no_turbo");
	if (intel.status === "available") return available(intel.value === "1" ? "off" : "on");
	const boost = file("/sys/devices/system/cpu/cpufreq/boost");
	if (boost.status === "available") return available(boost.value === "1" ? "on" : "off");
	return unavailable(`${intel.reason}; ${boost.reason}`);
}

function virtualised(): Perhaps<string> {
	const info = file("/proc/cpuinfo");
	if (info.status === "unavailable") return info;
	return available(/^flags\s*:.*\bhypervisor\b/m.test(info.value) ? "virtual machine" : "no hypervisor flag");
}

function packageVersion(name: string): Perhaps<string> {
	const path = name === "." ? `${packageRoot}/package.json` : `${packageRoot}/node_modules/${name}/package.json`;
	const content = file(path);
	if (content.status === "unavailable") return unavailable(`${name} is not installed`);
	return available(String((JSON.parse(content.value) as { version?: unknown }).version));
}

async function output(command: string, args: readonly string[]): Promise<Perhaps<string>> {
	const result = await execa(command, args, { reject: false, timeout: 10_000, stdin: "ignore" });
	if (result.code === "ENOENT") return unavailable(`${command} is not installed`);
	if (result.failed) {
		// The command's arguments hold the checkout's path: what it says of itself is enough.
		const said = `${result.stderr}\n${result.stdout}`.split("\n").find((line) => line.trim() !== "") ?? "";
		const how = result.exitCode === undefined ? "did not end" : `ended with ${result.exitCode}`;
		return unavailable(withoutPlaces(`${command} ${how}${said === "" ? "" : `: ${said.trim()}`}`));
	}
	return available(result.stdout.trim());
}
