import { groupBy } from "../../group.js";
import type { VideoGpu } from "../../measurement/gpuSweep/readVideoGpu.js";
import type { SweepSummary } from "../../measurement/gpuSweep/summary.js";
import type { Perhaps } from "../../measurement/records.js";
import type { Figure } from "../figure.js";
import { lines } from "../plots/lines.js";
import { measured } from "./measured.js";

type Row = Readonly<Record<string, string | number>>;

/** What sharing does: throughput, latency and energy of an image with each number of tenants, beside one alone. */
export function tenantRows(gpu: VideoGpu): Perhaps<readonly Row[]> {
	return measured(gpu, ({ summaries }) => {
		const rows = shared(summaries).flatMap(({ own, alone }) => own.map((summary) => rowOf(summary, alone)));
		return rows.length === 0 ? "no cell was measured alone and shared" : rows;
	});
}

/** Energy of an image by tenants, as a share of that with one. */
export function tenantFigure(gpu: VideoGpu): Perhaps<Figure> {
	return measured(gpu, ({ evidence, summaries }) => {
		const drawn = shared(summaries).flatMap(({ own, alone }) => {
			const base = joules(alone);
			const points = own.flatMap((summary) => {
				const energy = joules(summary);
				return energy === undefined || base === undefined ? [] : [{ x: summary.cell.tenants, y: energy / base }];
			});
			const { variants, batch } = alone.cell;
			return points.length < 2
				? []
				: [{ name: `${variants.join("+")}, batch ${batch}`, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
		});
		if (drawn.length === 0) return "no cell has an energy alone and shared";
		return lines({
			title: "Energy of an image when processes share the GPU",
			caption: `${evidence.provenance.hardware}, fp16: of the whole GPU by the images of all tenants, as a share of that of one process. Below 1, sharing saves.`,
			kind: "measured",
			source: "the GPU's total-energy counter, gross",
			x: "tenants",
			y: "energy of an image / alone",
			lines: drawn,
			points: true,
		});
	});
}

/** The cells that were measured with several tenants, each set with the same cell alone. */
function shared(summaries: readonly SweepSummary[]) {
	const sets = groupBy(summaries, ({ cell: { variants, precision, batch } }) =>
		JSON.stringify([variants, precision, batch]),
	);
	return [...sets.values()].flatMap((own) => {
		const alone = own.find(({ cell }) => cell.tenants === 1);
		return own.length < 2 || alone === undefined
			? []
			: [{ alone, own: own.toSorted((a, b) => a.cell.tenants - b.cell.tenants) }];
	});
}

function rowOf(summary: SweepSummary, alone: SweepSummary): Row {
	const { cell, counter, throughput_rps, latency_s } = summary;
	const energy = joules(summary);
	const base = joules(alone);
	return {
		variant: cell.variants.join("+"),
		precision: cell.precision,
		batch: cell.batch,
		tenants: cell.tenants,
		"images/s, all": rounded(throughput_rps),
		"x alone": rounded(throughput_rps / alone.throughput_rps),
		"latency of one (ms)": rounded(1000 * latency_s),
		"latency x alone": rounded(latency_s / alone.latency_s),
		"power (W)": counter.status === "available" ? rounded(counter.value.power_w) : "unavailable",
		"J/image": energy === undefined ? "unavailable" : rounded(energy),
		"J/image x alone": energy === undefined || base === undefined ? "unavailable" : rounded(energy / base),
	};
}

function joules({ counter }: SweepSummary): number | undefined {
	return counter.status === "available" ? counter.value.energy_j_per_image : undefined;
}

function rounded(value: number): number {
	return Number(value.toPrecision(3));
}
