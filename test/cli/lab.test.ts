import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { kernelEnvironment } from "../../src/jupyter/execute.js";

const main = resolve("dist/cli/main.js");
const PATH = [process.env.PATH, resolve(".venv/bin")].join(delimiter);
const there = spawnSync("jupyter-lab", ["--version"], { env: { ...process.env, PATH } }).status === 0;

/** Processes of this machine whose command line holds these texts. */
const running = (...texts: string[]) =>
	readdirSync("/proc").filter((pid) => {
		try {
			const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
			return texts.every((text) => line.includes(text));
		} catch {
			return false;
		}
	});

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
	for (let i = 0; i < 120; i++) {
		if (await holds()) return;
		await sleep(500);
	}
	throw new Error(`60 s without ${what}`);
}

/** In a terminal of its own: the program's standard input takes the place of its owner's keys; closed, the terminal is lost. */
const terminal = `import os, pty, sys, threading
pid, master = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
def drain():
    try:
        while os.read(master, 65536): pass
    except OSError: pass
threading.Thread(target=drain, daemon=True).start()
while (key := sys.stdin.buffer.read(1)): os.write(master, key)
os._exit(0)`;

describe.skipIf(!there)("JupyterLab", () => {
	test.each([
		["Ctrl-C", "\u0003"],
		["a lost terminal", ""],
	])(
		"opens on the checkout; %s ends it and its kernel",
		async (_, keys) => {
			const port = String(20_000 + Math.floor(Math.random() * 20_000));
			const runtime = mkdtempSync(join(tmpdir(), "lab-"));
			const lab = [process.execPath, main, "lab", "--", "--no-browser", "--port", port, "--IdentityProvider.token=t"];
			const owner = spawn("python3", ["-c", terminal, ...lab], {
				env: { ...process.env, PATH, JUPYTER_RUNTIME_DIR: runtime },
				stdio: ["pipe", "ignore", "inherit"],
			});
			const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}/${path}?token=t`, init);
			await until(
				() =>
					ask("api/status").then(
						({ ok }) => ok,
						() => false,
					),
				"a server",
			);
			const names = (await (await ask("api/contents/")).json()) as { content: { name: string }[] };
			expect(names.content.map(({ name }) => name)).toEqual(expect.arrayContaining(["notebooks", "package.json"]));
			expect((await ask("", { redirect: "manual" })).headers.get("location")).toMatch(/^\/lab\/tree\/notebooks/);
			await ask("api/kernels", { method: "POST", body: '{"name":"tslab"}' });
			await until(() => running(join(runtime, "kernel-")).length > 0, "a kernel");
			owner.stdin.write(keys);
			if (keys === "") owner.stdin.end();
			await until(() => running(runtime).length + running("jupyter-lab", port).length === 0, "an end");
			owner.stdin.end();
		},
		200_000,
	);
});

test("--register writes a kernelspec whose program is there, where it is told", () => {
	const folder = mkdtempSync(join(tmpdir(), "data-"));
	const { status, stdout } = spawnSync("node", [main, "lab", "--register", folder], { encoding: "utf8" });
	expect([status, stdout]).toEqual([0, `${join(folder, "kernels/tslab/kernel.json")}\n`]);
	const { argv, language } = JSON.parse(readFileSync(stdout.trim(), "utf8"));
	expect([language, spawnSync(argv[0], [argv[3], "--version"]).status]).toEqual(["typescript", 0]);
});

const python = resolve(".venv/bin/python");

test.skipIf(spawnSync(python, ["-c", "import jupyter_client"]).status !== 0)(
	"the kernel tells a function's doc comment, as Shift-Tab asks for it",
	() => {
		const code = `import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="tslab", startup_timeout=90)
try:
    client.execute('import { search } from "sustainable-ipa";', reply=True, timeout=90)
    print(client.inspect("search.optimize", cursor_pos=15, reply=True, timeout=60)["content"]["data"]["text/plain"])
finally:
    client.stop_channels(); manager.shutdown_kernel(now=True)`;
		const { stdout } = spawnSync(python, ["-c", code], {
			cwd: "notebooks",
			env: { ...process.env, ...kernelEnvironment() },
			encoding: "utf8",
		});
		expect(stdout).toContain("optimize");
		expect(stdout).toContain("The configuration with the best objective");
	},
	200_000,
);
