import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Outcome, Reading } from "../../src/energy/reading.js";
import { dcgmProbe, keplerProbe, scaphandreProbe } from "../../src/energy/scrapedSources.js";
import { realTime } from "../realTime.js";
import { prometheusProgram, type RealPrometheus, realPrometheus } from "./realPrometheus.js";

const program = prometheusProgram();

/** Every scrape adds so many joules: what a window counted follows from the number of scrapes in it alone. */
const step_j = { package0: 30, package1: 20, dram: 5, core: 12, psys: 80, containerA: 7, containerB: 3 };
const failing = new Set([9, 10, 11]);
/** The scrape at which the boards' counters begin anew. */
let restart = Number.POSITIVE_INFINITY;

function page(scrape: number): string | undefined {
	if (failing.has(scrape)) return undefined;
	const since = (step: number) => (step * scrape).toFixed(6);
	const cpu = (zone: string, path: string, step: number) =>
		`kepler_node_cpu_joules_total{zone="${zone}",path="${path}"} ${since(step)}`;
	const container = (name: string, pod: string, zone: string, state: string, step: number) =>
		`kepler_container_cpu_joules_total{container_name="${name}",container_id="${name}-id",pod_id="${pod}",zone="${zone}",state="${state}"} ${since(step)}`;
	// As when the driver is loaded again.
	const board_mj = 1000 * 50 * (scrape < restart ? scrape : scrape - restart);
	return `${[
		cpu("package", "intel-rapl:0", step_j.package0),
		cpu("package", "intel-rapl:1", step_j.package1),
		cpu("dram", "intel-rapl:0:0", step_j.dram),
		cpu("core", "intel-rapl:0:1", step_j.core),
		cpu("psys", "intel-rapl:2", step_j.psys),
		container("yolo", "video-1", "package", "running", step_j.containerA),
		container("yolo", "video-1", "core", "running", 100),
		container("resnet", "video-2", "dram", "running", step_j.containerB),
		container("other", "else", "package", "running", 1000),
		`DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-a"} ${board_mj}`,
		`DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="1",UUID="GPU-b"} ${board_mj}`,
		`DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="2",UUID="GPU-blank",blank="yes"} 9223372036854775794`,
		`DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="3",UUID="GPU-c",twice="yes",pod="x"} ${board_mj}`,
		`DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="3",UUID="GPU-c",twice="yes",pod="y"} ${board_mj}`,
		`DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="4",UUID="GPU-d",slice="yes",GPU_I_ID="1",GPU_I_PROFILE="1g.10gb"} ${since(50_000)}`,
		`scaph_host_energy_microjoules{value_source="powercap_rapl_psys"} ${1e6 * 11 * scrape}`,
		`scaph_host_energy_microjoules{wraps="yes",value_source="powercap_rapl_pkg"} ${1e6 * 11 * (1000 + scrape - (scrape < restart ? 0 : 500))}`,
		...(["dynamic", "idle"] as const).flatMap((mode) => [
			`kepler_container_package_joules_total{old="yes",container_name="yolo",mode="${mode}"} ${since(mode === "idle" ? 2 : 7)}`,
			`kepler_container_core_joules_total{old="yes",container_name="yolo",mode="${mode}"} ${since(100)}`,
		]),
		`kepler_container_dram_joules_total{old="yes",container_name="yolo",mode="dynamic"} ${since(1)}`,
		`kepler_container_joules_total{old="yes",container_name="yolo",mode="dynamic"} ${since(1000)}`,
	].join("\n")}\n`;
}

function reading(outcome: Outcome): Reading {
	if (outcome.status !== "reading") throw new Error(`${outcome.cause}: ${outcome.reason}`);
	return outcome;
}

describe.runIf(program !== undefined)("through a real Prometheus", realTime, () => {
	let server: RealPrometheus;
	beforeAll(async () => {
		server = await realPrometheus(program as string, page);
	});
	afterAll(() => server.close());
	const real = { selector: 'blank="",twice="",slice=""', scrape_s: 0.5 };

	test("Kepler's nodes: package and DRAM, not core and psys; scrapes that failed lose nothing", async () => {
		const probe = keplerProbe({ url: server.url, scrape_s: 0.5 });
		expect(await probe.detect()).toMatchObject({
			status: "available",
			covers: expect.arrayContaining(["package", "dram"]),
		});
		const run = await probe.start();
		// Over the three scrapes that fail.
		await sleep(7000);
		const node = reading(await run.stop());
		const perScrape_j = step_j.package0 + step_j.package1 + step_j.dram;
		const steps = node.energy_j / perScrape_j;
		expect(steps).toBeCloseTo(Math.round(steps), 9);
		// A scrape every half second, failed or not: the counter goes on through those that failed.
		expect(node.duration_s / 0.5).toBeCloseTo(steps, 0);
		expect(node.samples).toBe(Math.round(steps) + 1 - failing.size);
		expect(node.domains).toHaveLength(3);
		expect(node.caveats.join()).toContain("was not scraped for");
	});

	test("Kepler's containers by pod: a model's share, labelled so", async () => {
		const probe = keplerProbe({ url: server.url, selector: 'pod_id=~"video-.*"', scrape_s: 0.5 });
		const run = await probe.start();
		await sleep(2600);
		const share = reading(await run.stop());
		expect(share).toMatchObject({ kind: "modelled", covers: ["process"] });
		const steps = share.energy_j / (step_j.containerA + step_j.containerB);
		expect(steps).toBeCloseTo(Math.round(steps), 9);
		expect(steps).toBeGreaterThanOrEqual(3);
	});

	test("an older Kepler's containers: packages and DRAM, dynamic and idle, and no sum that holds them again", async () => {
		const run = await keplerProbe({ url: server.url, selector: 'old="yes"', scrape_s: 0.5 }).start();
		await sleep(2600);
		const share = reading(await run.stop());
		expect(share).toMatchObject({ kind: "modelled", covers: ["process"] });
		expect(share.domains).toHaveLength(3);
		const steps = share.energy_j / (7 + 2 + 1);
		expect(steps).toBeCloseTo(Math.round(steps), 9);
		expect(steps).toBeGreaterThanOrEqual(3);
	});

	test("DCGM's boards in millijoules, over a reset: what was counted, and that some is lost", async () => {
		const run = await dcgmProbe({ url: server.url, ...real }).start();
		const scaphandre = await scaphandreProbe({ url: server.url, selector: 'wraps=""', scrape_s: 0.5 }).start();
		const wrapping = await scaphandreProbe({ url: server.url, selector: 'wraps="yes"', scrape_s: 0.5 }).start();
		restart = server.scrapes.length + failing.size + 4;
		while (server.scrapes.length + failing.size <= restart + 3) await sleep(100);
		await sleep(300);
		const boards = reading(await run.stop());
		const host = reading(await scaphandre.stop());
		expect(host.covers).toEqual(["psys"]);
		expect(await wrapping.stop()).toMatchObject({ status: "refused", cause: "reset" });
		expect(boards.domains.map(({ domain }) => domain)).toEqual(["GPU-a", "GPU-b"]);
		const hostSteps = host.energy_j / 11;
		expect(hostSteps).toBeCloseTo(Math.round(hostSteps), 9);
		// One step per board is what the reset lost: it shows 0 where it would have shown 50 J more.
		expect(boards.energy_j).toBeCloseTo(2 * 50 * (Math.round(hostSteps) - 1), 6);
		// A busy machine's scrapes come late, which is said too.
		expect(boards.caveats.filter((caveat) => !/was not scraped for/.test(caveat))).toEqual([
			expect.stringMatching(/GPU-a began anew 1 times.*lost/),
			expect.stringMatching(/GPU-b began anew 1 times.*lost/),
		]);
	});

	test("one slice alone of a board that MIG splits: the whole board's energy, said so", async () => {
		const run = await dcgmProbe({ url: server.url, selector: 'slice="yes"', scrape_s: 0.5 }).start();
		await sleep(1600);
		const outcome = reading(await run.stop());
		expect(outcome.energy_j % 50).toBeCloseTo(0, 6);
		expect(outcome.caveats).toContainEqual("GPU-d is split by MIG: the energy is of the whole board, never of a slice");
	});

	test("DCGM's blank value and one board under two pods are refused", async () => {
		for (const [selector, cause] of [
			['blank="yes"', "not-supported"],
			['twice="yes"', "overlapping-domains"],
		] as const) {
			const run = await dcgmProbe({ url: server.url, selector, scrape_s: 0.5 }).start();
			await sleep(1300);
			expect(await run.stop()).toMatchObject({ status: "refused", cause });
		}
	});

	test("a window of less than two scrapes, no such series, a selector that is none, and nobody there", async () => {
		const short = await keplerProbe({ url: server.url }).start();
		expect(await short.stop()).toMatchObject({ status: "refused" });
		expect(await dcgmProbe({ url: server.url, selector: 'gpu="9"' }).detect()).toMatchObject({
			status: "unavailable",
			cause: "absent",
			remedy: expect.stringContaining("dcgm-exporter"),
		});
		expect(await dcgmProbe({ url: server.url, selector: "gpu=" }).detect()).toMatchObject({
			status: "unavailable",
			cause: "command-failed",
			reason: expect.stringContaining("400"),
		});
		expect(await keplerProbe({ url: "http://127.0.0.1:9" }).detect()).toMatchObject({
			status: "unavailable",
			cause: "absent",
		});
	});
});

describe.runIf(program !== undefined)("through a Prometheus that scrapes an older Kepler", realTime, () => {
	const node = (metric: string, mode: string, joules: number) =>
		`kepler_node_${metric}_joules_total{mode="${mode}",source="rapl-sysfs"} ${joules}`;
	let server: RealPrometheus;
	beforeAll(async () => {
		server = await realPrometheus(program as string, (scrape) =>
			[
				node("package", "dynamic", 20 * scrape),
				node("package", "idle", 10 * scrape),
				node("dram", "dynamic", 4 * scrape),
				node("dram", "idle", scrape),
				node("core", "dynamic", 100 * scrape),
				node("platform", "dynamic", 1000 * scrape),
			]
				.join("\n")
				.concat("\n"),
		);
	});
	afterAll(() => server.close());

	test("its nodes: packages and DRAM, dynamic and idle; not core, not the platform that holds them", async () => {
		const run = await keplerProbe({ url: server.url, scrape_s: 0.5 }).start();
		await sleep(2600);
		const outcome = reading(await run.stop());
		expect(outcome).toMatchObject({ kind: "measured", caveats: [] });
		expect([...outcome.covers].sort()).toEqual(["dram", "package"]);
		expect(outcome.domains).toHaveLength(4);
		const steps = outcome.energy_j / (20 + 10 + 4 + 1);
		expect(steps).toBeCloseTo(Math.round(steps), 9);
		expect(steps).toBeGreaterThanOrEqual(3);
	});
});

describe.runIf(program !== undefined)(
	"through a Prometheus that scrapes an older Kepler of two virtual machines",
	realTime,
	() => {
		let server: RealPrometheus;
		beforeAll(async () => {
			server = await realPrometheus(program as string, (scrape) =>
				["a", "b"]
					.map(
						(vm) =>
							`kepler_node_package_joules_total{instance="${vm}",mode="dynamic",source="trained_power_model"} ${5 * scrape}\n`,
					)
					.join(""),
			);
		});
		afterAll(() => server.close());
		const window = async (url: string) => {
			const run = await keplerProbe({ url, scrape_s: 0.5 }).start();
			await sleep(2600);
			return run.stop();
		};

		test("what its model estimates there under a counter's name is modelled; the sum of machines is said to be one", async () => {
			const outcome = reading(await window(server.url));
			expect(outcome.kind).toBe("modelled");
			expect(outcome.caveats).toEqual(["the sum of 2 machines: a, b"]);
			const steps = outcome.energy_j / (5 + 5);
			expect(steps).toBeCloseTo(Math.round(steps), 9);
		});

		test("of which the clock is ahead: the window is the same, by its clock", async () => {
			const ahead_s = 600;
			const other = await aheadOf(server.url, ahead_s);
			try {
				const outcome = reading(await window(other.url));
				expect(outcome.caveats).toContainEqual(expect.stringMatching(/clock is (599|600)(\.\d+)? s ahead/));
				// Asked for by this machine's clock it would have been a window of ten minutes before: none, or another's.
				expect(outcome.energy_j / (5 + 5)).toBeGreaterThanOrEqual(2);
				expect(outcome.duration_s).toBeLessThan(4);
			} finally {
				await other.close();
			}
		});

		test("which takes long to answer is no clock that is ahead", async () => {
			const slow = await aheadOf(server.url, 0, 6000);
			try {
				expect(reading(await window(slow.url)).caveats).toEqual(["the sum of 2 machines: a, b"]);
			} finally {
				await slow.close();
			}
		});

		test("a clock that is set in the window is refused: the samples of another time would be taken", async () => {
			const run = await keplerProbe({ url: server.url, scrape_s: 0.5 }).start();
			for (const set_ms of [-90_000, 90_000]) {
				vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + set_ms });
				try {
					expect(await run.stop()).toMatchObject({ status: "refused", cause: "clock-went-back" });
				} finally {
					vi.useRealTimers();
				}
			}
		});
	},
);

/**
 * The same Prometheus, as if its clock were ahead: it is asked for by that clock, stamps samples by it, and tells it.
 * It thinks so long about an answer.
 */
async function aheadOf(url: string, ahead_s: number, think_ms = 0) {
	const server = createServer(async (request, response) => {
		const target = new URL(request.url ?? "", url);
		target.searchParams.set("time", String(Number(target.searchParams.get("time")) - ahead_s));
		const answer = (await (await fetch(target)).json()) as {
			data: { result: { values: [number, string][] }[] };
		};
		for (const series of answer.data.result)
			series.values = series.values.map(([time, value]) => [time + ahead_s, value]);
		await sleep(think_ms);
		response.setHeader("date", new Date(Date.now() + 1000 * ahead_s).toUTCString());
		response.end(JSON.stringify(answer));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const close = () => {
		server.closeAllConnections();
		return new Promise((resolve) => server.close(resolve));
	};
	return { url: `http://127.0.0.1:${port}`, close };
}
