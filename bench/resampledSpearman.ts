// Cluster bootstrap of a Spearman correlation: ranking each resample by counting against sorting it anew.
import { seeded } from "../src/random.js";
import { clusterBootstrap } from "../src/statistics/clusterBootstrap.js";
import { resampledSpearman } from "../src/statistics/resampledSpearman.js";
import { spearmanValue } from "../src/statistics/spearmanValue.js";

const random = seeded(1);
for (const n of [50, 500]) {
	const x = Float64Array.from({ length: n }, random);
	const y = x.map((value) => value + random());
	const clusters = Array.from(x, (_, i) => i % 10);
	const at = (values: Float64Array, indices: Int32Array) => Float64Array.from(indices, (i) => values[i] as number);
	const counting = resampledSpearman(x, y);
	const sorting = (indices: Int32Array) => spearmanValue(at(x, indices), at(y, indices));
	const elapsed = (statistic: (indices: Int32Array) => number | undefined) => {
		clusterBootstrap({ clusters, statistic, seed: 1 });
		const start = performance.now();
		for (let run = 0; run < 5; run++) clusterBootstrap({ clusters, statistic, seed: run });
		return (performance.now() - start) / 5;
	};
	const [slow, fast] = [elapsed(sorting), elapsed(counting)];
	console.log(
		`n = ${n}: counting ${fast.toFixed(1)} ms per 2,000 resamples, ${(slow / fast).toFixed(1)} x as fast as sorting`,
	);
}
