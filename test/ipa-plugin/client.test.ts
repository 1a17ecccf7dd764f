import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/datasets/root.js";
import { optimize } from "../../src/search/optimum.js";
import { oracle, specOf } from "../pipeline/oracle.js";

const program = ["node", join(packageRoot, "dist/cli/main.js")];
const python = process.env.IPA_PYTHON ?? "python3";

interface Asked {
	readonly command?: readonly string[];
	readonly timeout_s?: number;
	readonly questions: readonly object[];
}

interface Answer {
	readonly answer?: { readonly configuration: { readonly objective: number }; readonly ties?: readonly object[] };
	readonly error?: string;
	readonly message?: string;
	readonly pid: number | null;
}

function ask(asked: Asked): Answer[] {
	const { status, stdout, stderr } = spawnSync(python, [join(packageRoot, "test/ipa-plugin/ask.py")], {
		input: JSON.stringify({ command: program, ...asked }),
		encoding: "utf8",
		env: { ...process.env, PYTHONPATH: join(packageRoot, "ipa-plugin"), PYTHONDONTWRITEBYTECODE: "1" },
	});
	if (status !== 0) throw new Error(stderr);
	return stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Answer);
}

/** A program in the place of ours, to misbehave: Python that ignores the arguments `optimize --serve`. */
const other = (code: string): readonly string[] => [python, "-c", code];

const sound = oracle.filter(({ expected }) => expected.error === undefined && expected.n_feasible > 0).slice(0, 20);
const questions = sound.map((entry) => ({ pipeline: specOf(entry) }));
const question = questions[0] as { pipeline: ReturnType<typeof specOf> };

describe("the plugin's client and this package's program", () => {
	test("twenty questions in one process get IPA's own optima", () => {
		const answers = ask({ questions });
		expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
		sound.forEach(({ expected }, i) => {
			expect(answers[i]?.answer?.configuration.objective).toBeCloseTo(expected.optimum as number, 9);
		});
	});

	test("bounds, ties and a given SLA reach the search; what the program refuses ends nothing", () => {
		const { pipeline } = question;
		const found = optimize(pipeline, { ties: true });
		if (found.status !== "optimal") throw new Error(found.detail);
		const { latency_s } = found.configuration;
		const [tied, cheap, rejected, tight, exact] = ask({
			questions: [
				{ pipeline, ties: true },
				{ pipeline, bounds: { max_cost_cores: 0.001 } },
				{ pipeline, bounds: { max_cost: 1 } },
				{ pipeline: { ...pipeline, sla_s: 1e-9 } },
				{ pipeline: { ...pipeline, semantics: "published", arrival_rate_rps: 0, sla_s: latency_s } },
			],
		});
		expect(tied?.answer?.ties).toHaveLength(found.ties?.length as number);
		expect(cheap).toMatchObject({ error: "Infeasible", bound: "cost", limit: expect.closeTo(0.001, 9) });
		expect(cheap?.message).toContain("loosen the bound (cost)");
		expect(rejected).toMatchObject({ error: "RejectedRequest" });
		expect(rejected?.message).toContain("max_cost");
		expect(tight).toMatchObject({ error: "Infeasible", bound: "latency", limit: expect.closeTo(0, 8) });
		expect(exact?.answer).toBeDefined();
		expect(tight?.pid).toBe(tied?.pid);
	});

	test("energy that nobody measured is refused, never taken as 0", () => {
		const { pipeline } = question;
		const [refused] = ask({ questions: [{ pipeline: { ...pipeline, weights: { ...pipeline.weights, delta: 1 } } }] });
		expect(refused).toMatchObject({ error: "RejectedRequest" });
		expect(refused?.message).toContain("never taken as 0");
	});
});

describe("what may go wrong with the program", () => {
	const twice = [question, question];

	test("it is not there", () => {
		const [answer] = ask({ command: ["no-such-program"], questions: [question] });
		expect(answer).toMatchObject({ error: "CommandNotFound" });
		expect(answer?.message).toMatch(/^no-such-program cannot be started.*npm install/);
	});

	test("it ends before it answers: its exit code and last words are told, and it is started again", () => {
		const answers = ask({
			command: other("import sys; sys.stdin.readline(); sys.exit('out of memory')"),
			questions: twice,
		});
		for (const answer of answers) {
			expect(answer).toMatchObject({ error: "ProcessDied" });
			expect(answer.message).toContain("(exit code 1) before it answered: out of memory");
		}
	});

	test("it closes its output and lives on, which is not waited for", () => {
		const [answer] = ask({
			command: other("import os, time; input(); os.close(1); time.sleep(60)"),
			timeout_s: 30,
			questions: [question],
		});
		expect(answer).toMatchObject({ error: "ProcessDied", pid: null });
		expect(answer?.message).toContain("closed its output");
	});

	test("it hangs as a child of a script: both are ended", () => {
		const folder = mkdtempSync(join(tmpdir(), "hangs-"));
		const file = join(folder, "child");
		const script = `${python} -c 'import os, time; open("${file}", "w").write(str(os.getpid())); time.sleep(60)'; true`;
		const [answer] = ask({ command: ["sh", "-c", script], timeout_s: 1.5, questions: [question] });
		expect(answer).toMatchObject({ error: "AnswerTimeout", pid: null });
		const child = Number(readFileSync(file, "utf8"));
		// Ended it may wait as a zombie for whoever reaps it here: then it has no command line.
		const line = existsSync(`/proc/${child}/cmdline`) ? readFileSync(`/proc/${child}/cmdline`, "utf8") : "";
		expect(child).toBeGreaterThan(0);
		expect(line).toBe("");
	});

	test("it answers in another form, another question, or with a status of its own", () => {
		const says = (text: string) => ask({ command: other(`input(); print('${text}')`), questions: [question] })[0];
		for (const text of [
			"hello",
			"[]",
			'{"id": 7, "status": "optimal"}',
			'{"status": "optimal"}',
			'{"id": 1}',
			'{"id": 1, "status": "optimal"}',
		]) {
			expect(says(text)).toMatchObject({ error: "InvalidAnswer" });
			expect(says(text)?.message).toContain(text);
		}
		expect(says('{"id": 1, "status": "maybe"}')?.message).toContain("unknown status 'maybe'");
	});

	test("it takes too long, whether it reads or not, and a late answer is nobody's", () => {
		const large = { pipeline: { ...question.pipeline, name: "x".repeat(1_000_000) } };
		const slow = other("import time\nwhile True: time.sleep(9)");
		for (const answer of ask({ command: slow, timeout_s: 0.3, questions: [question, large] })) {
			expect(answer).toMatchObject({ error: "AnswerTimeout", pid: null });
			expect(answer.message).toContain("within 0.3 s");
		}
	});
});
