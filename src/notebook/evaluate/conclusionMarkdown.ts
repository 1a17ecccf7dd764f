import type { Evaluation } from "../../evaluation/evaluate.js";

/** The answer as Markdown: the verdict first, then what it rests on. */
export function conclusionMarkdown({ conclusion, settings }: Evaluation): string {
	const { verdict, because, joint, regret } = conclusion;
	return [
		`> **Verdict: ${verdict}.** ${sentence(because)}`,
		"",
		`- All metrics together: **${joint.verdict}**. Out-of-sample R²: ${joint.because}.`,
		`- Energy left on the table (90th percentile of the scenarios): ${regret.because}.`,
		`- Intervals at ${100 * settings.level} %, ${settings.resamples} resamples, seed ${settings.seed}. Measured and digitised energies alone; barred data sets are shown and do not count.`,
	].join("\n");
}

function sentence(text: string): string {
	return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
