import { beforeAll, describe, expect, test } from "vitest";
import { readEvaluationSettings } from "../../src/datasets/dataFiles.js";
import { readAllEvidence } from "../../src/datasets/readEvidence.js";
import { packageRoot } from "../../src/datasets/root.js";
import { evaluate, type LabelRow, labelRows } from "../../src/evaluation/evaluate.js";
import type { EvidenceCell } from "../../src/evaluation/evidence.js";
import type { OpenReason } from "../../src/evaluation/label.js";
import { type EvaluationSettings, type Thresholds, thresholdsOf } from "../../src/evaluation/settings.js";
import { becauseOf, nextOf } from "../../src/report/labelWords.js";
import { answerSentences } from "../../src/report/studyWords.js";
import { cell, evidence } from "../evaluation/cells.js";

let settings: EvaluationSettings;
let thresholds: Thresholds;
beforeAll(async () => {
	settings = await readEvaluationSettings(`${packageRoot}/data/evaluation.yaml`);
	thresholds = thresholdsOf(settings);
});

type Place = { readonly variant: number; readonly batch: number; readonly machine: number };

/** Variants x batches on machines, with the power and whatever else a test says of a cell. */
function grid(
	variants: number,
	power: (at: Place) => number,
	more: (at: Place) => Partial<EvidenceCell> = () => ({}),
	machines = 1,
) {
	return evidence(
		Array.from({ length: machines }, (_, machine) =>
			Array.from({ length: variants }, (__, variant) =>
				[1, 4, 16].map((batch) => {
					const latency_s = 0.1 * (variant + 1) * batch ** 0.8;
					const throughput_rps = batch / latency_s;
					const at = { variant, batch, machine };
					const where = { hardware: `m${machine}`, population: `m${machine}`, variant: `v${variant}` };
					return cell({
						...where,
						batch,
						latency_s,
						throughput_rps,
						energy_j: power(at) / throughput_rps,
						...more(at),
					});
				}),
			),
		).flat(2),
	);
}

/** The label of a metric over the batch at the limit, and what there is to measure. */
function over(knob: string, metric: string, set: ReturnType<typeof grid>, band = "limit") {
	const rows = labelRows(evaluate([set], settings));
	const row = rows.find(
		(one) => one.knob === knob && one.metric === metric && one.band === band && one.accounting === "dedicated",
	);
	if (row === undefined) throw new Error("no such label");
	return {
		reason: row.reason,
		label: row.label,
		next: nextOf(row, thresholds, rows),
		because: becauseOf(row, thresholds),
	};
}

