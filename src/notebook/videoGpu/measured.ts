import type { MeasuredVideoGpu, VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { Perhaps } from "../../measurement/records.js";

/**
 * What `show` makes of the dataset, or why there is nothing to show: a reason in place of the dataset or of a part of it.
 *
 * @param withRemedy says how to get the dataset too: once a notebook is enough
 */
export function measured<T>(
	gpu: VideoGpu,
	show: (data: MeasuredVideoGpu) => T | string,
	withRemedy = false,
): Perhaps<Exclude<T, string>> {
	if (gpu.status === "unavailable")
		return { status: "unavailable", reason: withRemedy ? `${gpu.reason}; ${gpu.remedy}` : gpu.reason };
	const shown = show(gpu);
	return typeof shown === "string"
		? { status: "unavailable", reason: shown }
		: { status: "available", value: shown as Exclude<T, string> };
}
