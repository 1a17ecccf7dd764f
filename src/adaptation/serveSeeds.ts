import { serveOptions } from "./compareSystems.js";
import type { WindowRun, WindowStudy } from "./compareWindows.js";
import { type Served, serve } from "./serve.js";

/**
 * The same decisions served again with arrivals of other seeds: how far a result hangs on when within their second the
 * requests come. Loads by the second, and so decisions, do not depend on the seed.
 *
 * @throws RangeError where the system was not served
 */
export function serveSeeds(
	study: WindowStudy,
	{ perSecond, rows, window }: WindowRun,
	name: string,
	seeds: readonly number[],
): Served[] {
	const outcome = rows.find(({ system }) => system === name)?.outcome;
	if (outcome?.status !== "served")
		throw new RangeError(`${name}, ${window}: ${outcome === undefined ? "was not run" : outcome.reason}`);
	const { steps } = outcome;
	return seeds.map((seed) => serve(perSecond, steps, serveOptions(study, { ...study.options, seed })));
}