describe("what to measure next, and that it does decide", () => {
	test("few variants: so many more, and then the label stands", () => {
		const few = over(
			"batch",
			"throughput",
			grid(2, () => 50),
		);
		expect(few).toMatchObject({
			reason: "few-variants",
			next: "measure 4 more variants over the batch size on the same machine",
		});
		expect(
			over(
				"batch",
				"throughput",
				grid(6, () => 50),
			).label,
		).toBe("stands-in");
	});
	test("unknown: the metric that is missing, of so many variants; given, it is another question", () => {
		const missing = over(
			"batch",
			"accuracy",
			grid(6, () => 50),
		);
		expect(missing.reason).toBe("unknown");
		expect(missing.next).toMatch(/^give accuracy for two settings of the batch size of 6 variants/);
		const given = over(
			"batch",
			"accuracy",
			grid(
				6,
				() => 50,
				({ batch }) => ({ accuracy_pct: 50 + batch }),
			),
		);
		expect(given.label).not.toBe("undetermined");
	});
	test("a metric that stands still: settings at which it differs", () => {
		const still = over(
			"batch",
			"accuracy",
			grid(
				6,
				() => 50,
				({ variant }) => ({ accuracy_pct: 50 + variant }),
			),
		);
		expect(still.reason).toBe("stands-still");
		expect(still.next).toMatch(/^measure two settings of the batch size at which accuracy differs, of 6 variants/);
		const moved = over(
			"batch",
			"accuracy",
			grid(
				6,
				() => 50,
				({ variant, batch }) => ({ accuracy_pct: 50 + variant - batch / 20 }),
			),
		);
		expect(moved.reason).not.toBe("stands-still");
	});
	test("noise: repetitions, and four of each cell are enough for energies that lie 4 to 8 % apart", () => {
		const once_run = grid(
			6,
			({ variant, batch }) => ((1 - 0.02 * Math.log2(batch)) * 10 * batch ** 0.2) / (variant + 1),
		);
		const four_runs = {
			...once_run,
			cells: once_run.cells.map((one): EvidenceCell => {
				const { energy } = one;
				if (energy.status === "unavailable") throw new Error(energy.reason);
				const energy_sd_j_per_request = 0.05 * energy.energy_j_per_request;
				return { ...one, repetitions: 4, energy: { ...energy, energy_sd_j_per_request } };
			}),
		};
		const once = over("batch", "throughput", once_run);
		expect([once.reason, once.next]).toEqual([
			"noise",
			expect.stringMatching(
				/^run each cell several times \(one that was run once counts as 5 % uncertain; four runs halve that/,
			),
		]);
		expect(over("batch", "throughput", four_runs).label).toBe("stands-in");
	});
	test("an interval: about how many variants", () => {
		const open = over(
			"batch",
			"throughput",
			grid(8, ({ variant, batch }) => (variant < 1 ? 5 * batch : 50)),
		);
		expect(open.reason).toBe("interval");
		expect(open.next).toMatch(/^measure more variants over the batch size \((about \d+ in all|more than 1000)/);
	});
	test("nothing to compare is no knob that is decided", () => {
		const [sentence, ...more] = answerSentences(
			evaluate(
				[grid(1, () => 50)].map((set) => ({ ...set, cells: set.cells.slice(0, 1) })),
				settings,
			),
			{
				band: "middle",
				accounting: "dedicated",
			},
		);
		expect(sentence).toMatch(/^Nothing could be compared: no two cells .* are the least that can be looked at/);
		expect(more).toEqual([]);
	});
});

describe("every cause of undetermined", () => {
	const causes: Readonly<Record<OpenReason, RegExp>> = {
		unknown: /^give (cost|accuracy|latency|throughput|(core|GPU)-seconds).* of \d+ variants/,
		"stands-still": /^measure two settings of the .* differs, of \d+ variants/,
		"few-variants": /^measure \d+ more variants?/,
		noise: /^run each cell several times .* four runs halve that/,
		interval: /^measure more variants.*\((about \d+ in all would do|more than 1000)/,
		"machines-disagree":
			/^measure \d+ variants.* on the machine that is to run the pipeline: .* \(.+ against the others\)/,
		"idle-power": /^measure idle_power_w of .* with the model loaded and no requests/,
		"metrics-open": /^decide .*, the metric that is open: (measure|run|give) /,
		"formula-open": /^measure (more variants.*\((about \d+|more than 1000)|\d+ cells of other models)/,
	};
	test("in the shipped study has what is missing and a measurement with its size; other labels have none", async () => {
		const rows = labelRows(evaluate(await readAllEvidence(`${packageRoot}/data`), settings));
		const seen = new Set<OpenReason>();
		for (const row of rows) {
			const next = nextOf(row, thresholds, rows);
			if (row.label !== "undetermined") {
				expect(next).toBeUndefined();
				continue;
			}
			const reason = row.reason as OpenReason;
			seen.add(reason);
			expect(next, JSON.stringify(row).slice(0, 300)).toMatch(causes[reason]);
			expect(becauseOf(row, thresholds)).not.toMatch(/undefined|NaN/);
			expect(next).not.toMatch(/undefined|NaN|Infinity/);
		}
		// The ninth needs machines whose idle power turns a label round: none of the shipped ones.
		expect([...seen].sort()).toEqual(
			Object.keys(causes)
				.filter((reason) => reason !== "idle-power")
				.sort(),
		);
		const [first] = rows.filter(({ ends }) => (ends[0]?.machines.length ?? 0) === 1);
		const turned: LabelRow = { ...(first as LabelRow), label: "undetermined", reason: "idle-power" };
		expect(nextOf(turned, thresholds, rows)).toMatch(causes["idle-power"]);
		expect(nextOf(turned, thresholds, rows)).toContain(first?.ends[0]?.machines[0]);
	});
});
