import { parseArgs } from "node:util";
import { type PublishedFigure, publishedFigures } from "../levers/publishedLevers.js";

export const leversUsage = `sustainable-ipa levers [--json]
  Published figures of time, place, sharing, scaling and directives (Let's Wait Awhile, MISO, Sponge, SPROUT, nebuly nos),
  each beside ours: the tolerance, and whether it holds or why not. Exit code 4 where one fails.`;

/** Prints the table of published figures. */
export async function leversCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({ args: [...argv], options: { json: { type: "boolean" } } });
	const figures = await publishedFigures();
	process.stdout.write(values.json === true ? `${JSON.stringify(figures, null, 2)}\n` : text(figures));
	return figures.some(({ status }) => status === "fail") ? 4 : 0;
}

function text(figures: readonly PublishedFigure[]): string {
	const number = (value: number | undefined) => (value === undefined ? "-" : String(Number(value.toPrecision(4))));
	const lines = figures.map(({ system, figure, unit, published, ours, tolerance, status, reason }) => {
		const within = tolerance === undefined ? "" : ` (within ${number(tolerance)})`;
		const why = reason === undefined ? "" : `: ${reason}`;
		return `${system}, ${figure}: published ${number(published)}${unit === "1" ? "" : ` ${unit}`}, ours ${number(ours)}${within}: ${status}${why}`;
	});
	const count = (status: PublishedFigure["status"]) => figures.filter((each) => each.status === status).length;
	return `${lines.join("\n")}\n\n${count("pass")} hold, ${count("fail")} fail, ${count("not comparable")} not comparable, ${count("not reproducible")} not reproducible\n`;
}
