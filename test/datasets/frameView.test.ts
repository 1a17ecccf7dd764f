import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { frameViewReading } from "../../src/datasets/frameView.js";

const header = "Application,TimeInSeconds,GPUOnlyPwr(W) (API),NV Pwr(W) (API),PCAT Power Total(W)";
function recording(rows: readonly string[], head = header): string {
	const file = join(mkdtempSync(join(tmpdir(), "frameview-")), "FrameView_python_2024_05_17_Log.csv");
	writeFileSync(file, `${[head, ...rows].join("\r\n")}\r\n`);
	return file;
}
/** 20 rows, a tenth of a second apart: the interposer sees 100 W rising by 10 W a row. */
const ramp = Array.from({ length: 20 }, (_, i) => `app,${(10 + i / 10).toFixed(3)},50.0,90.0,${100 + 10 * i}`);

test("the interposer's column before the driver's, integrated by hand", async () => {
	const outcome = await frameViewReading(recording(ramp));
	// From 100 W to 290 W over 1.9 s: 195 W in the mean.
	expect(outcome).toMatchObject({ status: "reading", covers: ["board"], kind: "measured", samples: 20, caveats: [] });
	if (outcome.status !== "reading") throw new Error(outcome.reason);
	expect(outcome.energy_j).toBeCloseTo(195 * 1.9, 6);
	// A tenth of a watt.
	expect(outcome.resolution_j).toBeCloseTo(0.19, 9);
	expect(outcome.wraps).toBe(0);
	// A part of it: rows 5 to 15, 150 W to 250 W over 1 s.
	const part = await frameViewReading(recording(ramp), { from_s: 10.4999, until_s: 11.5001 });
	if (part.status === "reading") expect(part.energy_j).toBeCloseTo(200, 6);
	else throw new Error(part.reason);
	// Its bounds are within it, and ten rows are the least.
	const rows = async (until_s: number) => frameViewReading(recording(ramp), { from_s: 10, until_s });
	expect(await rows(10.9)).toMatchObject({ status: "reading", samples: 10 });
	expect(await rows(10.8)).toMatchObject({ status: "refused", cause: "too-few-samples" });
});

test("without the interposer the board's, and without that the chip's, with what that means", async () => {
	const board = await frameViewReading(recording(ramp.map((row) => row.replace(/,[^,]*$/, ",NA"))));
	if (board.status !== "reading") throw new Error(board.reason);
	expect(board.energy_j).toBeCloseTo(90 * 1.9, 6);
	expect(board.caveats[0]).toContain("as the driver gives it");
	const chip = await frameViewReading(recording(ramp), { column: "GPUOnlyPwr(W) (API)" });
	if (chip.status !== "reading") throw new Error(chip.reason);
	expect(chip.energy_j).toBeCloseTo(50 * 1.9, 6);
	expect(chip.caveats[0]).toContain("chip alone");
});

test("the interposer's older column", async () => {
	const outcome = await frameViewReading(recording(ramp, header.replace("PCAT Power Total(W)", "PCAT Power (Watts)")));
	if (outcome.status !== "reading") throw new Error(outcome.reason);
	expect(outcome.energy_j).toBeCloseTo(195 * 1.9, 6);
	expect(outcome.domains[0]?.domain).toBe("PCAT Power (Watts)");
});

test("NA rows: counted, and refused where they leave more than a second unseen", async () => {
	const holes = ramp.map((row, i) => (i === 5 ? row.replace(/,[^,]*$/, ",NA") : row));
	expect(await frameViewReading(recording(holes))).toMatchObject({
		status: "reading",
		caveats: ["1 rows without a power (NA)"],
	});
	const long = [...ramp, "app,20.0,50.0,90.0,100"];
	expect(await frameViewReading(recording(long))).toMatchObject({ status: "refused", cause: "too-few-samples" });
	const refusedAfter = async (gap_s: number) =>
		(await frameViewReading(recording([...ramp, `app,${11.9 + gap_s},50.0,90.0,100`]))).status;
	expect([await refusedAfter(0.95), await refusedAfter(1.05)]).toEqual(["reading", "refused"]);
	const none = ramp.map((row) => row.replace(/50\.0,90\.0,.*$/, "NA,NA,NA"));
	expect(await frameViewReading(recording(none))).toMatchObject({ status: "refused", cause: "not-supported" });
});

test("what is no such recording is named", async () => {
	await expect(frameViewReading(recording(ramp, header.replaceAll("W)", "mW)")))).rejects.toThrow(
		/:1: must have a column of power/,
	);
	const bad = [...ramp.slice(0, 10), "app,11.0,50,90,much", ...ramp.slice(11)];
	await expect(frameViewReading(recording(bad))).rejects.toThrow(/:12, PCAT Power Total\(W\).*"much"/);
	expect(await frameViewReading(recording(ramp.map((row) => row.replace(/,[^,]*$/, ",0"))))).toMatchObject({
		status: "refused",
		cause: "zero",
	});
});
