import { describe, expect, test } from "vitest";
import { type DomainEnergy, readingOf, refuse } from "../../src/energy/reading.js";

const domain = (given: Partial<DomainEnergy>): DomainEnergy => ({
	domain: "package-0",
	covers: "package",
	energy_j: 10,
	resolution_j: 0.5,
	wraps: 1,
	inTotal: true,
	...given,
});
const reading = (domains: readonly DomainEnergy[], duration_s = 4) =>
	readingOf("p", { domains, totalRule: "all", duration_s, samples: 3 });

describe("a reading", () => {
	test("sums energy, resolution and wraps of what is in the total alone", () =>
		expect(
			reading([
				domain({}),
				domain({ domain: "dram-0", covers: "dram", energy_j: 2, resolution_j: 0.25, wraps: 0 }),
				domain({ domain: "package-1", energy_j: 7, wraps: 2 }),
				domain({ domain: "psys", covers: "psys", energy_j: 40, resolution_j: 9, wraps: 5, inTotal: false }),
			]),
		).toMatchObject({
			status: "reading",
			energy_j: 19,
			resolution_j: 1.25,
			wraps: 3,
			covers: ["package", "dram"],
			duration_s: 4,
			kind: "measured",
		}));
	test("what is not in the total may be 0", () =>
		expect(reading([domain({}), domain({ domain: "psys", energy_j: 0, inTotal: false })])).toMatchObject({
			energy_j: 10,
		}));
	test("of nothing is refused, and so is one of domains that make no total", () => {
		expect(reading([])).toMatchObject({ status: "refused", cause: "absent" });
		expect(reading([domain({ inTotal: false })])).toMatchObject({ status: "refused", cause: "absent" });
	});
	test("one domain of the total that is no energy refuses all of it", () => {
		const cause = (energy_j: number) => reading([domain({}), domain({ domain: "dram-0", energy_j })]);
		expect(cause(0)).toMatchObject({ cause: "zero", reason: expect.stringContaining("dram-0") });
		expect(cause(-1e-9)).toMatchObject({ cause: "negative" });
		expect(cause(Number.NaN)).toMatchObject({ status: "refused" });
		expect(cause(Number.POSITIVE_INFINITY)).toMatchObject({ cause: "malformed" });
	});
	test("half a joule in half a second is one", () =>
		expect(reading([domain({ energy_j: 0.5 })], 0.5)).toMatchObject({ status: "reading", energy_j: 0.5 }));
	test("a window without a length is refused", () => {
		for (const duration_s of [0, -1, Number.NaN])
			expect(reading([domain({})], duration_s)).toMatchObject({ status: "refused", cause: "clock-went-back" });
	});
});

test("a refusal has a remedy, or no field of one", () => {
	expect(refuse("p", "absent", "why", "how")).toEqual({
		status: "refused",
		probe: "p",
		cause: "absent",
		reason: "why",
		remedy: "how",
	});
	expect(Object.keys(refuse("p", "absent", "why"))).not.toContain("remedy");
});
