import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ProfileStatistic } from "../../src/ipa/experiment.js";
import { seriesPoints } from "../../src/ipa/readIpaPipeline.js";
import { readSeries } from "../../src/ipa/readSeries.js";
import type { ProfilePoint } from "../../src/pipeline/profile.js";
import { ipaProfiles, type ParsedProfile, type ParserQuestion } from "./ipaParser.js";
import { type Experiment, randomSeconds, temporary, writeExperiments } from "./series.js";

/** Shuffled cells of three variants on three allocations, at two loads, requests and lost ones drawn from a seed. */
const experiments: readonly Experiment[] = ["b", "a", "c"].flatMap((variant, v) =>
	[4, 1, 2].flatMap((cores, c) =>
		[8, 1, 2, 4].flatMap((batch, b) =>
			[20, 5].map((load, l) => {
				const id = 1 + (((v * 24 + c * 8 + b * 2 + l) * 31) % 72);
				return {
					id,
					variant,
					cores,
					batch,
					load,
					seconds: randomSeconds(id, 7),
					throughput: [batch * (1 + id / 100), null, batch * 1.25, batch / 3],
				};
			}),
		),
	),
);
const accuracies = { a: 70.5, b: 60.25 };

/** Our points in the form of IPA's models. */
function grouped(points: readonly ProfilePoint[]): ParsedProfile[] {
	const groups: [string, number, number, [number, number, number][]][] = [];
	for (const { variant, cores, accuracy_pct, batch, latency_s, throughput_rps } of points) {
		const last = groups.at(-1);
		const profile: [number, number, number] = [batch, latency_s, throughput_rps];
		if (last?.[0] === variant && last[1] === cores) last[3].push(profile);
		else groups.push([variant, cores, accuracy_pct / 100, [profile]]);
	}
	return groups;
}

async function written(cells: readonly Experiment[]): Promise<{ project: string; folder: string }> {
	const project = temporary();
	const folder = join(project, "data/results/profiling/nodes/series/7");
	await writeExperiments(folder, "m", cells);
	return { project, folder };
}

function expectClose(ours: readonly ParsedProfile[], theirs: readonly ParsedProfile[]): void {
	expect(ours.map(([variant, cores, , own]) => [variant, cores, own.map(([batch]) => batch)])).toEqual(
		theirs.map(([variant, cores, , own]) => [variant, cores, own.map(([batch]) => batch)]),
	);
	for (const [i, [, , accuracy, own]] of theirs.entries()) {
		expect(ours[i]?.[2]).toBeCloseTo(accuracy, 12);
		for (const [p, [, latency_s, throughput_rps]] of own.entries()) {
			const [, l, t] = (ours[i] as ParsedProfile)[3][p] as readonly [number, number, number];
			expect(Math.abs(l / latency_s - 1)).toBeLessThan(1e-12);
			expect(Math.abs(t / throughput_rps - 1)).toBeLessThan(1e-12);
		}
	}
}

describe.runIf(process.env.IPA_HOME !== undefined)("IPA's own parser on the same series", () => {
	test.each([
		["p99", "max", 0, 0, 20],
		["avg", "avg", 0, 0, 20],
		["p50", "p99", 0, 0, 5],
		["p95", "min", 100, -50, 5],
		["max", "p50", 20, 10, 20],
	] as const)(
		"latency %s, throughput %s, margins %s and %s percent, load %s",
		async (latency: ProfileStatistic, throughput: ProfileStatistic, latency_margin: number, throughput_margin: number, load: number) => {
			const { project, folder } = await written(experiments);
			const question: ParserQuestion = { project, series: 7, model: "m", load, accuracies };
			const theirs = ipaProfiles({ ...question, latency, throughput, latency_margin, throughput_margin });
			const { points, leftOut } = seriesPoints(
				await readSeries({ folder, model: "m", load }),
				new Map(Object.entries(accuracies)),
				{
					reference_latency: latency,
					reference_throughput: throughput,
					latency_margin,
					throughput_margin,
					only_measured_profiles: true,
				},
			);
			expect(leftOut).toEqual(["c: accuracies.yaml has no accuracy of it"]);
			expectClose(grouped(points), theirs as ParsedProfile[]);
		},
	);

	test("where we differ: an experiment without an answer keeps its place in IPA with a latency that is no number", async () => {
		const one = experiments.filter(({ variant, cores, load }) => variant === "a" && cores === 1 && load === 20);
		const silent = one.map((own) => (own.batch === 2 ? { ...own, seconds: [] } : own));
		const { project, folder } = await written(silent);
		const question: ParserQuestion = { project, series: 7, model: "m", load: 20, accuracies };
		const [theirs] = ipaProfiles(question) as ParsedProfile[];
		expect(theirs?.[3].map(([batch, latency]) => [batch, latency === null])).toEqual([
			[1, false],
			[2, true],
			[4, false],
			[8, false],
		]);
		const cells = await readSeries({ folder, model: "m", load: 20 });
		const rules = {
			reference_latency: "p99",
			reference_throughput: "max",
			latency_margin: 0,
			throughput_margin: 0,
			only_measured_profiles: true,
		} as const;
		expect(seriesPoints(cells, new Map(Object.entries(accuracies)), rules)).toEqual({
			points: [],
			leftOut: ["a on 1 cores: no request of batch 2 came back"],
		});
		// The curve cannot be fitted through it.
		expect(ipaProfiles({ ...question, only_measured_profiles: false })).toMatchObject({ error: "ValueError" });
	});
});
