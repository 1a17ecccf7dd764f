/** The space and the optimum: seconds and ratios measured in one run, beside NumPy, HiGHS and brute force. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import highsModule from "highs";
import { readPipeline } from "../src/ipa/readPipeline.js";
import { readEnergyCoefficients } from "../src/measurement/modelEnergy.js";
import { withModelledEnergy } from "../src/pipeline/energy.js";
import { stageItems } from "../src/pipeline/objective.js";
import { pipelineOptions } from "../src/pipeline/options.js";
import type { AccuracyMethod, PipelineSpec } from "../src/pipeline/spec.js";
import { seeded } from "../src/random.js";
import { optimize } from "../src/search/optimum.js";
import { type Axis, paretoFront } from "../src/search/pareto.js";
import { feasibleRows, filterRows, topRows } from "../src/search/query.js";
import { spaceChunks, spaceSize, wholeSpace } from "../src/search/space.js";

const batches = [1, 2, 4, 8, 16, 32, 64];

/** A pipeline of the given size with seeded latencies, accuracies and cores that rise with the variant. */
function synthetic(stages: number, variants: number, method: AccuracyMethod, seed: number): PipelineSpec {
	const random = seeded(seed);
	return {
		name: `${stages} x ${variants}`,
		stages: Array.from({ length: stages }, (_, s) => ({
			name: `stage${s}`,
			initial_variant: "v0",
			initial_cores: 1,
			points: Array.from({ length: variants }, (_, v) => {
				const accuracy_pct = 40 + (50 * (v + random())) / variants;
				const size_s = 0.02 * (1 + v) * (0.7 + 0.6 * random());
				return batches.map((batch) => {
					const latency_s = size_s * (0.2 + 0.8 * batch ** 0.9);
					return {
						variant: `v${v}`,
						accuracy_pct,
						cores: 1 + v,
						batch,
						latency_s,
						throughput_rps: batch / latency_s,
						kind: "modelled" as const,
					};
				});
			}).flat(),
		})),
		threshold_rps: 1,
		sla_factor: 0.5,
		accuracy_method: method,
		normalize_accuracy: false,
		allocation_mode: "variable",
		only_measured_profiles: true,
		scaling_cap: 100,
		weights: { alpha: method === "product" ? 200 : 20, beta: 1, gamma: 1e-6, delta: 0 },
		arrival_rate_rps: 20,
		semantics: "published",
		baseline: "none",
	};
}

function median_ms(run: () => unknown, times: number): number {
	const taken = Array.from({ length: times }, () => {
		const start = performance.now();
		run();
		return performance.now() - start;
	});
	return taken.sort((a, b) => a - b)[Math.floor(times / 2)] as number;
}

const numpy = `
import time, numpy as np
R, cap = 35, 100
rng = np.random.default_rng(1)
lat, acc, cores, batch = rng.random(R), rng.random(R), np.repeat(np.arange(1., 6.), 7), np.tile(2. ** np.arange(7), 5)
n = np.arange(1., cap + 1)
thr = np.outer(batch / lat, n).ravel(); cost = np.outer(cores, n).ravel(); l = np.repeat(lat, cap); a = np.repeat(acc, cap); b = np.repeat(batch, cap)
taken = []
for _ in range(5):
    t = time.perf_counter()
    A = (a[:, None] + a[None]).ravel(); L = (l[:, None] + l[None]).ravel(); T = np.minimum(thr[:, None], thr[None]).ravel()
    C = (cost[:, None] + cost[None]).ravel(); O = 20 * A - C - 1e-6 * (b[:, None] + b[None]).ravel(); F = (T >= 20) & (L <= 1)
    taken.append(time.perf_counter() - t)
print(taken[0], sorted(taken)[2])
`;

