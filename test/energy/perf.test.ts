import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { perfProbe } from "../../src/energy/perf.js";
import { parsePerfCsv, parsePerfJson } from "../../src/energy/perfOutput.js";
import { realTime } from "../realTime.js";
import { fakeTool } from "./fakeTool.js";

// As perf 6 prints it, with the fields of --per-socket.
const json = (event: string, value: string, more = "", socket = "S0", counters = 1) =>
	`{"socket" : "${socket}", "aggregate-number" : ${counters}, "counter-value" : "${value}", "unit" : "Joules", "event" : "power/energy-${event}/", "event-runtime" : 1001343899, "pcnt-running" : 100.00${more}}`;
const packages = `${json("pkg", "85.170012")}\n${json("pkg", "64.5", "", "S1")}`;
const all = `${packages}\n${json("ram", "10.25")}\n${json("ram", "9.5", "", "S1")}`;

/** A perf that prints `output` on stderr when its command has ended, as the real one does. */
const printing = (output: string, before = "") =>
	fakeTool(
		"perf",
		`fs.writeFileSync(__filename + ".env", String(process.env.LC_ALL));
const end = args.indexOf("--");
fs.writeFileSync(__filename + ".args", JSON.stringify(args.slice(0, end)));
${before}
const code = await run(args[end + 1], args.slice(end + 2));
if (code === "ENOENT") { process.stderr.write("Workload failed: No such file or directory\\n"); process.exit(255); }
process.stderr.write(${JSON.stringify(output)} + "\\n");
process.exitCode = code;`,
	);
const failing = (message: string, code: number) =>
	fakeTool("perf", `process.stderr.write(${JSON.stringify(message)} + "\\n"); process.exit(${code});`);

async function both(command: string) {
	const probe = perfProbe({ command });
	const detection = await probe.detect();
	const run = await probe.start();
	return { detection, outcome: await run.stop() };
}

describe("perf", realTime, () => {
	test("two sockets with DRAM, as JSON: four domains in the total", async () => {
		const { command } = printing(`# started on Tue Nov 24 01:00:00 2026\n\n${all}\n`);
		const { detection, outcome } = await both(command);
		expect(detection).toMatchObject({ status: "available", covers: ["package", "dram"] });
		expect(outcome).toMatchObject({ status: "reading", covers: ["package", "dram"], duration_s: 1.001343899 });
		if (outcome.status === "reading") {
			expect(outcome.energy_j).toBeCloseTo(85.170012 + 64.5 + 10.25 + 9.5, 9);
			expect(outcome.domains.map(({ domain }) => domain)).toEqual(["package-0", "package-1", "dram-0", "dram-1"]);
		}
		expect(readFileSync(`${command}.env`, "utf8")).toBe("C");
	});

	test("runs over the window, not before nor after it", async () => {
		const marks = fakeTool(
			"perf",
			`const began = performance.now();
const end = args.indexOf("--");
await run(args[end + 1], args.slice(end + 2));
fs.writeFileSync(__filename + ".ran", String((performance.now() - began) / 1000));
process.stderr.write(${JSON.stringify(all)} + "\\n");`,
		);
		const run = await perfProbe({ command: marks.command }).start();
		await sleep(400);
		expect((await run.stop()).status).toBe("reading");
		const ran = Number(readFileSync(join(marks.folder, "perf.ran"), "utf8"));
		expect(ran).toBeGreaterThan(0.4);
		expect(ran).toBeLessThan(0.8);
	});

	test("without an event for DRAM: packages alone, and the reading says so", async () => {
		const { command } = printing(
			packages,
			`if (args[args.indexOf("-e") + 1].includes("energy-ram")) {
	process.stderr.write("event syntax error: '..nergy-pkg/,power/energy-ram/'\\n  \\\\___ unknown term 'energy-ram' for pmu 'power'\\n");
	process.exit(129);
}`,
		);
		const { detection, outcome } = await both(command);
		expect(detection).toMatchObject({ covers: ["package"] });
		expect(outcome).toMatchObject({ energy_j: 85.170012 + 64.5, covers: ["package"] });
	});

	test("before 6.0, without -j: comma-separated values of two decimals", async () => {
		const csv = [
			"S0,1,85.17,Joules,power/energy-pkg/,1001343899,100.00,,",
			"S0,1,10.25,Joules,power/energy-ram/,1001343899,100.00,,",
		].join("\n");
		const { command } = printing(
			csv,
			"if (args.includes('-j')) { process.stderr.write(\"  Error: unknown switch `j'\\n\"); process.exit(129); }",
		);
		const { outcome } = await both(command);
		expect(outcome).toMatchObject({ status: "reading", energy_j: 85.17 + 10.25 });
		if (outcome.status === "reading") expect(outcome.domains[1]?.resolution_j).toBeGreaterThanOrEqual(0.01);
		expect(JSON.parse(readFileSync(`${command}.args`, "utf8"))).toContain("-x,");
	});

	test("6.17 and newer call the number of counters by another name", async () => {
		const { outcome } = await both(printing(all.replaceAll("aggregate-number", "counters")).command);
		expect(outcome).toMatchObject({ status: "reading", covers: ["package", "dram"] });
		if (outcome.status === "reading") expect(outcome.energy_j).toBeCloseTo(85.170012 + 64.5 + 10.25 + 9.5, 9);
	});

	describe("with several counters in a socket", () => {
		const summed = [json("pkg", "40.6", "", "S0", 2), json("ram", "6", "", "S0", 2)].join("\n");
		/** A perf that knows --per-die: the packages of two dies, and their DRAM. */
		const perDie = (second: string, memory = "2.9") => {
			const die = (event: string, value: string, place: string) =>
				json(event, value, "", place).replace('"socket"', '"die"');
			const lines = [die("pkg", "20.3", "S0-D0"), die("pkg", second, "S0-D1"), die("ram", "3", "S0-D0")];
			return printing(
				summed,
				`if (args.includes("--per-die")) {
	const code = await run(args[end + 1], args.slice(end + 2));
	process.stderr.write(${JSON.stringify(`${[...lines, die("ram", memory, "S0-D1")].join("\n")}\n`)});
	process.exit(code);
}`,
			).command;
		};
		test("each die is asked for: dies of their own are summed", async () => {
			const { detection, outcome } = await both(perDie("24.5"));
			expect(detection).toMatchObject({ detail: expect.stringContaining("--per-die") });
			expect(outcome).toMatchObject({ status: "reading", caveats: [] });
			if (outcome.status !== "reading") return;
			expect(outcome.energy_j).toBeCloseTo(20.3 + 24.5 + 3 + 2.9, 9);
			expect(outcome.domains.map(({ domain }) => domain)).toEqual([
				"package-0-die-0",
				"package-0-die-1",
				"dram-0-die-0",
				"dram-0-die-1",
			]);
		});
		test("dies that counted the same are refused: twice one counter is a silent factor of two", async () =>
			// 10 mJ apart, of 20 mJ that an update of 1 ms is; the sum would be 40.6 J for 20.3 J.
			expect((await both(perDie("20.310000"))).outcome).toMatchObject({
				status: "refused",
				cause: "overlapping-domains",
				reason: expect.stringContaining("S0-D0, S0-D1"),
			}));
		test("so are dies of which the memory alone did", async () =>
			expect((await both(perDie("24.5", "3"))).outcome).toMatchObject({
				status: "refused",
				cause: "overlapping-domains",
			}));
		test("a perf without --per-die sums them, and says that they may be one", async () => {
			const old =
				"if (args.includes('--per-die')) { process.stderr.write(\"  Error: unknown option `per-die'\\n\"); process.exit(129); }";
			const { outcome } = await both(
				printing([json("pkg", "20", "", "S0", 2), json("ram", "3")].join("\n"), old).command,
			);
			// Two counters ran half of the 1.0013 s each; DRAM's one ran all of it.
			expect(outcome).toMatchObject({ caveats: [expect.stringContaining("2 dies")], duration_s: 1.001343899 });
		});
	});
});

