import { fakeTool } from "./fakeTool.js";

/** Reads a fake tree before and after its command, in joules, as perf and etrace2 read the real one. */
const readTree = (root: string, factor: number) => `
const value = (id, file = "energy_uj") => Number(fs.readFileSync(${JSON.stringify(root)} + "/" + id + "/" + file, "utf8"));
const ids = ["intel-rapl:0", "intel-rapl:0:0"];
const snapshot = () => ids.map((id) => value(id));
const joules = (from, to) => ids.map((id, i) => ((to[i] - from[i] + (to[i] < from[i] ? value(id, "max_energy_range_uj") : 0)) / 1e6 * ${factor}).toFixed(6));
`;
/** A perf that counts a fake tree of one socket. `factor`: by how much it is wrong; `late_ms`: what it takes to start. */
export const fakePerf = (root: string, factor = 1, late_ms = 0) =>
	fakeTool(
		"perf",
		`${readTree(root, factor)}
const end = args.indexOf("--");
await new Promise((resolve) => setTimeout(resolve, ${late_ms}));
const [from, began] = [snapshot(), performance.now()];
await run(args[end + 1], args.slice(end + 2));
const [pkg, ram] = joules(from, snapshot());
const runtime = Math.round((performance.now() - began) * 1e6);
for (const [event, value] of [["pkg", pkg], ["ram", ram]])
	process.stderr.write('{"socket" : "S0", "aggregate-number" : 1, "counter-value" : "' + value + '", "unit" : "Joules", "event" : "power/energy-' + event + '/", "event-runtime" : ' + runtime + ', "pcnt-running" : 100.00}\\n');`,
	);
/** An etrace2 that counts it. */
export const fakeEtrace2 = (root: string) =>
	fakeTool(
		"etrace2",
		`${readTree(root, 1)}
if (args[0] === "-h") process.exit(0);
const out = args[args.indexOf("-o") + 1];
const ended = run(args.at(-1), []);
const [from, began] = [snapshot(), performance.now()];
fs.writeFileSync(out, "# ETRACE2_VERSION=0.1\\n# Time [S]   Power [W]   Energy [J]\\n");
await ended;
// The real one sees at its next reading that its command has ended.
await new Promise((resolve) => setTimeout(resolve, 50));
const [socket, dram] = joules(from, snapshot());
fs.appendFileSync(out, "# ELAPSED=" + ((performance.now() - began) / 1000).toFixed(6) + "\\n# ENERGY=1.000000\\n# ENERGY_SOCKET0=" + socket + "\\n# ENERGY_DRAM0=" + dram + "\\n");`,
	);
