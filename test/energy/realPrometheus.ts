import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "../../src/datasets/root.js";

/** Debian's Prometheus: on the PATH, or where scripts/setup.sh unpacks it; undefined where it is neither. */
export function prometheusProgram(): string | undefined {
	const folders = [...(process.env.PATH ?? "").split(delimiter), join(packageRoot, ".tools/usr/bin")];
	return folders.map((folder) => join(folder, "prometheus")).find(existsSync);
}

export interface RealPrometheus {
	readonly url: string;
	/** Scrapes that the exporter has answered, and when, s since 1970. */
	readonly scrapes: readonly number[];
	readonly close: () => Promise<void>;
}

/**
 * A Prometheus that scrapes an exporter every half second. `metrics` gives the exporter's page at its nth scrape (from
 * 0); undefined: that scrape fails.
 */
export async function realPrometheus(
	program: string,
	metrics: (scrape: number) => string | undefined,
): Promise<RealPrometheus> {
	const scrapes: number[] = [];
	let next = 0;
	const exporter = createServer((_, response) => {
		const page = metrics(next++);
		if (page === undefined) {
			response.writeHead(503).end();
			return;
		}
		scrapes.push(Date.now() / 1000);
		response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(page);
	});
	await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
	const { port } = exporter.address() as AddressInfo;
	const own = await freePort();
	const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
	writeFileSync(
		join(folder, "prometheus.yml"),
		`scrape_configs:\n- job_name: exporter\n  scrape_interval: 500ms\n  scrape_timeout: 400ms\n  static_configs:\n  - targets: ["127.0.0.1:${port}"]\n`,
	);
	const child = spawn(
		program,
		[
			`--config.file=${join(folder, "prometheus.yml")}`,
			`--storage.tsdb.path=${join(folder, "data")}`,
			`--web.listen-address=127.0.0.1:${own}`,
		],
		{ stdio: "ignore" },
	);
	const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
	const url = `http://127.0.0.1:${own}`;
	const close = async () => {
		child.kill("SIGTERM");
		await ended;
		exporter.closeAllConnections();
		await new Promise((resolve) => exporter.close(resolve));
		rmSync(folder, { recursive: true, force: true });
	};
	for (let tries = 0; tries < 2000; tries++) {
		const ready = await fetch(`${url}/-/ready`).then(
			({ ok }) => ok,
			() => false,
		);
		if (ready && scrapes.length >= 2) return { url, scrapes, close };
		await sleep(100);
	}
	await close();
	throw new Error("Prometheus was not ready within 200 s");
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
