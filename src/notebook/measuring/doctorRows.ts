import type { Detected } from "../../energy/detectProbes.js";

/** Rows for a table: what each energy probe can read here, or why it cannot and what enables it. */
export function doctorRows(detected: readonly Detected[]): Record<string, string | number>[] {
	return detected.map(({ probe, detection }) => ({
		probe: probe.name,
		status: detection.status,
		covers: detection.status === "available" ? detection.covers.join(", ") : "",
		"shortest window (s)": probe.minimumWindow_s,
		"how it is read, or why not":
			detection.status === "available" ? detection.detail : `${detection.cause}: ${detection.reason}`,
		"to enable": detection.status === "available" ? "" : (detection.remedy ?? "cannot be enabled here"),
	}));
}
