import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readingOfSeries } from "../../src/energy/prometheus.js";
import type { Outcome, Reading } from "../../src/energy/reading.js";
import { scrapedCount } from "../../src/energy/scrapedCounter.js";
import { dcgmProbe, keplerProbe, scaphandreProbe } from "../../src/energy/scrapedSources.js";
import { realTime } from "../realTime.js";
import { prometheusProgram, type RealPrometheus, realPrometheus } from "./realPrometheus.js";

const program = prometheusProgram();

describe("a scraped counter, by hand", () => {
	const series = (values: number[], time_s = values.map((_, i) => i)) => ({ labels: {}, time_s, values });

	test("differences, a reset, a gap", () => {
		expect(scrapedCount(series([100, 150, 250]))).toMatchObject({
			counted: 150,
			duration_s: 2,
			resets: 0,
			resolution: 100,
		});
		// 100 -> 150, begun anew, 20 since, -> 70: 50 + 20 + 50.
		expect(scrapedCount(series([100, 150, 20, 70]))).toMatchObject({ counted: 120, resets: 1 });
		expect(scrapedCount(series([0, 10, 90], [0, 1, 9]))).toMatchObject({ counted: 90, longestGap_s: 8, usualGap_s: 1 });
	});

	test("a counter that stands still between two scrapes counts nothing, and has not begun anew", () => {
		expect(scrapedCount(series([100, 100, 140, 140]))).toMatchObject({ counted: 40, resets: 0, resolution: 40 });
		expect(scrapedCount(series([7, 7]))).toMatchObject({ counted: 0, resets: 0, resolution: 0 });
	});

	test("its time is from the first scrape to the last, its usual gap the middle one, in whatever order they come", () =>
		expect(scrapedCount(series([0, 1, 2, 3, 4, 5], [1000, 1010, 1045, 1050, 1070, 1090]))).toMatchObject({
			duration_s: 90,
			samples: 6,
			longestGap_s: 35,
			usualGap_s: 20,
		}));

	test("what is no counter", () => {
		expect(scrapedCount(series([]))).toMatchObject({ status: "fault", cause: "too-few-samples" });
		expect(scrapedCount(series([5]))).toMatchObject({ status: "fault", cause: "too-few-samples" });
		expect(scrapedCount(series([5, Number.NaN]))).toMatchObject({ status: "fault", cause: "malformed" });
		expect(scrapedCount(series([5, -1]))).toMatchObject({ status: "fault", cause: "malformed" });
		expect(scrapedCount(series([Number.POSITIVE_INFINITY, 5]))).toMatchObject({ status: "fault", cause: "malformed" });
		expect(scrapedCount(series([5, 6], [1, 1]))).toMatchObject({ status: "fault", cause: "clock-went-back" });
	});
});

test("a fall of a sum of raw counters is refused: only one of them began anew", () => {
	// Two counters of 262 kJ at 250 and 200 kJ, 100 W each, a scrape every 10 s; the first wraps after the second scrape.
	const series = { labels: {}, time_s: [0, 10, 20], values: [461e9, 463e9, 463e9 + 2e9 - 262.143e9] };
	const metric = { selector: "", joules: 1e-6, covers: () => "package" as const, domain: () => "host" } as const;
	const source = { name: "scaphandre", totalRule: "" };
	expect(readingOfSeries(source, { ...metric, raw: true }, [series])).toMatchObject({
		status: "refused",
		cause: "reset",
	});
	// Taken for a beginning at 0 it would be 204 kJ for 4 kJ.
	expect(readingOfSeries(source, metric, [series])).toMatchObject({ energy_j: expect.closeTo(204857, 0) });
});

