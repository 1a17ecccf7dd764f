import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { boardChoice, chosenBoards } from "../../src/energy/boards.js";
import { dcgmiProbe } from "../../src/energy/dcgmi.js";
import { nvidiaSmiProbe } from "../../src/energy/nvidiaSmi.js";
import { realTime } from "../realTime.js";
import { fakeTool } from "./fakeTool.js";

const two = [
	{ index: 0, uuid: "GPU-aaaa-1", model: "A100" },
	{ index: 1, uuid: "GPU-aabb-2", model: "A100" },
];
const mixed = [two[0], { index: 1, uuid: "GPU-cccc-3", model: "V100" }] as typeof two;
const visible = (names: string, order?: string) =>
	boardChoice({ CUDA_VISIBLE_DEVICES: names, ...(order === undefined ? {} : { CUDA_DEVICE_ORDER: order }) });
const indices = (choice: ReturnType<typeof boardChoice>, boards = two) => {
	const chosen = chosenBoards(choice, boards);
	return chosen.status === "chosen" ? chosen.boards.map(({ index }) => index) : chosen.cause;
};

describe("the boards that are ours", () => {
	test.each([
		["0", [0]],
		["1,0", [1, 0]],
		["GPU-aabb", [1]],
		["GPU-aaaa-1", [0]],
		[" 1 ", [1]],
		["0,0", [0]],
		["0,-1,1", [0]],
		["0,7,1", [0]],
		// Two boards begin so: CUDA takes it for none.
		["GPU-aa", "absent"],
		["", "absent"],
		["-1", "absent"],
		["NoDevFiles", "absent"],
		["MIG-5f2a", "not-supported"],
	])("CUDA_VISIBLE_DEVICES=%j: %j", (names, expected) => expect(indices(visible(names))).toEqual(expected));
	test("not set: all", () => expect(indices(boardChoice({}))).toEqual([0, 1]));
	test("on boards of several models an index is CUDA's own, unless it counts along the bus", () => {
		expect(indices(visible("0"), mixed)).toBe("not-supported");
		expect(indices(visible("0", "PCI_BUS_ID"), mixed)).toEqual([0]);
		expect(indices(visible("GPU-cc"), mixed)).toEqual([1]);
	});
	test("a plan's come before the variable's, and must all be there", () => {
		expect(indices(boardChoice({ CUDA_VISIBLE_DEVICES: "0" }, [1]))).toEqual([1]);
		expect(indices(boardChoice({}, ["GPU-aaaa", 7]))).toBe("absent");
	});
});

describe("a neighbour's board", realTime, () => {
	const smi = "test/fixtures/field/gpu-shared-node/nvidia-smi";
	const watts = async (names?: string) => {
		const boards = names === undefined ? undefined : visible(names);
		const run = await nvidiaSmiProbe({ command: smi, boards }).start();
		await sleep(6000);
		const outcome = await run.stop();
		return outcome.status === "reading" ? Math.round(outcome.energy_j / outcome.duration_s) : outcome.reason;
	};
	test("is not in nvidia-smi's energy: 60 W, ours, of 450 W", async () => {
		expect(await Promise.all([watts("0"), watts("GPU-bbbb"), watts()])).toEqual([60, 390, 450]);
	});
	test("without a power does not cost ours its reading", async () => {
		const { command } = fakeTool(
			"nvidia-smi",
			`const show = () => { const t = new Date().toISOString().replace("T", " ").replaceAll("-", "/").slice(0, 23); process.stdout.write(t + ", GPU-a, A100, 60.00, Disabled\\n" + t + ", GPU-b, A100, [Unknown Error], Disabled\\n"); };
show(); if (args.includes("-lms")) setInterval(show, 100);`,
		);
		const run = await nvidiaSmiProbe({ command, boards: visible("GPU-a") }).start();
		await sleep(6000);
		expect(await run.stop()).toMatchObject({ status: "reading", domains: [{ domain: "GPU-a" }] });
	});
	test("is not in dcgm's, which knows UUIDs by its list of boards", async () => {
		const { command } = fakeTool(
			"dcgmi",
			`if (args[0] === "discovery") { console.log("2 GPUs found.\\n| GPU ID | Device Information |\\n| 0      | Name: NVIDIA A100 |\\n|        | Device UUID: GPU-a-1 |\\n| 1      | Name: NVIDIA A100 |\\n|        | Device UUID: GPU-b-2 |"); process.exit(0); }
const ms = Date.now() - 1e12;
console.log([0, 1].map((gpu) => "GPU " + gpu + "     " + 50 * (gpu + 1) * ms + "     N/A").join("\\n"));`,
		);
		const run = await dcgmiProbe({ command, boards: visible("GPU-b") }).start();
		await sleep(1000);
		const outcome = await run.stop();
		expect(outcome).toMatchObject({ status: "reading", domains: [{ domain: "GPU 1" }] });
		if (outcome.status === "reading") expect(outcome.totalRule).toContain("1 of 2");
	});
});
