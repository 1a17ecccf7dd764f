import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** A dataset folder made for a test: one table and its provenance. */
export async function folderOf(csv: string, units: Record<string, string>): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "carbon-"));
	await writeFile(join(folder, "hours.csv"), csv);
	await writeFile(
		join(folder, "provenance.yaml"),
		stringify({
			dataset: "hours",
			title: "hours of a test",
			source: "this test",
			commit: "none",
			path: "hours.csv",
			hardware: "none",
			energy_method: "none",
			kind: "measured",
			units,
			licence: "none",
			caveats: [],
			files: [{ name: "hours.csv", sha256: createHash("sha256").update(csv).digest("hex") }],
		}),
	);
	return folder;
}
