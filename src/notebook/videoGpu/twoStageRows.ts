import type { VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { SweepSummary } from "../../measurement/gpuSweep/summary.js";
import type { Perhaps } from "../../measurement/records.js";
import { measured } from "./measured.js";

/** The two-stage pipeline beside its stages alone, added: what adding energies and latencies of stages leaves out. */
export function twoStageRows(gpu: VideoGpu): Perhaps<readonly Readonly<Record<string, string | number>>[]> {
	return measured(gpu, ({ summaries }) => {
		const rows = summaries.flatMap((whole) => {
			if (whole.cell.variants.length < 2) return [];
			const parts = whole.cell.variants.flatMap((variant) => summaries.filter((one) => isAlone(one, variant, whole)));
			if (parts.length < whole.cell.variants.length) return [];
			const latency_s = parts.reduce((sum, part) => sum + part.latency_s, 0);
			const energies = [whole, ...parts].map(({ counter }) =>
				counter.status === "available" ? counter.value.energy_j_per_image : undefined,
			);
			const [together, ...added] = energies;
			const known = added.every((energy) => energy !== undefined);
			const sum = known ? added.reduce((total, energy) => total + (energy as number), 0) : undefined;
			return [
				{
					pipeline: whole.cell.variants.join(" + "),
					batch: whole.cell.batch,
					"latency (ms)": rounded(1000 * whole.latency_s),
					"stages added (ms)": rounded(1000 * latency_s),
					"J/image": together === undefined ? "unavailable" : rounded(together),
					"stages added (J)": sum === undefined ? "unavailable" : rounded(sum),
					"energy, together / added":
						together === undefined || sum === undefined ? "unavailable" : rounded(together / sum),
				},
			];
		});
		return rows.length === 0 ? "no pipeline was measured beside both its stages" : rows;
	});
}

function isAlone({ cell }: SweepSummary, variant: string, { cell: whole }: SweepSummary): boolean {
	return (
		cell.variants.length === 1 &&
		cell.variants[0] === variant &&
		cell.tenants === 1 &&
		cell.batch === whole.batch &&
		cell.precision === whole.precision
	);
}

function rounded(value: number): number {
	return Number(value.toPrecision(3));
}
