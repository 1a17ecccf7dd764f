/** Size of a MIG slice of an A100 or H100, in sevenths of its compute: 7g, 4g, 3g, 2g, 1g. */
export type Slice = 7 | 4 | 3 | 2 | 1;

export const sliceSizes: readonly Slice[] = [7, 4, 3, 2, 1];

/** Slices in the order of their place on the board. */
export type Partition = readonly Slice[];

/**
 * Partitions of a board by CLOVER's code (boringlee24/sc23-clover @8cea06e, mig/partition_code.json). The order of slices
 * is part of it: 12 to 17 differ in places alone.
 */
export const migPartitions: readonly Partition[] = [
	[7],
	[3, 4],
	[2, 1, 4],
	[1, 1, 1, 4],
	[3, 3],
	[2, 1, 3],
	[1, 1, 1, 3],
	[3, 2, 2],
	[3, 2, 1, 1],
	[3, 1, 1, 2],
	[3, 1, 1, 1, 1],
	[2, 1, 2, 2],
	[2, 1, 2, 1, 1],
	[2, 1, 1, 1, 2],
	[1, 1, 1, 2, 1, 1],
	[1, 1, 1, 1, 1, 2],
	[2, 1, 1, 1, 1, 1],
	[1, 2, 1, 1, 1, 1],
	[1, 1, 1, 1, 1, 1, 1],
];

/** Codes that CLOVER leaves out: the same slices as another, in other places. */
export const cloverExcluded: readonly number[] = [9, 15, 16, 17];

/** MISO's 18 partitions (boringlee24/socc22-miso @39b1ee6), by its code: CLOVER's without [3, 4]. */
export const misoPartitions: readonly Partition[] = migPartitions.filter((_, code) => code !== 1);
