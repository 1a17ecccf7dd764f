import { readCsv } from "../datasets/csv.js";
import { numberField, textField } from "../datasets/field.js";

/** A predictor's error as IPA's paper states it. */
export interface PublishedSmape {
	readonly predictor: string;
	readonly smape_pct: number;
	/** What the paper says, or does not say, of the loads that it was computed over. */
	readonly stated_over: string;
	/** Repository, commit, page and section. */
	readonly source: string;
}

/** Reads data/raw/ipa-paper/ipa-predictor-smape.csv. Throws InputError with the line of a bad row. */
export async function readPublishedSmape(file: string): Promise<PublishedSmape[]> {
	const { rows } = await readCsv(file);
	return rows.map((row) => ({
		predictor: textField(row, "predictor"),
		smape_pct: numberField(row, "smape_pct", "not negative"),
		stated_over: textField(row, "stated_over"),
		source: textField(row, "source"),
	}));
}
