/** A line of nvidia-smi's query: timestamp, uuid, name, power, MIG mode. `missing`: the GPU gives no power. */
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
	| { readonly status: "missing" | "malformed"; readonly reason: string };

const timestamp = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2}):(\d{2})\.(\d{3})$/;

/** Reads `2024/05/17 10:00:00.123, GPU-…, NVIDIA H100, 71.23, Disabled`; missing values are in brackets. */
export function parseNvidiaLine(line: string): NvidiaLine {
	const [time = "", uuid = "", gpu = "", power = "", mig = "", ...more] = line.trim().split(", ");
	const parts = timestamp.exec(time);
	if (parts === null || !uuid.startsWith("GPU-") || more.length > 0)
		return { status: "malformed", reason: `nvidia-smi said ${JSON.stringify(line.trim().slice(0, 120))}` };
	if (/^\[.*\]$/.test(power)) return { status: "missing", reason: `${uuid} gives no power: ${power}` };
	const power_w = Number(power);
	if (power === "" || !(power_w >= 0 && Number.isFinite(power_w)))
		return { status: "malformed", reason: `${uuid}: a power of ${JSON.stringify(power)} W` };
	const [year, month, day, hour, minute, second, milli] = parts.slice(1).map(Number) as number[];
	const time_s = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second, milli) / 1000;
	return { status: "sample", time_s, uuid, gpu, power_w, mig: mig === "Enabled" };
}
