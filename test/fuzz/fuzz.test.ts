import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { BaseAllocationError } from "../../src/pipeline/allocation.js";
import { integerBelow, seeded } from "../../src/random.js";
import { mutated } from "./mutate.js";
import { readers } from "./readers.js";

/** Inputs a reader: few where everything is checked, `make fuzz` has 10,000. A run of another seed is another run. */
const runs = Number(process.env.FUZZ_RUNS ?? 120);
const seed = Number(process.env.FUZZ_SEED ?? 1);
const most_s = 1;

const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong with how a reader takes an input: an exception but the named error, too long, or an answer that cannot be. */
async function faultsOf(read: (typeof readers)[number]["read"], bytes: Buffer): Promise<readonly string[]> {
	const begun = process.cpuUsage();
	let found: readonly string[];
	try {
		found = await read(bytes, join(folder, "input"));
	} catch (error) {
		const named = error instanceof InputError || error instanceof BaseAllocationError;
		found = named ? [] : [`${(error as Error).stack}`];
	}
	const { user, system } = process.cpuUsage(begun);
	const taken_s = (user + system) / 1e6;
	return taken_s > most_s ? [...found, `took ${taken_s.toFixed(2)} s`] : found;
}

describe("a reader given damaged input throws the named error or answers within physics, in a second", () => {
	test.each(readers)(
		"$name",
		async ({ name, seeds, read }) => {
			const random = seeded(seed);
			const found: string[] = [];
			let answered = 0;
			for (const bytes of seeds) found.push(...(await faultsOf(read, bytes)));
			for (let run = 0; run < runs; run++) {
				const bytes = mutated(seeds[integerBelow(random, seeds.length)] as Buffer, random);
				const faults = await faultsOf(read, bytes);
				if (faults.length === 0) answered++;
				if (faults.length === 0 || found.length > 5) continue;
				const kept = join(tmpdir(), `fuzz-${name.replace(/\W+/g, "-")}-${seed}-${run}`);
				writeFileSync(kept, bytes);
				found.push(`${kept}: ${faults.join("; ")}`);
			}
			expect(found).toEqual([]);
			expect(answered).toBe(runs);
		},
		3_600_000,
	);

	test("the check itself finds what breaks a rule", async () => {
		const slow = () => {
			for (const end = performance.now() + 1300; performance.now() < end; );
			return [];
		};
		const thrown = () => {
			throw new RangeError("stack");
		};
		const bytes = Buffer.from("x");
		expect(await faultsOf(thrown, bytes)).toEqual([expect.stringContaining("RangeError: stack")]);
		expect(await faultsOf(() => ["-5 J"], bytes)).toEqual(["-5 J"]);
		expect(await faultsOf(() => Promise.reject(new InputError({ file: "f", rule: "r" })), bytes)).toEqual([]);
		// A machine that is busy gives it less than its 1.3 s of CPU now and then.
		expect((await faultsOf(slow, bytes)).length).toBeLessThanOrEqual(1);
	});
});
