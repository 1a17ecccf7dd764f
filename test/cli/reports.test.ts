import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "ein bericht ü-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in an empty folder, with its report; the page's text and the command's JSON answer. */
function reported(name: string, argv: readonly string[], input = "") {
	const { status, stdout, stderr } = spawnSync(
		"node",
		[join(packageRoot, "dist/cli/main.js"), ...argv, "--json", "--quiet", "--report", `${name}.html`],
		{ cwd: folder, encoding: "utf8", input, maxBuffer: 2 ** 26 },
	);
	expect([status, stderr]).toEqual([0, ""]);
	expect(existsSync(join(folder, `${name}.ipynb`))).toBe(true);
	const page = readFileSync(join(folder, `${name}.html`), "utf8");
	const body = page.slice(page.indexOf("<body"));
	const text = body.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, "").replace(/<[^>]+>/g, " ");
	return { page, text: text.replace(/&#39;/g, "'").replace(/\s+/g, " "), answer: stdout };
}

const own = "hardware,device,variant,allocation,batch,kind,latency_s,throughput_rps,energy_j_per_request\n";
/** Two variants at three batches, energy in proportion to time: too few to decide anything. */
const rows = [1, 2].flatMap((size) =>
	[1, 4, 16].map((batch) => ({ variant: `v${size}`, batch, ms: 100 * size * batch ** 0.9 })),
);

describe("evaluate", () => {
	const labels = (json: string) =>
		(JSON.parse(json).labels as Record<string, unknown>[]).map(
			({ knob, device, band, accounting, label, metric, share }) => ({
				knob,
				device,
				band,
				accounting,
				label,
				metric,
				share,
			}),
		);
	const evaluated = (path: string) => {
		const { stdout } = spawnSync(
			"node",
			[join(packageRoot, "dist/cli/main.js"), "evaluate", path, "--json", "--quiet"],
			{
				cwd: folder,
				encoding: "utf8",
				maxBuffer: 2 ** 26,
			},
		);
		return labels(stdout);
	};
	test("of a table with columns of its own: the page's notebook reads the mapped cells, and says the same", {
		timeout: 300_000,
	}, () => {
		writeFileSync(
			join(folder, "lab.csv"),
			`Box,Model,B,Time,Joules\n${rows.map(({ variant, batch, ms }) => `lab,${variant},${batch},${ms},${(30 * ms) / 1000 / batch}`).join("\n")}\n`,
		);
		const map =
			"hardware=Box,variant=Model,batch=B,latency=Time:ms,energy=Joules,allocation==2,device==cpu,kind==measured";
		const { text, answer } = reported("mapped", ["evaluate", "lab.csv", "--map", map]);
		const { datasets, answer: sentences } = JSON.parse(answer);
		expect(datasets[0]).toMatchObject({ dataset: "lab", cells: 6 });
		expect(text).toContain((sentences as string[]).at(-1)?.split(":")[0]);
		expect(evaluated("mapped-data/lab")).toEqual(labels(answer));
		expect(readFileSync(join(folder, "mapped-data/lab/provenance.yaml"), "utf8")).toContain(
			"latency_s is column Time, ms",
		);
	});
	test("of standard input", { timeout: 300_000 }, () => {
		const table = `${own}${rows.map(({ variant, batch, ms }) => `lab,cpu,${variant},2,${batch},measured,${ms / 1000},${(1000 * batch) / ms},${(30 * ms) / 1000 / batch}`).join("\n")}\n`;
		const { text, answer } = reported("piped", ["evaluate", "-"], table);
		expect(text).toContain("The 1 data sets, with what of each is used");
		expect(evaluated("piped-data/standard-input")).toEqual(labels(answer));
	});
});

describe("adapt", () => {
	test("on a load of one's own: the page has each system's figures; no energy is told in words", {
		timeout: 300_000,
	}, () => {
		writeFileSync(
			join(folder, "rates.csv"),
			`requests\n${Array.from({ length: 300 }, (_, s) => 5 + (s % 7)).join("\n")}\n`,
		);
		const { text, answer } = reported("load", ["adapt", "--trace", "rates.csv", "--predictor", "reactive"]);
		const systems = JSON.parse(answer) as {
			system: string;
			outcome: { status: string; served?: { core_seconds: number }; reason?: string };
		}[];
		expect(systems.map(({ system }) => system)).toContain("ipa");
		for (const { system, outcome } of systems)
			expect(text).toMatch(
				outcome.served === undefined
					? new RegExp(`${system} [– ]+${outcome.reason}`)
					: new RegExp(`${system} \\d+ [\\d.]+ [\\d.]+ ${String(Number(outcome.served.core_seconds.toPrecision(4)))} `),
			);
		expect(text).toContain("video over rates.csv, reactive");
		expect(text).toMatch(/Unavailable : /);
	});
});

describe("deployment", () => {
	test("of one log: its page has the run; what it does not have is told in words", { timeout: 300_000 }, () => {
		// A node at 50 W, whose power rises by 30 W with the load from second 60 to 360.
		const log = Array.from(
			{ length: 420 },
			(_, s) => `${s + 1}.000 ${50 + (s >= 60 && s < 360 ? 30 : 0)}.00 Joules power/energy-pkg/`,
		);
		writeFileSync(join(folder, "run.txt"), `# started on Mon Nov 24 10:00:00 2025\n\n${log.join("\n")}\n`);
		writeFileSync(join(folder, "sent.txt"), `${Array.from({ length: 300 }, () => 10).join("\n")}\n`);
		const { text, answer } = reported("served", ["deployment", "run.txt", "--trace", "sent.txt", "--resamples", "50"]);
		const [run] = JSON.parse(answer).runs;
		expect(run.load_w).toBeCloseTo(80, 0);
		expect(text).toMatch(/run run sent.txt [– ]*60 power 50 80 80 /);
		expect(text).toMatch(/Were the decisions acted on\? .*Unavailable : no adapter's decisions were given/);
		expect(text).toMatch(/What the power is made of .*Unavailable/);
	});
});

describe("footprint", () => {
	test("of a table's cells: grams of each, and the parts that they rest on", { timeout: 300_000 }, () => {
		writeFileSync(join(folder, "cells.csv"), `${own}box,cpu,a,1,1,measured,0.1,10,2\nbox,cpu,b,1,1,measured,0.2,5,4\n`);
		const { text, page, answer } = reported("grams", ["footprint", "cells.csv", "--intensity", "300"]);
		const footprints = JSON.parse(answer) as { name: string; per1000: { sci_g: { factor: { value: number } } } }[];
		expect(footprints).toHaveLength(2);
		for (const { name, per1000 } of footprints)
			expect(text).toMatch(new RegExp(`${name} [\\d.]+ ${String(Number(per1000.sci_g.factor.value.toPrecision(4)))}`));
		expect(page).toContain("gCO2e of 1,000 requests");
	});
	test("without a place there is no figure, and the reason in its place", { timeout: 300_000 }, () => {
		const { text } = reported("nowhere", ["footprint", "cells.csv"]);
		expect(text).toContain("Unavailable : no place: name --zone or --intensity");
	});
});

describe("calibrate", () => {
	test("a replay: its page has the methods' tables, and says that it is no plan's", { timeout: 300_000 }, () => {
		const argv = [
			"--replay",
			join(packageRoot, "data/raw/gaissa-slm"),
			"--seeds",
			"1",
			"--cells",
			"4",
			"--method",
			"random,knowledge-gradient",
		];
		const { text, answer } = reported("replayed", ["calibrate", ...argv]);
		const { population, cells } = JSON.parse(answer);
		expect(text).toContain(`${population} ${cells} 1 `);
		expect(text).toContain("Unavailable : these are replays");
	});
});
