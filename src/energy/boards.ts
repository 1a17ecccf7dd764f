import type { RefusalCause } from "./reading.js";

/** A GPU board as a tool lists it. */
export interface Board {
	/** Its number in the order of the PCI bus, as NVIDIA's tools count. */
	readonly index: number;
	readonly uuid?: string;
	readonly model?: string;
}

/** Which boards are ours, and who says so. */
export interface BoardChoice {
	readonly by: "CUDA_VISIBLE_DEVICES" | "the plan";
	/** Indices, UUIDs or their beginnings. Empty: none. */
	readonly names: readonly string[];
	/** Whether an index counts along the PCI bus: CUDA's own order has the fastest first unless it is told otherwise. */
	readonly byBus: boolean;
}

/** The variables of CUDA that say which boards a program sees. */
export interface BoardEnvironment {
	readonly CUDA_VISIBLE_DEVICES?: string | undefined;
	readonly CUDA_DEVICE_ORDER?: string | undefined;
}

/** The boards that a plan names, else those that CUDA_VISIBLE_DEVICES does; undefined: all that there are. */
export function boardChoice(
	{ CUDA_VISIBLE_DEVICES: visible, CUDA_DEVICE_ORDER: order }: BoardEnvironment,
	planned?: readonly (string | number)[],
): BoardChoice | undefined {
	if (planned !== undefined) return { by: "the plan", names: planned.map(String), byBus: true };
	if (visible === undefined) return undefined;
	const names = visible.split(",").map((name) => name.trim());
	return {
		by: "CUDA_VISIBLE_DEVICES",
		names: names.filter((name) => name !== ""),
		byBus: order === "PCI_BUS_ID",
	};
}

export type Chosen<T extends Board> =
	/** `rule`: what the total is, in words. */
	| { readonly status: "chosen"; readonly boards: readonly T[]; readonly rule: string }
	| {
			readonly status: "fault";
			readonly cause: Extract<RefusalCause, "absent" | "not-supported">;
			readonly reason: string;
			readonly remedy?: string;
	  };

/**
 * The boards among those of a machine that are ours: on a shared node a neighbour's joules are not. CUDA leaves out every
 * name from the first on that is no board's; a plan's must all be there.
 */
export function chosenBoards<T extends Board>(choice: BoardChoice | undefined, boards: readonly T[]): Chosen<T> {
	if (choice === undefined) return { status: "chosen", boards, rule: "sum of the boards" };
	const { by, names, byBus } = choice;
	const fault = (cause: "absent" | "not-supported", reason: string, remedy?: string): Chosen<T> => ({
		status: "fault",
		cause,
		reason,
		...(remedy === undefined ? {} : { remedy }),
	});
	const found: T[] = [];
	for (const name of names) {
		if (name.startsWith("MIG-"))
			return fault("not-supported", `${by} names ${name}, a slice of a board: no counter is a slice's alone`);
		const byIndex = /^\d+$/.test(name);
		if (byIndex && !byBus && new Set(boards.map(({ model }) => model)).size > 1)
			return fault(
				"not-supported",
				`${by} names board ${name}, and on boards of several models CUDA counts the fastest first`,
				"export CUDA_DEVICE_ORDER=PCI_BUS_ID, or name UUIDs",
			);
		const own = boards.filter(({ index, uuid = "" }) =>
			byIndex ? index === Number(name) : name.startsWith("GPU-") && uuid.startsWith(name),
		);
		const [board] = own;
		if (board === undefined || own.length > 1) {
			if (by === "the plan")
				return fault("absent", `the plan names the board ${name}, and ${own.length} of ${boards.length} are it`);
			break;
		}
		if (!found.includes(board)) found.push(board);
	}
	if (found.length === 0) return fault("absent", `${by} names none of the ${boards.length} boards here`);
	const rule = `sum of the boards that ${by} names, ${found.length} of ${boards.length}`;
	return { status: "chosen", boards: found, rule };
}
