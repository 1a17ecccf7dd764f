import { defineConfig } from "vitest/config";
import { progress } from "./test/progress.js";
import { LongestFirst } from "./test/schedule.js";

/** What mostly waits, for clocks, meters, servers and killed children; all else computes. */
const waiting = ["energy", "inference", "measurement", "python", "ipa-plugin"].map(
	(name) => `test/${name}/**/*.test.ts`,
);

/** Where the results go as JSON, if anywhere: `make test` names the file that .ci/run reads. */
const results = process.env.TEST_RESULTS;
const asJson: ["json", { outputFile: string }][] = results === undefined ? [] : [["json", { outputFile: results }]];

export default defineConfig({
	test: {
		globalSetup: ["test/build.ts"],
		// One more than two cores: half of the tests wait. More would make the load that real-time tests cannot stand.
		maxWorkers: 3,
		maxConcurrency: 2,
		// A timeout is no assertion: on a busy machine a test takes many times what it needs alone.
		testTimeout: 240_000,
		hookTimeout: 240_000,
		sequence: { sequencer: LongestFirst },
		reporters: [["default", { summary: false }], progress(), ...asJson],
		projects: [
			{ extends: true, test: { name: "waiting", include: waiting } },
			{
				extends: true,
				test: {
					name: "computing",
					include: ["test/**/*.test.ts"],
					exclude: waiting,
					isolate: false,
					setupFiles: ["test/polite.ts"],
				},
			},
		],
	},
});
