import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runPython } from "./decide.js";

const read = (...configs: unknown[]) => runPython("settings.py", { configs }) as Record<string, unknown>[];
const under = (sustainable_ipa: unknown) => ({ alpha: 1, beta: 1, sustainable_ipa });

const row = {
	task: "crop",
	variant: "yolov5n",
	cores: 2,
	batch: 4,
	energy_j_per_batch: 1.5,
	idle_power_w: 3,
	kind: "measured",
};
const energy = { energy_j_per_batch: 1.5, idle_power_w: 3, kind: "measured" };

describe("the keys under sustainable_ipa in IPA's configuration", () => {
	test("without them there is no energy: IPA as it is", () => {
		const none = {
			delta: 0,
			prices: null,
			bounds: {},
			energies: [],
			semantics: "published",
			infeasible: "raise",
			command: null,
			timeout_s: 60,
		};
		expect(read(null, { alpha: 1 }, under(null))).toEqual([none, none, none]);
	});

	test("each is read; energies from rows and from a CSV file are the same", () => {
		const folder = mkdtempSync(join(tmpdir(), "energies-"));
		const file = join(folder, "energies.csv");
		writeFileSync(
			file,
			"task,variant,cores,batch,energy_j_per_batch,idle_power_w,kind,energy_se_j_per_batch,idle_kind\n" +
				"crop,yolov5n,2,4,1.5,3,measured,,\ncrop,yolov5n,2,8,2.5,3,digitised,0.1,modelled\n",
		);
		const rest = { energy_se_j_per_batch: 0.1, idle_kind: "modelled" };
		const rows = [row, { ...row, batch: 8, energy_j_per_batch: 2.5, kind: "digitised", ...rest }];
		const given = {
			delta: 0.5,
			bounds: { max_power_w: 40, min_accuracy: 0.5 },
			semantics: "ipa-e1f08dd",
			infeasible: "empty",
			command: "node 'a b.js'",
			timeout_s: 5,
		};
		const expected = {
			...given,
			command: ["node", "a b.js"],
			prices: null,
			energies: [
				["crop", "yolov5n", 2, 4, energy],
				["crop", "yolov5n", 2, 8, { energy_j_per_batch: 2.5, idle_power_w: 3, kind: "digitised", ...rest }],
			],
		};
		expect(read(under({ ...given, energy_profiles: rows }), under({ ...given, energy_profiles: file }))).toEqual([
			expected,
			expected,
		]);
		expect(read(under({ prices: { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 } }))).toMatchObject([
			{ delta: 0, prices: { eur_per_kwh: 0.3, eur_per_core_hour: 0.04 } },
		]);
	});

	test("from the YAML file itself, with the path of the energies from its folder", ({ skip }) => {
		const folder = mkdtempSync(join(tmpdir(), "yaml-"));
		const file = join(folder, "ipa.yaml");
		writeFileSync(join(folder, "e.csv"), `${Object.keys(row).join(",")}\n${Object.values(row).join(",")}\n`);
		writeFileSync(file, "alpha: 10\nsustainable_ipa:\n  delta: 0.5\n  energy_profiles: e.csv\n");
		const [settings, missing] = read(file, join(folder, "no.json"));
		expect(missing?.error).toContain("no.json cannot be read");
		if (settings?.error !== undefined) {
			expect(settings.error).toContain("pip install pyyaml");
			return skip("PyYAML is not installed for this Python");
		}
		expect(settings).toMatchObject({ delta: 0.5, energies: [["crop", "yolov5n", 2, 4, energy]] });
		writeFileSync(file, "alpha: [1\n");
		expect(read(file)[0]?.error).toContain("ipa.yaml cannot be read: while parsing");
	});

	test.for([
		["a misspelt key", { detla: 1 }, "sustainable_ipa has no key 'detla'"],
		["a misspelt bound", { bounds: { max_power: 1 } }, "sustainable_ipa.bounds has no key 'max_power'"],
		["text where YAML lost a number", { delta: "1e-6" }, "write 1.0e-6"],
		["a weight below 0", { delta: -1 }, "sustainable_ipa.delta must be a number of 0 or more, not -1"],
		["a number that is a truth value", { timeout_s: true }, "timeout_s must be a number, not True"],
		["two weights of energy", { delta: 1, prices: { eur_per_kwh: 1, eur_per_core_hour: 1 } }, "prices give delta"],
		["another choice", { infeasible: "ignore" }, "must be one of raise, empty, not 'ignore'"],
		["no command", { command: [] }, "command must be a program"],
		["a command with an open quote", { command: "node 'a" }, `command must be a program, or a list`],
		["not a mapping", [1], "must be a mapping, not [1]"],
		["a file that is not there", { energy_profiles: "no.csv" }, "no.csv cannot be read as CSV"],
		["not rows", { energy_profiles: 3 }, "must be a list of rows or the path of a CSV file"],
		["a missing energy", { energy_profiles: [{ ...row, energy_j_per_batch: null }] }, "row 1 lacks energy_j_per_batch"],
		["an energy of 0", { energy_profiles: [{ ...row, energy_j_per_batch: 0 }] }, "must be a number above 0, not 0"],
		["an energy that is no number", { energy_profiles: [{ ...row, idle_power_w: "n/a" }] }, "not 'n/a'"],
		["a batch between two", { energy_profiles: [{ ...row, batch: 1.5 }] }, "batch must be a whole number"],
		["an unknown kind", { energy_profiles: [{ ...row, kind: "guessed" }] }, "kind must be one of measured"],
		["an unknown field", { energy_profiles: [{ ...row, energy_wh: 1 }] }, "has no field 'energy_wh'"],
		["a cell twice", { energy_profiles: [row, row] }, "row 2 repeats task crop, yolov5n on 2 cores, batch 4"],
	] as const)("%s is an error that names the place", ([, given, message]) => {
		const [answer] = read(under(given));
		expect(answer?.error).toContain(message);
	});
});
