import type { MeasuredWindow, MeterReading } from "./records.js";

/**
 * Energy of a batch, J, by a window's first probe; undefined where it has no number. A source that samples or is scraped
 * sees a little less or more than the window, so its mean power is taken to hold for all of it.
 */
export function batchEnergy({ readings: [reading], elapsed_s, batches }: MeasuredWindow): number | undefined {
	return reading?.status === "reading" ? (meanPower(reading) * elapsed_s) / batches : undefined;
}

/** Mean power over what a probe saw, W. */
export function meanPower({ energy_j, duration_s }: Extract<MeterReading, { status: "reading" }>): number {
	return energy_j / duration_s;
}
