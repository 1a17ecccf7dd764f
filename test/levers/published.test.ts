import { expect, test } from "vitest";
import { publishedFigures } from "../../src/levers/publishedLevers.js";

test("no published figure that has a tolerance lies outside it, and each without says why", {
	timeout: 300_000,
}, async () => {
	const figures = await publishedFigures();
	expect(figures.filter(({ status }) => status === "fail")).toEqual([]);
	expect(figures.filter(({ status }) => status === "pass").length).toBeGreaterThanOrEqual(58);
	for (const { status, reason } of figures) if (status !== "pass") expect(reason).toMatch(/\w+ \w+/);
});
