/**
 * Options of tests whose joules or latencies come from a clock and from child processes: a machine that is busy for a
 * moment may starve one of them. It is tried again; what is wrong fails each time.
 */
export const realTime = { retry: 2 } as const;
