import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** About how many seconds the long test files take, on two cores; every other file takes about one. */
const seconds: Readonly<Record<string, number>> = {};

/** About how long a test file takes, s: for the order of the files and the time that is left. */
export function expectedSeconds({ moduleId }: { readonly moduleId: string }): number {
	return seconds[relative("test", moduleId)] ?? 1;
}

/** The notebooks, which compute for minutes, first; beside them what waits for clocks and children; then all else. */
export class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({ moduleId, project }: TestSpecification) =>
			moduleId.endsWith("house/notebooks.test.ts") ? 0 : project.name === "waiting" ? 1 : 2;
		return [...files].sort((a, b) => rank(a) - rank(b) || expectedSeconds(b) - expectedSeconds(a));
	}
}
