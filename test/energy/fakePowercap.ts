import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** A zone as the kernel shows it. Microjoules, as whole numbers. */
export interface FakeZone {
	readonly name: string;
	readonly energy_uj: number | string;
	readonly max_energy_range_uj?: number;
}

/** A 61 uJ unit's range. */
export const range_uj = 262143328850;

/**
 * A powercap tree as sysfs has it: folders nested under devices/virtual, each with a link back to its class, and a class
 * folder that links every zone and every control type flat. Returns the class folder.
 */
export function fakePowercap(zones: Readonly<Record<string, FakeZone>>): string {
	const base = mkdtempSync(join(tmpdir(), "powercap-"));
	const root = join(base, "class", "powercap");
	mkdirSync(root, { recursive: true });
	for (const [id, zone] of Object.entries(zones)) {
		const [type, top, sub] = id.split(":");
		const folder = join(base, "devices", type ?? "", `${type}:${top}`, ...(sub === undefined ? [] : [id]));
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, "name"), `${zone.name}\n`);
		writeFileSync(join(folder, "max_energy_range_uj"), `${zone.max_energy_range_uj ?? range_uj}\n`);
		writeFileSync(join(folder, "enabled"), "1\n");
		writeFileSync(join(folder, "energy_uj"), `${zone.energy_uj}\n`);
		symlinkSync(root, join(folder, "subsystem"));
		symlinkSync(folder, join(root, id));
	}
	for (const type of new Set(Object.keys(zones).map((id) => id.replace(/:.*/, "")))) {
		const folder = join(base, "devices", type);
		writeFileSync(join(folder, "enabled"), "1\n");
		symlinkSync(root, join(folder, "subsystem"));
		symlinkSync(folder, join(root, type));
	}
	return root;
}

/** Sets a counter, whole at every moment. */
export function setEnergy(root: string, id: string, energy_uj: number): void {
	const file = join(root, id, "energy_uj");
	const aside = join(dirname(file), ".energy_uj");
	writeFileSync(aside, `${Math.round(energy_uj)}\n`);
	renameSync(aside, file);
}

/** What a child process adds to a counter: a power from its start on, wrapped at a range. */
export interface Draw {
	readonly file: string;
	readonly start_uj: number;
	readonly watts: number;
	readonly range_uj: number;
}

const script = `
import { renameSync, writeFileSync } from "node:fs";
const draws = JSON.parse(process.argv[2]);
const began = performance.now();
const step = () => {
	const seconds = (performance.now() - began) / 1000;
	for (const { file, start_uj, watts, range_uj } of draws) {
		writeFileSync(file + ".aside", Math.floor((start_uj + watts * seconds * 1e6) % range_uj) + "\\n");
		renameSync(file + ".aside", file);
	}
};
step();
process.stdout.write("drawing\\n");
setInterval(step, 1);
`;

/** A process that advances counters about every millisecond, at known watts, until it is ended. */
export async function drawing(root: string, watts: Readonly<Record<string, Omit<Draw, "file">>>) {
	const file = join(dirname(root), "draw.mjs");
	writeFileSync(file, script);
	const draws = Object.entries(watts).map(([id, draw]) => ({ file: join(root, id, "energy_uj"), ...draw }));
	const child = execa("node", [file, JSON.stringify(draws)], { reject: false, buffer: false });
	await new Promise((resolve) => child.stdout?.once("data", resolve));
	return {
		end: async () => {
			child.kill();
			await child;
		},
	};
}
