import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { checkout, jupyterProgram, kernelEnvironment, registerKernel } from "../jupyter/execute.js";
import { describeCommand } from "./command.js";

/** Time that the server has to end its kernels, ms. */
const grace_ms = 10_000;

export const labCommand = describeCommand({
	about:
		"Opens JupyterLab on the checkout, at its notebooks, with the TypeScript kernel. Ctrl-C and a terminal that is lost end the server and its kernels.",
	examples: ["", "--register .venv/share/jupyter", "-- --no-browser --port 8899"],
	args: [{ name: "OPTIONS", about: "of JupyterLab, after --", optional: true, several: true }],
	options: {
		register: {
			value: "FOLDER",
			about:
				"open nothing: register the TypeScript kernel in this data folder of Jupyter's, for VS Code .venv/share/jupyter, for a JupyterHub ~/.local/share/jupyter",
		},
	},
	exits: { 130: "ended by Ctrl-C" },
	run: async ({ values, args }) => {
		if (values.register !== undefined) {
			console.log(registerKernel(values.register));
			return 0;
		}
		// Root (a container, a bare-metal image) is let in.
		const root = process.getuid?.() === 0 ? ["--allow-root"] : [];
		const open = [`--ServerApp.root_dir=${checkout}`, "--LabApp.default_url=/lab/tree/notebooks"];
		// In a session of its own, so that each signal reaches it once and as one that it ends its kernels at: it asks back at
		// Ctrl-C, and a lost terminal would end it alone, since kernels are in sessions of theirs.
		const server = execa(jupyterProgram("jupyter-lab"), [...root, ...open, ...args], {
			cwd: checkout,
			env: kernelEnvironment(),
			stdio: ["ignore", "inherit", "inherit"],
			detached: true,
			reject: false,
		});
		let asked: NodeJS.Signals | undefined;
		const end = async (signal: NodeJS.Signals) => {
			asked ??= signal;
			server.kill("SIGTERM");
			await sleep(grace_ms, undefined, { ref: false });
			server.kill("SIGKILL");
		};
		const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", ...(hangUpIgnored() ? [] : (["SIGHUP"] as const))];
		for (const signal of signals) process.on(signal, end);
		const { exitCode } = await server;
		for (const signal of signals) process.off(signal, end);
		return asked === "SIGINT" ? 130 : (exitCode ?? 1);
	},
});

/** Whether whoever started this wants it to outlive its terminal (nohup). */
function hangUpIgnored(): boolean {
	try {
		const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
		return (BigInt(`0x${mask}`) & 1n) === 1n;
	} catch {
		return false;
	}
}
