import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parsePerfIntervals } from "../../src/energy/perfOutput.js";
import { InputError } from "../../src/errors.js";

const sum = (values: Float64Array | undefined) => (values ?? new Float64Array()).reduce((so, value) => so + value, 0);

test("the field's log: 2387.62 J of packages and 457.38 J of DRAM in 30.5 s, the cut last interval as it is", () => {
	const file = "test/fixtures/field/perf-interval/energy.txt";
	const [recording, ...more] = parsePerfIntervals(file, readFileSync(file, "utf8"));
	expect(more).toEqual([]);
	expect(recording?.started).toBe("Mon Jan  1 00:00:00 2024");
	expect(recording?.end_s.at(-1)).toBe(30.5);
	expect(sum(recording?.package_j)).toBeCloseTo(2387.62, 6);
	expect(sum(recording?.dram_j)).toBeCloseTo(457.38, 6);
});

// The same three intervals as perf writes them in each form, two sockets or one, with what stands in between.
const text = `# started on Fri Nov 29 03:10:31 2024

#           time             counts   unit events
     1.000100000              74.50 Joules power/energy-pkg/
     1.000100000              15.00 Joules power/energy-ram/                                     (100.00%)
     2.000200000           1,074.50 Joules power/energy-pkg/          #    1.0 K/sec
     2.000200000              15.10 Joules power/energy-ram/
#           time             counts   unit events
     2.500000000              37.00 Joules power/energy-pkg/
     2.500000000               7.00 Joules power/energy-ram/
     2.500000000        123,456,789        cycles
`;
const perSocket = `     1.000100000 S0        1              70.00 Joules power/energy-pkg/
     1.000100000 S1        1               4.50 Joules power/energy-pkg/
     1.000100000 S0        1              15.00 Joules power/energy-ram/
     2.000200000 S0        1             574.50 Joules power/energy-pkg/
     2.000200000 S1        1             500.00 Joules power/energy-pkg/
     2.000200000 S0        1              15.10 Joules power/energy-ram/
     2.500000000 S0        1              30.00 Joules power/energy-pkg/
     2.500000000 S1        1               7.00 Joules power/energy-pkg/
     2.500000000 S0        1               7.00 Joules power/energy-ram/
`;
const csv = `# started on Fri Nov 29 03:10:31 2024

     1.000100000,74.50,Joules,power/energy-pkg/,1000100000,100.00,,
     1.000100000,15.00,Joules,power/energy-ram/,1000100000,100.00,,
     2.000200000,1074.50,Joules,power/energy-pkg/,1000100000,100.00,,
     2.000200000,15.10,Joules,power/energy-ram/,1000100000,100.00,,
     2.500000000,37.00,Joules,power/energy-pkg/,499800000,100.00,,
     2.500000000,7.00,Joules,power/energy-ram/,499800000,100.00,,
`;
const json = [
	[1.0001, "package", "74.500000"],
	[1.0001, "ram", "15.000000"],
	[2.0002, "package", "1074.500000"],
	[2.0002, "ram", "15.100000"],
	[2.5, "package", "37.000000"],
	[2.5, "ram", "7.000000"],
]
	.map(
		([time, what, value]) =>
			`{"interval" : ${time}, "counter-value" : "${value}", "unit" : "Joules", "event" : "power/energy-${what === "ram" ? "ram" : "pkg"}/", "event-runtime" : 1000100000, "pcnt-running" : 100.00}`,
	)
	.join("\n");

test.each([
	["text", text],
	["text per socket", perSocket],
	["-x,", csv],
	["-x;", csv.replaceAll(",", ";")],
	["-j", json],
	["text with Windows' line ends", text.replaceAll("\n", "\r\n")],
])("%s", (_, content) => {
	const [recording] = parsePerfIntervals("log", content);
	expect([...(recording?.end_s ?? [])]).toEqual([1.0001, 2.0002, 2.5]);
	expect([...(recording?.package_j ?? [])]).toEqual([74.5, 1074.5, 37]);
	expect([...(recording?.dram_j ?? [])]).toEqual([15, 15.1, 7]);
});

test("runs of perf appended to one file are recordings of their own, with the header and without", () => {
	expect(parsePerfIntervals("log", `${text}${text}`).map(({ end_s }) => end_s.length)).toEqual([3, 3]);
	expect(parsePerfIntervals("log", `${json}\n${json}`).map(({ end_s }) => end_s.length)).toEqual([3, 3]);
});

test("a log without DRAM has none, rather than 0 J", () => {
	const [recording] = parsePerfIntervals("log", text.replace(/^.*energy-ram.*\n/gm, ""));
	expect(recording?.dram_j).toBeUndefined();
});

test.each([
	["not-counted", text.replace("74.50 Joules", "<not counted> Joules"), 4],
	["not-counted", csv.replace("15.10,Joules", "<not counted>,Joules"), 6],
	["not-supported", json.replace('"7.000000"', '"<not supported>"'), 6],
	["multiplexed", csv.replace("499800000,100.00", "499800000,51.20"), 7],
	["multiplexed", text.replace("(100.00%)", "(74.99%)"), 5],
	["malformed", text.replace("37.00 Joules", "37.0"), 9],
	["malformed", json.replace('"Joules"', '"mJoules"'), 1],
	["malformed", `${text}     3.5000`, 12],
	["repeated", text.replace("15.10 Joules power/energy-ram/", "15.10 Joules power/energy-pkg/"), 7],
	["missing", text.replace(/^.*15\.10 Joules.*\n/m, ""), 8],
	["missing", perSocket.replace(/^.*500\.00 Joules.*\n/m, ""), 6],
	["clock-went-back", text.replaceAll("2.500000000", "1.500000000").replaceAll("1.0001", "0.5001"), 9],
	["no-energy", "# started on Fri Nov 29 03:10:31 2024\n 1.000000000  3,000  cycles\n", undefined],
	["no-energy", " 1.000000000  3.00 Joules power/energy-ram/\n", 1],
])("%s is refused by name", (name, content, line) => {
	let fault: InputError | undefined;
	try {
		parsePerfIntervals("log", content);
	} catch (error) {
		if (error instanceof InputError) fault = error;
	}
	expect(fault?.fault.rule).toMatch(new RegExp(`^${name}:`));
	expect(fault?.fault.line).toBe(line);
});
