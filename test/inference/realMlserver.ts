import { type ChildProcess, spawn } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "../../src/datasets/root.js";

/** MLServer: on the PATH, or where scripts/setup.sh installs it; undefined where it is neither. */
export function mlserverProgram(): string | undefined {
	const folders = [...(process.env.PATH ?? "").split(delimiter), join(packageRoot, ".tools/mlserver/bin")];
	return folders.map((folder) => join(folder, "mlserver")).find(existsSync);
}

export interface RealMlserver {
	readonly url: string;
	readonly close: () => Promise<void>;
}

/** A real MLServer with the two-stage pipeline of mlserver/stages.py: detect and classify batch adaptively. */
export async function realMlserver(program: string): Promise<RealMlserver> {
	const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
	const folder = mkdtempSync(join(tmpdir(), "mlserver-"));
	copyFileSync(join(packageRoot, "test/inference/mlserver/stages.py"), join(folder, "stages.py"));
	const settings = { http_port: http, grpc_port: grpc, metrics_port: metrics, host: "127.0.0.1", parallel_workers: 0 };
	writeFileSync(join(folder, "settings.json"), JSON.stringify({ ...settings, debug: false }));
	const batching = { max_batch_size: 4, max_batch_time: 0.03 };
	for (const [name, implementation, more] of [
		["detect", "stages.Detect", batching],
		["classify", "stages.Classify", batching],
		["seen", "stages.Seen", {}],
		["video", "stages.Video", { parameters: { extra: { port: http } } }],
	] as const) {
		mkdirSync(join(folder, name));
		writeFileSync(join(folder, name, "model-settings.json"), JSON.stringify({ name, implementation, ...more }));
	}
	const log = join(folder, "log");
	const out = openSync(log, "w");
	const child: ChildProcess = spawn(program, ["start", folder], {
		stdio: ["ignore", out, out],
		env: { ...process.env, PYTHONPATH: folder },
	});
	const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
	const url = `http://127.0.0.1:${http}`;
	const close = async () => {
		child.kill("SIGTERM");
		const late = setTimeout(() => child.kill("SIGKILL"), 5000);
		await ended;
		clearTimeout(late);
		rmSync(folder, { recursive: true, force: true });
	};
	for (let tries = 0; tries < 2000 && child.exitCode === null; tries++) {
		const ready = await fetch(`${url}/v2/models/video/ready`).then(
			({ ok }) => ok,
			() => false,
		);
		if (ready) return { url, close };
		await sleep(100);
	}
	const said = readFileSync(log, "utf8").slice(-2000);
	await close();
	throw new Error(`MLServer was not ready within 200 s:\n${said}`);
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
