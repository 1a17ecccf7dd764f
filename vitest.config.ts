import { defineConfig } from "vitest/config";
import { progress } from "./test/progress.js";
import { LongestFirst } from "./test/schedule.js";

const under = (...names: string[]) => names.map((name) => `test/${name}/**/*.test.ts`);

/** What reads clocks and meters, or serves at a rate: its joules and latencies need a machine that is not busy otherwise. */
const metered = under("energy", "inference", "measurement");
/** What mostly waits, for servers and children; all else computes. */
const waiting = under("python", "ipa-plugin");

/** Where the results go as JSON, if anywhere: `make test` names the file that .ci/run reads. */
const results = process.env.TEST_RESULTS;
const asJson: ["json", { outputFile: string }][] = results === undefined ? [] : [["json", { outputFile: results }]];

export default defineConfig({
	test: {
		globalSetup: ["test/build.ts"],
		maxConcurrency: 2,
		// A timeout is no assertion: on a busy machine a test takes many times what it needs alone.
		testTimeout: 240_000,
		hookTimeout: 240_000,
		sequence: { sequencer: LongestFirst },
		reporters: [["default", { summary: false }], progress(), ...asJson],
		// The metered ones come first and by themselves, two at a time: beside tests that compute they fail, though nothing is wrong.
		projects: [
			{ extends: true, test: { name: "metered", include: metered, maxWorkers: 3, sequence: { groupOrder: 0 } } },
			{ extends: true, test: { name: "waiting", include: waiting, maxWorkers: 3, sequence: { groupOrder: 1 } } },
			{
				extends: true,
				test: {
					name: "computing",
					maxWorkers: 3,
					sequence: { groupOrder: 1 },
					include: ["test/**/*.test.ts"],
					exclude: [...metered, ...waiting],
					isolate: false,
					setupFiles: ["test/polite.ts"],
				},
			},
		],
	},
});
