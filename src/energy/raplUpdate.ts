/** How often the processor moves the counters of RAPL, s: about once in a millisecond (Intel SDM, vol. 3B, 14.10.2). */
export const raplUpdate_s = 0.001;