describe("perf that gives no joules", () => {
	const refusals: [string, string, { command: string }, RegExp | undefined][] = [
		["absent", "no such program", { command: "/no/such/perf" }, /apt-get install/],
		[
			"not-supported",
			"no power events",
			failing("event syntax error: 'power/energy-pkg/'\n \\___ Cannot find PMU `power'. Missing kernel support?", 129),
			undefined,
		],
		[
			"no-access",
			"not root",
			failing("Error:\nAccess to performance monitoring and observability operations is limited.", 255),
			/sysctl kernel.perf_event_paranoid=0/,
		],
		[
			"not-supported",
			"<not supported>",
			printing(`${json("pkg", "<not supported>")}\n${json("ram", "<not supported>")}`),
			undefined,
		],
		["not-counted", "<not counted>", printing(`${json("pkg", "<not counted>")}\n${json("ram", "1")}`), undefined],
		["malformed", "a comma for the decimals", printing(`${json("pkg", "85,170012")}\n${json("ram", "1")}`), undefined],
		["malformed", "half a line", printing(`${all.slice(0, 90)}`), undefined],
		["malformed", "an event that is missing", printing(json("pkg", "85.1")), undefined],
		["malformed", "another unit", printing(all.replaceAll("Joules", "Watts")), undefined],
		["not-counted", "a counter that shared its time", printing(all.replaceAll("100.00", "49.98")), undefined],
		["command-failed", "anything else", failing("Segmentation fault", 139), undefined],
	];
	test.each(refusals)("%s: %s", async (cause, _, { command }, remedy) => {
		const { detection, outcome } = await both(command);
		expect(detection).toMatchObject({ status: "unavailable", cause });
		expect(outcome).toMatchObject({ status: "refused", probe: "perf", cause });
		if (remedy !== undefined) expect(detection).toMatchObject({ remedy: expect.stringMatching(remedy) });
	});

	test("0 J of a window", async () =>
		expect((await both(printing(`${json("pkg", "0.000000")}\n${json("ram", "1")}`).command)).outcome).toMatchObject({
			status: "refused",
			cause: "zero",
		}));

	test("a perf that fails in the window, after it was found to work", async () => {
		const { command } = printing(all, "if (args.at(-1) === 'cat') process.exit(255);");
		const { detection, outcome } = await both(command);
		expect(detection.status).toBe("available");
		expect(outcome).toMatchObject({ status: "refused", cause: "command-failed" });
	});
});

test("the recorded lines of perf's manual and sources", () => {
	// Without --per-socket there is no socket, and the count is not taken for one.
	expect(parsePerfJson('{"counter-value" : "85.170012", "unit" : "Joules"}').status).toBe("malformed");
	expect(parsePerfCsv("S0,1,<not supported>,,power/energy-pkg/,0,100.00,,")).toMatchObject({
		counts: [{ value: "<not supported>", event: "power/energy-pkg/", runtime_s: 0 }],
	});
	expect(parsePerfCsv("WARNING: something,else\n\n")).toEqual({ status: "counts", counts: [] });
});
