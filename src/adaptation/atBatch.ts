/** A profiled batch, and the smaller ones of the same variant and cores, rising. */
interface Cells<Cell> {
	readonly smaller?: readonly Cell[];
}

/**
 * A quantity of a batch of `size` requests: straight between the profiled batches around it, that of the smallest below
 * them, and that of the full batch where no smaller one is given.
 *
 * @param full the full batch, at least `size`
 * @example
 * // 0.5 s for 1 and 0.8 s for 4 requests: 0.6 s for 2
 * atBatch({ batch: 4, latency_s: 0.8, smaller: [{ batch: 1, latency_s: 0.5 }] }, 2, (cell) => cell.latency_s);
 */
export function atBatch<Cell extends { readonly batch: number }>(
	full: Cell & Cells<Cell>,
	size: number,
	read: (cell: Cell) => number,
): number {
	const { smaller = [] } = full;
	let above: Cell = full;
	let k = smaller.length - 1;
	for (; k >= 0 && (smaller[k] as Cell).batch >= size; k--) above = smaller[k] as Cell;
	const below = smaller[k];
	if (below === undefined) return read(above);
	const share = (size - below.batch) / (above.batch - below.batch);
	return read(below) + share * (read(above) - read(below));
}
