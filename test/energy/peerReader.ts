import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../../src/datasets/root.js";
import type { PeerReport } from "./peersTable.js";
import type { TreeReader } from "./raplWindow.js";

/** Where `scripts/setup.sh peers` installs CodeCarbon and Zeus. */
export const peerPython = join(packageRoot, ".tools/peers/bin/python");

/** CodeCarbon or Zeus, by bench/peers.py. A process of its own per window: both keep what they found of the machine for as long as they live. */
export function peerReader(name: "codecarbon" | "zeus"): TreeReader<PeerReport> {
	return async (root, { codecarbon, cold, task }, dropped) => {
		const home = mkdtempSync(join(tmpdir(), "peer-"));
		const argv = [
			peerPython,
			join(packageRoot, "bench/peers.py"),
			name,
			JSON.stringify({ root, codecarbon, cold, task }),
		];
		// Root that modes bind like anyone: a user of its own might not be able to read this checkout's Python.
		const [file, ...args] = dropped ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", ...argv] : argv;
		// No configuration of the user's is read. In a group of its own, so that it is stopped with its children.
		const child = spawn(file as string, args, {
			cwd: home,
			env: { PATH: process.env.PATH, HOME: home, LC_ALL: "C.UTF-8" },
			detached: true,
			stdio: ["pipe", "pipe", "pipe"],
		});
		let complained = "";
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			complained += text;
		});
		const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
		const next = async () => {
			const { value, done } = await lines.next();
			if (done) throw new Error(`${name} ended without an answer: ${complained}`);
			return JSON.parse(value) as object;
		};
		await next();
		return {
			begin: async () => {
				child.stdin.write("\n");
				await next();
			},
			end: async () => {
				child.stdin.end("\n");
				const report = (await next()) as PeerReport;
				await new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve(0)));
				rmSync(home, { recursive: true, force: true });
				return JSON.parse(JSON.stringify(report).replaceAll(root, "/sys/class/powercap")) as PeerReport;
			},
			hold: (stopped) => process.kill(-(child.pid as number), stopped ? "SIGSTOP" : "SIGCONT"),
		};
	};
}
