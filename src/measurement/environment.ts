import { readFileSync } from "node:fs";
import { arch, cpus, hostname, platform, release, totalmem } from "node:os";
import { execa } from "execa";
import { packageRoot } from "../datasets/root.js";
import type { Perhaps } from "./records.js";

/** What a machine was like when it was measured; each entry a text, or why it is unavailable. */
export type Environment = Readonly<Record<string, Perhaps<string>>>;

/** Captures what the method asks to record: processor, governor, turbo, SMT, kernel, driver, versions, commit. */
export async function captureEnvironment(): Promise<Environment> {
	const [model] = cpus();
	return {
		host: known(hostname()),
		cpu_model: model === undefined ? unavailable("no processor reported") : known(model.model.trim()),
		logical_cpus: known(String(cpus().length)),
		memory_bytes: known(String(totalmem())),
		governor: file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
		turbo: turbo(),
		smt: file("/sys/devices/system/cpu/smt/control"),
		virtualisation: virtualised(),
		temperature_millicelsius: file("/sys/class/thermal/thermal_zone0/temp"),
		kernel: known(`${platform()} ${release()} ${arch()}`),
		node: known(process.version),
		onnxruntime: packageVersion("onnxruntime-node"),
		sustainable_ipa: packageVersion("."),
		gpu: await output("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"]),
		git_commit: await output("git", ["-C", packageRoot, "describe", "--always", "--dirty", "--abbrev=40"]),
	};
}

/** A name for the hardware: processor and logical CPUs, as datasets show it. */
export function hardwareName({ cpu_model, logical_cpus, virtualisation }: Environment): string {
	const cpu = cpu_model?.status === "available" ? cpu_model.value : "unknown processor";
	const count = logical_cpus?.status === "available" ? `${logical_cpus.value} logical CPUs` : "unknown CPU count";
	return `${cpu}, ${count}${virtualisation?.status === "available" && virtualisation.value === "virtual machine" ? ", virtual machine" : ""}`;
}

function known(value: string): Perhaps<string> {
	return { status: "available", value };
}

function unavailable(reason: string): Perhaps<string> {
	return { status: "unavailable", reason };
}

function file(path: string): Perhaps<string> {
	try {
		return known(readFileSync(path, "utf8").trim());
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		return unavailable(code === "ENOENT" ? `${path} is absent` : `${path}: ${code}`);
	}
}

function turbo(): Perhaps<string> {
	const intel = file("/sys/devices/system/cpu/intel_pstate/no_turbo");
	if (intel.status === "available") return known(intel.value === "1" ? "off" : "on");
	const boost = file("/sys/devices/system/cpu/cpufreq/boost");
	if (boost.status === "available") return known(boost.value === "1" ? "on" : "off");
	return unavailable(`${intel.reason}; ${boost.reason}`);
}

function virtualised(): Perhaps<string> {
	const info = file("/proc/cpuinfo");
	if (info.status === "unavailable") return info;
	return known(/^flags\s*:.*\bhypervisor\b/m.test(info.value) ? "virtual machine" : "no hypervisor flag");
}

function packageVersion(name: string): Perhaps<string> {
	const path = name === "." ? `${packageRoot}/package.json` : `${packageRoot}/node_modules/${name}/package.json`;
	const content = file(path);
	if (content.status === "unavailable") return unavailable(`${name} is not installed`);
	return known(String((JSON.parse(content.value) as { version?: unknown }).version));
}

async function output(command: string, args: readonly string[]): Promise<Perhaps<string>> {
	const result = await execa(command, args, { reject: false, timeout: 10_000, stdin: "ignore" });
	if (result.code === "ENOENT") return unavailable(`${command} is not installed`);
	if (result.failed) return unavailable(`${command}: ${result.shortMessage?.split("\n")[0] ?? "failed"}`);
	return known(result.stdout.trim());
}
