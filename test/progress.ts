import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { expectedSeconds } from "./schedule.js";

/**
 * Says every fifteen seconds, in a plain line, how far a run is, how much time is left and what runs now. The time left is
 * that of the files that remain, at the speed of those that are done.
 */
export function progress(every_ms = 15_000): Reporter {
	const left = new Set<TestModule["moduleId"]>();
	const running = new Map<string, TestModule>();
	let began = 0;
	let files = 0;
	let whole_s = 0;
	let done_s = 0;
	const tests = { passed: 0, failed: 0 };
	let timer: NodeJS.Timeout | undefined;
	const say = () => {
		const spent_s = (performance.now() - began) / 1000;
		const rest = done_s === 0 ? "" : `, about ${inMinutes((spent_s * (whole_s - done_s)) / done_s)} left`;
		const now = [...running.keys()].map((file) => relative("test", file)).join(", ");
		console.log(
			`progress: ${files - left.size} of ${files} files, ${tests.passed} tests passed, ${tests.failed} failed, ${inMinutes(spent_s)} spent${rest}; now ${now}`,
		);
	};
	return {
		onTestRunStart(specifications) {
			for (const each of specifications) {
				left.add(each.moduleId);
				whole_s += expectedSeconds(each);
			}
			files = left.size;
			began = performance.now();
			timer = setInterval(say, every_ms);
		},
		onTestModuleStart(module) {
			running.set(module.moduleId, module);
		},
		onTestCaseResult(test) {
			const { state } = test.result();
			if (state === "passed" || state === "failed") tests[state] += 1;
		},
		onTestModuleEnd(module) {
			running.delete(module.moduleId);
			if (left.delete(module.moduleId)) done_s += expectedSeconds(module);
		},
		onTestRunEnd() {
			clearInterval(timer);
		},
	};
}

function inMinutes(time_s: number): string {
	const rounded = Math.round(time_s);
	return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")} min`;
}
