import { type PublishedFigure, publishedFigures } from "../levers/publishedLevers.js";
import { answer, describeCommand, jsonOption } from "./command.js";

export const leversCommand = describeCommand({
	about:
		"Published figures of time, place, sharing, scaling and directives (Let's Wait Awhile, MISO, Sponge, SPROUT, nebuly nos), each beside ours: the tolerance, and whether it holds or why not.",
	examples: ["", "--json"],
	options: jsonOption,
	exits: { 4: "a figure fails its tolerance" },
	run: async ({ values }) => {
		const figures = await publishedFigures();
		answer(values.json, figures, () => text(figures));
		return figures.some(({ status }) => status === "fail") ? 4 : 0;
	},
});

function text(figures: readonly PublishedFigure[]): string {
	const number = (value: number | undefined) => (value === undefined ? "-" : String(Number(value.toPrecision(4))));
	const lines = figures.map(({ system, figure, unit, published, ours, tolerance, status, reason }) => {
		const within = tolerance === undefined ? "" : ` (within ${number(tolerance)})`;
		const why = reason === undefined ? "" : `: ${reason}`;
		return `${system}, ${figure}: published ${number(published)}${unit === "1" ? "" : ` ${unit}`}, ours ${number(ours)}${within}: ${status}${why}`;
	});
	const count = (status: PublishedFigure["status"]) => figures.filter((each) => each.status === status).length;
	return `${lines.join("\n")}\n\n${count("pass")} hold, ${count("fail")} fail, ${count("not comparable")} not comparable, ${count("not reproducible")} not reproducible`;
}
