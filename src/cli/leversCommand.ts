import { publishedFigures } from "../levers/publishedLevers.js";
import { leversText } from "../report/comparisonWords.js";
import { answer, describeCommand, jsonOption } from "./command.js";

export const leversCommand = describeCommand({
	about:
		"Published figures of time, place, sharing, scaling and directives (Let's Wait Awhile, MISO, Sponge, SPROUT, nebuly nos), each beside ours: the tolerance, and whether it holds or why not.",
	examples: ["", "--json"],
	options: jsonOption,
	exits: { 4: "a figure fails its tolerance" },
	run: async ({ values }) => {
		const figures = await publishedFigures();
		answer(values.json, figures, () => leversText(figures));
		return figures.some(({ status }) => status === "fail") ? 4 : 0;
	},
});
