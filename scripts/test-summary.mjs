// test-summary.mjs RESULTS CODE: the last line of a check, "N passed, N failed", from vitest's JSON report. Ends with 1
// where the runner failed (CODE), a test failed, a file did not load, or no test ran.
import { existsSync, readFileSync } from "node:fs";

const [file, code] = process.argv.slice(2);
const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { testResults: [] };
const tests = results.testResults.flatMap((suite) => suite.assertionResults);
const unloaded = results.testResults.filter(
	(suite) => suite.status === "failed" && suite.assertionResults.length === 0,
);
const passed = tests.filter(({ status }) => status === "passed").length;
const failed = tests.filter(({ status }) => status === "failed").length + unloaded.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = code === "0" && failed === 0 && passed > 0 ? 0 : 1;
