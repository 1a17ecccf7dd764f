import { describe, expect, test } from "vitest";
import {
	type AssignmentOutcome,
	activeJobs,
	bestAssignment,
	fewestMigrations,
	largestNewSlice,
	type SliceTimes,
	staticPromotion,
} from "../../src/sharing/miso.js";
import { misoPartitions, type Slice } from "../../src/sharing/partitions.js";
import { oracle } from "../oracle.js";

interface Answer {
	readonly error?: string;
	readonly partition: readonly string[];
	readonly assignment: readonly string[];
	readonly mean_slowdown: number;
	readonly stp: number;
}
interface Cases {
	readonly profiles: Readonly<Record<string, Readonly<Record<string, number>>>>;
	readonly partitions: Readonly<Record<string, readonly string[]>>;
	readonly optimise: readonly {
		readonly case: { readonly jobs: readonly string[] };
		readonly expected: {
			readonly mean_slowdown: Answer;
			readonly stp: Answer;
			readonly max_new_slice?: string | null;
		};
	}[];
	readonly idle: readonly {
		readonly case: { readonly partition: readonly string[]; readonly jobs: readonly (string | null)[] };
		readonly expected: {
			readonly repartition: Answer;
			readonly fewest_migrations: Answer & { readonly migrations: number };
			readonly static_promotion: readonly { readonly job: string; readonly from: number; readonly to: number }[];
		};
	}[];
}

const cases = oracle<Cases>("miso");
const sliceOf = (text: string): Slice => Number.parseInt(text, 10) as Slice;

/** A job may stand twice in a mix, so jobs are told apart by their place. */
interface Job {
	readonly name: string;
}
const timesOf = ({ name }: Job): SliceTimes =>
	Object.fromEntries(Object.entries(cases.profiles[name]!).map(([slice, time]) => [sliceOf(slice), time]));
const pairs = (partition: readonly (number | string)[], jobs: readonly (string | undefined)[]) =>
	partition.map((slice, k) => `${jobs[k]} on ${Number.parseInt(String(slice), 10)}`).sort();

function agree(found: AssignmentOutcome<Job>, expected: Answer, key: "mean_slowdown" | "stp"): void {
	if (expected.error !== undefined || found.status === "infeasible") {
		expect([found.status, expected.error !== undefined]).toEqual(["infeasible", true]);
		return;
	}
	expect(found[key]).toBeCloseTo(expected[key], 9);
	expect(
		pairs(
			found.partition,
			found.jobs.map(({ name }) => name),
		),
	).toEqual(pairs(expected.partition, expected.assignment));
}

test("the partitions of its code, in its order", () => {
	expect(misoPartitions).toEqual(misoPartitions.map((_, code) => cases.partitions[code]?.map(sliceOf)));
});

describe("assignments", () => {
	test.each(cases.optimise)("of $case.jobs", ({ case: { jobs }, expected }) => {
		const given = jobs.map((name) => ({ name }));
		agree(bestAssignment(given, timesOf, "mean slow-down"), expected.mean_slowdown, "mean_slowdown");
		agree(bestAssignment(given, timesOf, "STP"), expected.stp, "stp");
		if (expected.max_new_slice !== undefined)
			expect(largestNewSlice(given.map(timesOf))).toBe(
				expected.max_new_slice === null ? undefined : sliceOf(expected.max_new_slice),
			);
	});
});

describe("idle slices", () => {
	test.each(cases.idle)("$case", ({ case: given, expected }) => {
		const partition = given.partition.map(sliceOf);
		const placed = given.jobs.map((name) => (name === null ? undefined : { name }));
		agree(bestAssignment(activeJobs(placed), timesOf, "mean slow-down"), expected.repartition, "mean_slowdown");
		const fewest = fewestMigrations(partition, placed, timesOf);
		agree(fewest, expected.fewest_migrations, "mean_slowdown");
		if (fewest.status === "optimal") expect(fewest.migrated).toHaveLength(expected.fewest_migrations.migrations);
		expect(staticPromotion(partition, placed).map(({ job, ...rest }) => ({ job: job.name, ...rest }))).toEqual(
			expected.static_promotion,
		);
	});
});
