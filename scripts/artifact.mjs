// Runs the command of every claim, holds its value to the tolerance, and writes ARTIFACT.md with today's values and times. With
// --list it only prints the claims. Ends with 1 where a claim does not hold: the table then says which.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

const cli = "node dist/cli/main.js";
/** Each claim: the command that computes it, where its output goes, and what reads the value out of it. */
const claims = [
	{
		claim:
			"Under the variant on servers, throughput stands in for energy (1 to 5 times the median throughput, own machine)",
		command: `${cli} evaluate --json`,
		output: "evaluate.json",
		value: ({ labels }) => pick(labels, { device: "cpu", knob: "variant" }),
		tolerance: "the label is stands-in",
		holds: (value) => value.startsWith("stands-in"),
	},
	{
		claim: "Under the batch on GPUs, a metric that IPA has stands in for energy",
		command: `${cli} evaluate --json`,
		output: "evaluate.json",
		value: ({ labels }) => pick(labels, { device: "gpu", knob: "batch" }),
		tolerance: "the label is stands-in",
		holds: (value) => value.startsWith("stands-in"),
	},
	{
		claim: "The node that served IPA's Video pipeline draws 11.1 W a busy core above a floor of 75.6 W",
		command: `${cli} deployment`,
		output: "deployment.txt",
		value: (text) => `${numberAfter(text, "node at rest (floor), packages")} W, ${numberAfter(text, "busy core")} W`,
		tolerance: "75.6 W and 11.1 W, both to 0.1 W",
		holds: (value) => /^75\.[567]\d* W, 11\.[012]\d* W$/.test(value),
	},
	{
		claim: "Our decisions cost what IPA's published ones do: 40 of 48 mean costs within 10 %, all within 25 %",
		command: `${cli} published`,
		output: "published.txt",
		value: (_, status) => (status === 0 ? "within the tolerances" : `exit code ${status}`),
		tolerance: "docs/published.md; exit code 0",
		holds: (_, status) => status === 0,
	},
	{
		claim: "Published figures of time, place, sharing, scaling and directives come out of our code",
		command: `${cli} levers`,
		output: "levers.txt",
		value: (_, status) => (status === 0 ? "within the tolerances" : `exit code ${status}`),
		tolerance: "each figure's own, in the table; exit code 0",
		holds: (_, status) => status === 0,
	},
];

function pick(labels, wanted) {
	const rows = labels.filter(
		({ device, knob, band, accounting, trajectory, shown }) =>
			shown &&
			device === wanted.device &&
			knob === wanted.knob &&
			band === "middle" &&
			accounting === "dedicated" &&
			trajectory === undefined,
	);
	if (rows.length !== 1) throw new Error(`${rows.length} labels of ${JSON.stringify(wanted)}`);
	return `${rows[0].label}${rows[0].metric === undefined ? "" : ` (${rows[0].metric})`}`;
}

/** The first number of the line that begins so. */
function numberAfter(text, name) {
	const line = text.split("\n").find((one) => one.startsWith(name)) ?? "";
	return /[\d.]+/.exec(line.slice(name.length))?.[0] ?? "none";
}

if (process.argv.includes("--list")) {
	for (const { claim, command } of claims) console.log(`${claim}\n    ${command}`);
	process.exit(0);
}
const folder = "reports/artifact";
mkdirSync(folder, { recursive: true });
const ran = new Map();
function run(command) {
	const before = performance.now();
	const known = ran.get(command);
	if (known !== undefined) return known;
	console.log(`artifact: ${command}`);
	const { stdout, stderr, status } = spawnSync("bash", ["-c", command], {
		encoding: "utf8",
		maxBuffer: 256 * 1024 * 1024,
	});
	const result = { stdout, stderr, status, minutes: (performance.now() - before) / 60_000 };
	ran.set(command, result);
	return result;
}
const rows = claims.map(({ claim, command, output, value, tolerance, holds }) => {
	const { stdout, stderr, status, minutes } = run(command);
	writeFileSync(`${folder}/${output}`, stdout);
	let found;
	try {
		found = value(output.endsWith(".json") ? JSON.parse(stdout) : stdout, status);
	} catch (error) {
		found = `none: ${(stderr.trim() || error.message).split("\n")[0]}`;
	}
	const right = holds(found, status);
	if (!right) process.exitCode = 1;
	return `| ${claim} | \`${command}\` | ${minutes.toFixed(1)} | ${tolerance} | ${right ? "holds" : "**does not hold**"}: ${found.replaceAll("|", "/")} | ${folder}/${output} |`;
});
writeFileSync(
	"ARTIFACT.md",
	`# Artefact

Each claim, the command that computes it, its minutes, how far it may be off, today's value, and the file that has its output.
Written by \`make artifact\`, which runs all of them and fails where one does not hold. The shipped measurements are enough: no meter, no
GPU and no network but the package registries. \`make evaluate\` gives the verdict and the interactive report, \`make test\`
every check; [environment.md](environment.md) has what is needed, [docs/data-licences.md](docs/data-licences.md) whose the data are.

| claim | command | minutes | tolerance | value | output |
|---|---|---|---|---|---|
${rows.join("\n")}

Of ${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${cpus().length} logical CPUs (${cpus()[0]?.model.trim() ?? "unknown"}), other work running beside it. A container: \`docker build -t sustainable-ipa .\`; on Chameleon: [chameleon](chameleon/README.md).
`,
);
