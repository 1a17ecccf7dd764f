import type { MeasuredVideoGpu, VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import { targetRows } from "../../measurement/gpuSweep/targets.js";
import type { Perhaps } from "../../measurement/records.js";
import { measured } from "./measured.js";

type Row = Readonly<Record<string, string | number>>;

/** What was asked of the sweep, and what came out. */
export function qualityRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	return measured(gpu, ({ quality }) => targetRows(quality).map((row) => ({ ...row })));
}

/** Where the numbers come from: hardware, meter, idle power, and how many cells each flag marks. */
export function aboutRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	const rows = ({ evidence: { provenance, cells }, quality, idle }: MeasuredVideoGpu): Row[] => [
		{ what: "hardware", found: provenance.hardware },
		{ what: "energy", found: provenance.energy_method },
		{ what: "cells", found: `${cells.length}, of ${quality.windows} windows; ${quality.failed.length} windows failed` },
		{
			what: "idle power, one context open",
			found:
				idle.status === "available"
					? `${idle.value.power_w.toFixed(1)} W (${idle.value.least_w.toFixed(1)} to ${idle.value.most_w.toFixed(1)} W over the calls)`
					: `unavailable: ${idle.reason}`,
		},
		...provenance.flags.map(({ name, meaning }) => ({
			what: `cells flagged ${name}`,
			found: `${cells.filter(({ flags }) => flags.includes(name)).length}: ${meaning}`,
		})),
	];
	return measured(gpu, rows, true);
}
