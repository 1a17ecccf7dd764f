import { calendarInstant, ceilings_w, decimal } from "./plausible.js";

/**
 * A line of nvidia-smi's query: timestamp, uuid, name, power, and MIG mode where the driver knows it. `missing`: the GPU
 * gives no power. `warning`: of a fault with which the GPU goes on working, as a corrupted infoROM.
 */
export type NvidiaLine =
	| {
			readonly status: "sample";
			/** Of the tool's own clock, s: differences alone mean something. */
			readonly time_s: number;
			readonly uuid: string;
			readonly gpu: string;
			readonly power_w: number;
			readonly mig: boolean;
	  }
	| { readonly status: "missing" | "malformed"; readonly reason: string; readonly uuid?: string; readonly gpu?: string }
	| { readonly status: "warning"; readonly reason: string };

const timestamp = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2}):(\d{2})\.(\d{3})$/;

/** Reads `2024/05/17 10:00:00.123, GPU-…, NVIDIA H100, 71.23, Disabled`; missing values are in brackets. */
export function parseNvidiaLine(line: string): NvidiaLine {
	if (/^\s*WARNING:/i.test(line)) return { status: "warning", reason: line.trim().slice(0, 200) };
	const [time = "", uuid = "", gpu = "", power = "", mig = "", ...more] = line.trim().split(", ");
	const parts = timestamp.exec(time);
	const time_s = parts === null ? undefined : calendarInstant(parts.slice(1).map(Number));
	if (time_s === undefined || !uuid.startsWith("GPU-") || more.length > 0)
		return { status: "malformed", reason: `nvidia-smi said ${JSON.stringify(line.trim().slice(0, 120))}` };
	if (/^\[.*\]$/.test(power)) return { status: "missing", reason: `${uuid} gives no power: ${power}`, uuid, gpu };
	const power_w = decimal(power);
	if (power_w === undefined || power_w < 0 || power_w > ceilings_w.board)
		return { status: "malformed", reason: `${uuid}: a power of ${JSON.stringify(power)} W`, uuid, gpu };
	return { status: "sample", time_s, uuid, gpu, power_w, mig: mig === "Enabled" };
}
