import { describe, expect, test } from "vitest";
import { parseSpec, readPipeline } from "../../src/ipa/readPipeline.js";
import { pipelineOptions } from "../../src/pipeline/options.js";
import { optimizePipeline } from "../../src/search/optimum.js";

describe("batching_cap", () => {
	test("takes larger batches from the choice alone: SLA, allocations and fit stay as they are", async () => {
		for (const only_measured_profiles of [true, false]) {
			const spec = { ...(await readPipeline()), only_measured_profiles, arrival_rate_rps: 30 };
			const free = pipelineOptions(spec);
			const capped = pipelineOptions({ ...spec, batching_cap: 4 });
			expect(capped.sla_s).toBe(free.sla_s);
			expect(free.stages[0]?.options.some(({ batch }) => batch > 4)).toBe(true);
			for (const [s, stage] of capped.stages.entries())
				expect(stage.options).toEqual(free.stages[s]?.options.filter(({ batch }) => batch <= 4));
		}
	});

	test("a cap that binds costs in the objective; one at the largest batch changes nothing", async () => {
		const spec = { ...(await readPipeline()), arrival_rate_rps: 30 };
		const objective = (batching_cap?: number) => {
			const found = optimizePipeline(
				pipelineOptions({ ...spec, ...(batching_cap === undefined ? {} : { batching_cap }) }),
			);
			if (found.status !== "optimal") throw new Error(found.status);
			return found.configuration.objective;
		};
		expect(objective(64)).toBe(objective());
		expect(objective(1)).toBeLessThan(objective());
	});

	test("is left alone by what IPA's enumeration does", async () => {
		const spec = { ...(await readPipeline()), semantics: "ipa-e1f08dd" } as const;
		expect(pipelineOptions({ ...spec, batching_cap: 1 }).stages).toEqual(pipelineOptions(spec).stages);
	});

	test("is checked, in a pipeline's JSON too", async () => {
		const spec = await readPipeline();
		expect(() => pipelineOptions({ ...spec, batching_cap: 0 })).toThrow(
			/batching_cap: must be a whole number of 1 or more/,
		);
		const [first, ...rest] = spec.stages;
		const large = { ...first, points: first?.points.filter(({ batch }) => batch > 2) ?? [] } as typeof first;
		expect(() => pipelineOptions({ ...spec, batching_cap: 2, stages: [large, ...rest] as typeof spec.stages })).toThrow(
			/batching_cap: must let stage crop choose its smallest batch of 4, received 2/,
		);
		expect(parseSpec("p.json", JSON.stringify({ ...spec, batching_cap: 8 })).batching_cap).toBe(8);
		expect(() => parseSpec("p.json", JSON.stringify({ ...spec, batching_cap: 0 }))).toThrow(
			/p.json:1:\d+, batching_cap/,
		);
	});
});
