import { expect, test } from "vitest";
import { showMarkdown } from "../../src/report/show.js";

test("outside of a notebook, showing says what a program can do instead", () => {
	expect(() => showMarkdown("text")).toThrow(/in a notebook alone \(make lab\)/);
});
