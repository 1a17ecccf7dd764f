import { execaSync } from "execa";
import { expect, test } from "vitest";

/** A Python that has python-chi, where one is named. */
const python = process.env.CHI_PYTHON ?? "python3";

test("the notebook of a bare-metal node calls steps that there are, and each says what failed and what to do next", () => {
	const lines = execaSync(python, ["test/python/chameleon_steps.py"]).stdout.split("\n");
	expect(lines[0]).toBe("called Settings reserve launch install measure fetch release");
	expect(lines.slice(1, 7)).toEqual([
		"Node.js failed: connection reset by peer. Next: run the cell again: nothing is done twice",
		"measuring failed: connection reset by peer. Next: run the cell again: it goes on after the last finished repetition",
		"packing failed: connection reset by peer. Next: was anything measured? see step 4",
		"Node.js failed: no space left on device. Next: run the cell again: nothing is done twice",
		"measuring failed: no space left on device. Next: run the cell again: it goes on after the last finished repetition",
		"packing failed: no space left on device. Next: was anything measured? see step 4",
	]);
	const rest = lines.slice(7);
	if (process.env.CHI_PYTHON !== undefined) expect(rest).toEqual(["python-chi: every call fits"]);
	else
		for (const line of rest)
			expect(line).toMatch(
				/^python-chi: every call fits$|^python-chi failed: No module named '\w+'\. Next: open this notebook in jupyter\.chameleoncloud\.org/,
			);
});