/** Of the first run, whose memory is fresh, and the median of five, which reuse it. */
function numpySeconds(): { first: number; median: number } | undefined {
	try {
		const text = execFileSync("python3", ["-c", numpy], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
		const [first, median] = text.trim().split(" ").map(Number) as [number, number];
		return { first, median };
	} catch {
		return undefined;
	}
}

const video = pipelineOptions(synthetic(2, 5, "sum", 1));
const size = spaceSize(video);
const build_s = median_ms(() => wholeSpace(video), 5) / 1000;
const space = wholeSpace(video);
const rows = feasibleRows(space);
const top_s = median_ms(() => topRows(space, rows, "objective", 10), 3) / 1000;
console.log(
	`space: ${size.rows} configurations, all metrics: ${build_s.toFixed(3)} s, ${(size.bytes / 1e6).toFixed(0)} MB; feasible ${rows.length}; top 10: ${top_s.toFixed(3)} s`,
);
const peak_mb = process.resourceUsage().maxRSS / 1e3;
/** The best row of all, read from chunks that share their memory: no more of it than a chunk at a time. */
function streamedBest(): number {
	let best = Number.NEGATIVE_INFINITY;
	for (const { rows, columns } of spaceChunks(video, 1 << 16, true)) {
		const { objective, feasible } = columns;
		for (let row = 0; row < rows; row++)
			if (feasible[row] === 1 && (objective[row] as number) > best) best = objective[row] as number;
	}
	return best;
}
function streamed(): void {
	for (const _ of spaceChunks(video, 1 << 16, true));
}
const stream_s = median_ms(streamed, 7) / 1000;
const best_s = median_ms(streamedBest, 3) / 1000;
console.log(
	`  in chunks that share their memory: ${stream_s.toFixed(3)} s, with the best row found ${best_s.toFixed(3)} s; peak memory of the process so far ${peak_mb.toFixed(0)} MB`,
);
const numpy_s = numpySeconds();
console.log(
	numpy_s === undefined
		? "NumPy: not there (python3 with numpy on the PATH)"
		: `NumPy, the same columns: ${numpy_s.first.toFixed(3)} s in fresh memory (${(numpy_s.first / build_s).toFixed(2)} times ours in fresh memory), ${numpy_s.median.toFixed(3)} s in memory used before (${(numpy_s.median / stream_s).toFixed(2)} times ours in memory used before)`,
);

/** Fronts over every row, feasible or not: of five axes thousands of rows are on it. */
const energyAware = pipelineOptions(withModelledEnergy(await readPipeline(), await readEnergyCoefficients()));
const everything = wholeSpace(energyAware);
const everyRow = filterRows(everything, () => true);
const axes: readonly Axis[] = [
	{ column: "cost_cores", better: "less" },
	{ column: "accuracy", better: "more" },
	{ column: "latency_s", better: "less" },
	{ column: "energy_j_per_request", better: "less" },
	{ column: "throughput_rps", better: "more" },
];
for (const count of [2, 3, 4, 5]) {
	let front = 0;
	const taken_s =
		median_ms(() => {
			front = paretoFront(everything, everyRow, axes.slice(0, count)).length;
		}, 1) / 1000;
	console.log(`front of ${count} axes over ${everyRow.length} rows: ${taken_s.toFixed(2)} s, ${front} on it`);
}

/** The best of every row against the optimum, on pipelines whose whole space can be walked. */
function besideBruteForce(name: string, spec: PipelineSpec): void {
	const pipeline = pipelineOptions(spec);
	let best = Number.NEGATIVE_INFINITY;
	const brute_ms = median_ms(() => {
		best = Number.NEGATIVE_INFINITY;
		for (const { rows, columns } of spaceChunks(pipeline, 1 << 16, true))
			for (let row = 0; row < rows; row++)
				if (columns.feasible[row] === 1 && (columns.objective[row] as number) > best)
					best = columns.objective[row] as number;
	}, 1);
	for (let i = 0; i < 200; i++) optimize(spec);
	const own_ms = median_ms(() => optimize(spec), 101);
	const found = optimize(spec);
	const same = found.status === "optimal" && Math.abs(found.configuration.objective - best) <= 1e-9 * Math.abs(best);
	console.log(
		`${name}: ${spaceSize(pipeline).rows} configurations by brute force ${brute_ms.toFixed(0)} ms, optimum ${own_ms.toFixed(3)} ms (${(brute_ms / own_ms).toFixed(0)} times), ${same ? "the same objective" : "NOT THE SAME"}`,
	);
	if (!same) process.exitCode = 1;
}
const real = await readPipeline();
besideBruteForce(`Video, IPA's profile, ${real.arrival_rate_rps} requests/s`, real);
for (const [stages, variants, method] of [
	[2, 5, "sum"],
	[2, 5, "product"],
	[3, 3, "average"],
] as const) {
	const spec = { ...synthetic(stages, variants, method, 2), scaling_cap: stages === 3 ? 8 : 100 };
	besideBruteForce(`${spec.name} variants, ${method}`, spec);
}

const highs = await (highsModule as unknown as typeof highsModule.default)();
for (const [stages, variants, method] of [
	[2, 5, "sum"],
	[2, 5, "product"],
	[9, 9, "sum"],
	[9, 9, "product"],
	[20, 20, "sum"],
	[20, 20, "product"],
] as const) {
	const seeds = [1, 2, 3, 4, 5, 6, 7];
	for (const seed of seeds) optimize(synthetic(stages, variants, method, seed));
	const taken = seeds.map((seed) => {
		const spec = synthetic(stages, variants, method, seed);
		return median_ms(() => optimize(spec), 3);
	});
	const worst = Math.max(...taken);
	const own = taken.sort((a, b) => a - b)[3] as number;
	let beside = "";
	if (method === "sum") {
		const spec = synthetic(stages, variants, method, 1);
		const pipeline = pipelineOptions(spec);
		const items = pipeline.stages.map((stage) => stageItems(pipeline, stage));
		const sum = (read: (item: (typeof items)[number][number]) => number) =>
			items
				.flatMap((all, s) => all.map((item, i) => `${read(item) < 0 ? "-" : "+"} ${Math.abs(read(item))} x${s}_${i}`))
				.join(" ");
		const model = [
			"Maximize",
			` obj: ${sum((item) => spec.weights.alpha * item.accuracy - item.penalty)}`,
			"Subject To",
			` sla: ${sum((item) => item.latency_s)} <= ${pipeline.sla_s}`,
			...items.map((all, s) => ` one${s}: ${all.map((_, i) => `x${s}_${i}`).join(" + ")} = 1`),
			"Binary",
			` ${items.flatMap((all, s) => all.map((_, i) => `x${s}_${i}`)).join(" ")}`,
			"End",
		].join("\n");
		const theirs = median_ms(() => highs.solve(model), 3);
		beside = `; HiGHS ${theirs.toFixed(1)} ms: ${(theirs / own).toFixed(0)} times ours`;
	}
	console.log(
		`optimum ${stages} stages x ${variants} variants, ${method}: median ${own.toFixed(2)} ms, worst ${worst.toFixed(2)} ms${beside}`,
	);
}

const published = readFileSync(
	new URL("../data/raw/ipa-paper/ipa-fig13-gurobi-decision-seconds.csv", import.meta.url),
	"utf8",
);
const gurobi = published
	.trim()
	.split("\n")
	.slice(1)
	.map((line) => line.split(",").map(Number) as [models: number, tasks: number, seconds: number]);
const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
console.log("grid of IPA's Fig. 13, rows models, columns tasks: ours, ms | Gurobi on IPA's machine (digitised), ms");
for (const models of sizes) {
	const own = sizes.map((tasks) => {
		const spec = synthetic(tasks, models, "sum", 1);
		return median_ms(() => optimize(spec), 5).toFixed(2);
	});
	const theirs = sizes.map((tasks) => {
		const cell = gurobi.find((row) => row[0] === models && row[1] === tasks);
		return cell === undefined ? "-" : (1000 * cell[2]).toFixed(0);
	});
	console.log(`  ${models}: ${own.join(" ")} | ${theirs.join(" ")}`);
}
