import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { serverAt } from "../../src/energy/credentials.js";
import { dcgmProbe, keplerProbe } from "../../src/energy/scrapedSources.js";

const prefix = "SUSTAINABLE_IPA_PROMETHEUS";
const at = (url: string, environment: Record<string, string> = {}) => serverAt(url, prefix, environment);
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A Prometheus' answer to a query, as `answer` gives it. */
async function prometheus(answer: (request: IncomingMessage, response: ServerResponse, call: number) => void) {
	let calls = 0;
	const server = createServer((request, response) => answer(request, response, ++calls));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	close = () => {
		server.closeAllConnections();
		server.close();
	};
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Of one series per set of labels, 60 J in 15 s. */
function matrix(...labels: Record<string, string>[]): string {
	const now_s = Date.now() / 1000;
	const values = [30, 15, 0].map((ago_s) => [now_s - ago_s, String(1000 - 4 * ago_s)]);
	const result = labels.map((metric) => ({ metric, values }));
	return JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
}
const kepler = (more: Record<string, string> = {}) => ({
	__name__: "kepler_node_cpu_joules_total",
	zone: "package",
	node_name: "n1",
	...more,
});
const window = async (url: string, environment: Record<string, string> = {}, probe = keplerProbe) =>
	(await probe({ url, environment, scrape_s: 0.1 }).start()).stop();

describe("a server and its credentials", () => {
	test("a name and a password in the URL become a header, and the URL is told without them", () => {
		const found = at("http://reader:s%40same@prom:9090/path/");
		expect(found).toMatchObject({
			server: { url: "http://prom:9090/path", headers: { authorization: basic("reader:s@same") } },
		});
		if (found.status === "server") expect(found.server.hide("s@same, s%40same")).toBe("***, ***");
	});
	test("from the environment, or from a file", () => {
		const file = join(mkdtempSync(join(tmpdir(), "secret-")), "token");
		writeFileSync(file, "abc123\n");
		expect(at("http://p", { [`${prefix}_USER`]: "u", [`${prefix}_PASSWORD_FILE`]: file })).toMatchObject({
			server: { headers: { authorization: basic("u:abc123") } },
		});
		expect(at("http://p", { [`${prefix}_TOKEN_FILE`]: file })).toMatchObject({
			server: { headers: { authorization: "Bearer abc123" } },
		});
	});
	test.each([
		["localhost:9090", {}, "http:// or https://", "http://localhost:9090"],
		["reader:sesame@prom:9090", {}, "http:// or https://", "http://prom:9090"],
		["ftp://reader:sesame@prom", {}, "http:// or https://", "http://prom"],
		["http://prom?key=sesame", {}, "must end with the path", "http://prom/"],
		["http://u:sesame@prom", { [`${prefix}_TOKEN`]: "t" }, "a token and a user", "unset"],
		["http://prom", { [`${prefix}_PASSWORD`]: "sesame" }, "without a user", "_USER="],
		["http://prom", { [`${prefix}_TOKEN_FILE`]: "/no/such" }, "cannot be read (ENOENT)", "may read"],
	])("%s is a fault that names the remedy and no secret", (url, environment, reason, remedy) => {
		const found = at(url, environment as Record<string, string>);
		expect(found).toMatchObject({
			status: "fault",
			reason: expect.stringContaining(reason),
			remedy: expect.stringContaining(remedy),
		});
		expect(JSON.stringify(found)).not.toContain("sesame");
	});
});

describe("a Prometheus that asks for credentials", () => {
	const guarded = () =>
		prometheus(({ headers: { authorization } }, response) => {
			const known = authorization === basic("reader:sesame") || authorization === "Bearer sesame";
			response.writeHead(known ? 200 : 401).end(known ? matrix(kepler()) : `no: ${authorization}`);
		});
	test("has them, by URL, by name or by token: 60 J in 15 s are 4 W", async () => {
		const url = await guarded();
		for (const [given, environment] of [
			[url.replace("//", "//reader:sesame@"), {}],
			[url, { [`${prefix}_USER`]: "reader", [`${prefix}_PASSWORD`]: "sesame" }],
			[url, { [`${prefix}_TOKEN`]: "sesame" }],
		] as const) {
			const outcome = await window(given, environment);
			expect(outcome).toMatchObject({ status: "reading", energy_j: expect.closeTo(120, 6) });
			expect(JSON.stringify(outcome)).not.toContain("sesame");
		}
	});
	test("and has none, or the wrong ones: no-access, and the variables to set", async () => {
		const url = await guarded();
		for (const given of [url, url.replace("//", "//reader:wrong@")])
			expect(await keplerProbe({ url: given, environment: {} }).detect()).toMatchObject({
				cause: "no-access",
				reason: expect.stringMatching(/answers 401: it asks for credentials/),
				remedy: expect.stringContaining(`${prefix}_TOKEN_FILE`),
			});
	});
	test("and tells them back in an error: they are not passed on", async () => {
		const url = await prometheus(({ headers }, response) => response.writeHead(500).end(JSON.stringify(headers)));
		const outcome = await window(url.replace("//", "//reader:sesame@"));
		expect(outcome).toMatchObject({ status: "refused", cause: "command-failed" });
		expect(JSON.stringify(outcome)).not.toMatch(/sesame|cmVhZGVy/);
	});
});

describe("an answer in part", () => {
	const half = matrix(kepler()).slice(0, 90);
	test("half a body and an end is asked for again; where it stays so, the window is refused", async () => {
		const torn = (response: ServerResponse) => {
			response.writeHead(200, { "content-length": "5000" }).write(half);
			setTimeout(() => response.destroy(), 20);
		};
		const once = await prometheus((_, response, call) =>
			call === 1 ? torn(response) : response.end(matrix(kepler())),
		);
		expect(await window(once)).toMatchObject({ status: "reading" });
		close?.();
		const always = await prometheus((_, response) => torn(response));
		expect(await window(always)).toMatchObject({ cause: "command-failed", reason: /did not end its answer/ });
	});
	test("half a body that stalls is refused too", async () => {
		const url = await prometheus((_, response) => void response.writeHead(200).write(half));
		expect(await window(url)).toMatchObject({ status: "refused", cause: "command-failed" });
	});
	test.each([
		["a body cut short with no length told", half],
		["a warning that a store did not answer", matrix(kepler()).replace("{", '{"warnings":["store b: timeout"],')],
		["a part, as VictoriaMetrics says it", matrix(kepler()).replace("{", '{"isPartial":true,')],
		["an empty value", matrix(kepler()).replace(/"880"|"940"/, '""')],
		["a hexadecimal value", matrix(kepler()).replace('"940"', '"0x3ac"')],
		["milliseconds for seconds", matrix(kepler()).replace(/\[(\d+)\.?\d*,/, "[$1000,")],
	])("%s is malformed", async (_, body) => {
		const url = await prometheus((_request, response) => response.end(body));
		expect(await window(url)).toMatchObject({ status: "refused", cause: "malformed" });
	});
	test("a socket that was scraped before the window, and not in it, is not left out of the sum", async () => {
		const both = matrix(kepler({ path: "intel-rapl:0" }), kepler({ path: "intel-rapl:1" }));
		const url = await prometheus((_, response, call) =>
			response.end(call === 1 ? both : matrix(kepler({ path: "intel-rapl:0" }))),
		);
		expect(await window(url)).toMatchObject({ cause: "absent", reason: expect.stringContaining("intel-rapl:1") });
	});
	test("the series that read an empty counter as 0 and a reset", async () => {
		const { readFileSync } = await import("node:fs");
		const body = readFileSync("test/fixtures/faults/prometheus-value-empty.json", "utf8");
		const url = await prometheus((_, response) => response.end(body));
		expect(await window(url)).toMatchObject({ status: "refused", cause: "malformed" });
	});
});

describe("what Kepler says is no counter's", () => {
	const old = (source: string) => ({
		__name__: "kepler_node_package_joules_total",
		instance: "n1",
		mode: "dynamic",
		source,
	});
	test.each([
		["X-Gene's sensor of power", old("ampere-xgene-hwmon"), "modelled"],
		["a Grace's", old("grace-acpi"), "modelled"],
		["its model's estimate", old("trained_power_model"), "modelled"],
		["a hwmon chip's, in 0.10", kepler({ path: "/sys/class/hwmon/hwmon3/power1_average" }), "modelled"],
		["RAPL's", old("rapl-msr"), "measured"],
		["RAPL's, in 0.10", kepler({ path: "/sys/class/powercap/intel-rapl/intel-rapl:0" }), "measured"],
	])("%s: %#", async (_, labels, kind) => {
		const url = await prometheus((_request, response) => response.end(matrix(labels)));
		expect(await window(url)).toMatchObject({ status: "reading", kind });
	});
	test("its fake meter's joules are drawn at random: refused", async () => {
		const fake = kepler({ path: "/sys/class/powercap/intel-rapl/energy_package" });
		const url = await prometheus((_, response) => response.end(matrix(fake)));
		expect(await keplerProbe({ url, environment: {} }).detect()).toMatchObject({
			cause: "not-supported",
			reason: /made up/,
		});
		expect(await window(url)).toMatchObject({ status: "refused", cause: "not-supported" });
	});
	test("a plan's boards are chosen among an exporter's", async () => {
		const board = (UUID: string, gpu: string) => ({ UUID, gpu, instance: "n1:9400", modelName: "A100" });
		const url = await prometheus((_, response) => response.end(matrix(board("GPU-a", "0"), board("GPU-b", "1"))));
		const boards = { by: "the plan", names: ["GPU-b"], byBus: true } as const;
		const outcome = await (await dcgmProbe({ url, environment: {}, scrape_s: 0.1, boards }).start()).stop();
		expect(outcome).toMatchObject({ status: "reading", domains: [{ domain: "GPU-b" }] });
	});
});