describe("a reading of series, by hand", () => {
	const metric = {
		selector: "",
		joules: 1e-3,
		covers: () => "board" as const,
		domain: ({ gpu = "" }: Readonly<Record<string, string>>) => gpu,
		blank: 9e15,
	};
	/** A counter that rises by `step` a scrape, every 15 s from `from` to `until`. */
	const gpu = (name: string, step: number, [from, until]: readonly [number, number] = [0, 10]) => {
		const scrapes = Array.from({ length: until - from + 1 }, (_, i) => from + i);
		return {
			labels: { gpu: name },
			time_s: scrapes.map((scrape) => 1e9 + 15 * scrape),
			values: scrapes.map((scrape) => 5000 + step * scrape),
		};
	};
	const reading = (...series: readonly ReturnType<typeof gpu>[]) =>
		readingOfSeries({ name: "dcgm-exporter", totalRule: "" }, metric, series);

	test("ten scrapes of 3 J and ten of 2 J: 50 J over 150 s", () =>
		expect(reading(gpu("a", 3000), gpu("b", 2000))).toMatchObject({
			status: "reading",
			energy_j: expect.closeTo(50, 9),
			resolution_j: expect.closeTo(5, 9),
			duration_s: 150,
			samples: 11,
			kind: "measured",
			covers: ["board"],
			caveats: [],
		}));
	test("a share by a model says so", () =>
		expect(
			readingOfSeries({ name: "kepler", totalRule: "" }, { ...metric, kind: () => "modelled" }, [gpu("a", 1)]),
		).toMatchObject({ kind: "modelled" }));
	test("series of a scrape less are of one window, of two less they are not", () => {
		expect(reading(gpu("a", 3000), gpu("b", 2000, [1, 10]))).toMatchObject({
			energy_j: expect.closeTo(48, 9),
			duration_s: 142.5,
			samples: 10,
		});
		expect(reading(gpu("a", 3000), gpu("b", 2000, [0, 8]))).toMatchObject({
			status: "refused",
			cause: "too-few-samples",
		});
	});
	test("the blank value, a second series of a board, one sample: each refuses all", () => {
		const blank = { ...gpu("b", 2000), values: [...gpu("b", 2000).values.slice(0, 10), 9e15] };
		expect(reading(gpu("a", 3000), blank)).toMatchObject({ cause: "not-supported" });
		expect(reading(gpu("a", 3000), gpu("b", 2000), gpu("a", 3000))).toMatchObject({ cause: "overlapping-domains" });
		expect(reading(gpu("a", 3000), gpu("b", 2000, [4, 4]))).toMatchObject({ cause: "too-few-samples" });
		expect(reading(gpu("a", 3000), gpu("b", 0))).toMatchObject({ cause: "zero" });
	});
	test("scrapes that are missing lose nothing, and are told from the fourth on", () => {
		const without = (missing: number) => {
			const { labels, time_s, values } = gpu("a", 3000);
			const left = <T>(all: readonly T[]) => all.filter((_, i) => i < 4 || i >= 4 + missing);
			return reading({ labels, time_s: left(time_s), values: left(values) });
		};
		expect(without(2)).toMatchObject({ energy_j: expect.closeTo(30, 9), caveats: [] });
		expect(without(3)).toMatchObject({ energy_j: expect.closeTo(30, 9), caveats: ["a was not scraped for 60.0 s"] });
	});
	test("a reset is told with its number", () => {
		const anew = { ...gpu("a", 0, [0, 4]), values: [5000, 6000, 500, 900, 100] };
		// 1000, then 500 and 400 since it began anew, then 100: 2 J.
		expect(reading(anew)).toMatchObject({
			energy_j: expect.closeTo(2, 9),
			caveats: [expect.stringMatching(/^a began anew 2 times/)],
		});
	});
});

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
	}, 30_000);

	test("Kepler's containers by pod: a model's share, labelled so", async () => {
		const probe = keplerProbe({ url: server.url, selector: 'pod_id=~"video-.*"', scrape_s: 0.5 });
		const run = await probe.start();
		await sleep(2600);
		const share = reading(await run.stop());
		expect(share).toMatchObject({ kind: "modelled", covers: ["process"] });
		const steps = share.energy_j / (step_j.containerA + step_j.containerB);
		expect(steps).toBeCloseTo(Math.round(steps), 9);
		expect(steps).toBeGreaterThanOrEqual(3);
	}, 30_000);

	test("an older Kepler's containers: packages and DRAM, dynamic and idle, and no sum that holds them again", async () => {
		const run = await keplerProbe({ url: server.url, selector: 'old="yes"', scrape_s: 0.5 }).start();
		await sleep(2600);
		const share = reading(await run.stop());
		expect(share).toMatchObject({ kind: "modelled", covers: ["process"] });
		expect(share.domains).toHaveLength(3);
		const steps = share.energy_j / (7 + 2 + 1);
		expect(steps).toBeCloseTo(Math.round(steps), 9);
		expect(steps).toBeGreaterThanOrEqual(3);
	}, 30_000);

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
	}, 60_000);

	test("one slice alone of a board that MIG splits: the whole board's energy, said so", async () => {
		const run = await dcgmProbe({ url: server.url, selector: 'slice="yes"', scrape_s: 0.5 }).start();
		await sleep(1600);
		const outcome = reading(await run.stop());
		expect(outcome.energy_j % 50).toBeCloseTo(0, 6);
		expect(outcome.caveats).toContainEqual("GPU-d is split by MIG: the energy is of the whole board, never of a slice");
	}, 30_000);

	test("DCGM's blank value and one board under two pods are refused", async () => {
		for (const [selector, cause] of [
			['blank="yes"', "not-supported"],
			['twice="yes"', "overlapping-domains"],
		] as const) {
			const run = await dcgmProbe({ url: server.url, selector, scrape_s: 0.5 }).start();
			await sleep(1300);
			expect(await run.stop()).toMatchObject({ status: "refused", cause });
		}
	}, 30_000);

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
	}, 30_000);
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
	}, 30_000);
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
		}, 30_000);

		test("of which the clock is ahead: the window is the same, by its clock", async () => {
			const ahead_s = 600;
			const other = await aheadOf(server.url, ahead_s);
			try {
				const outcome = reading(await window(other.url));
				expect(outcome.caveats).toContainEqual(expect.stringMatching(/clock is (599|600)\.\d s ahead/));
				// Asked for by this machine's clock it would have been a window of ten minutes before: none, or another's.
				expect(outcome.energy_j / (5 + 5)).toBeGreaterThanOrEqual(2);
				expect(outcome.duration_s).toBeLessThan(4);
			} finally {
				await other.close();
			}
		}, 30_000);

		test("which takes long to answer is no clock that is ahead", async () => {
			const slow = await aheadOf(server.url, 0, 6000);
			try {
				expect(reading(await window(slow.url)).caveats).toEqual(["the sum of 2 machines: a, b"]);
			} finally {
				await slow.close();
			}
		}, 30_000);

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
