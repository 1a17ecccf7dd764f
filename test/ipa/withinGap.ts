import { expect } from "vitest";

/** Gurobi stops at a relative gap of 1e-4: which of the solutions within it is returned follows from nothing of ours. */
export function expectWithinGap({ published, ipa }: { readonly published?: number; readonly ipa: number }): void {
	if (published === undefined) throw new Error("the published model has no feasible configuration");
	expect(ipa).toBeLessThanOrEqual(published + 1e-9);
	expect(published - ipa).toBeLessThanOrEqual(1e-4 * Math.abs(published));
}
