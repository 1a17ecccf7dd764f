/**
 * The distribution functions, of stdlib. The build puts stdlib's code into this file (scripts/build.mjs), which spares who
 * installs the package its 200 packages; the types are therefore told here.
 */
import erfcOf from "@stdlib/math-base-special-erfc";
import normalQuantileOf from "@stdlib/stats-base-dists-normal-quantile";
import tCdfOf from "@stdlib/stats-base-dists-t-cdf";
import tQuantileOf from "@stdlib/stats-base-dists-t-quantile";

/** The complementary error function. */
export const erfc: (x: number) => number = erfcOf;

/** The quantile of the normal distribution at a probability. */
export const normalQuantile: (probability: number, mean: number, standardDeviation: number) => number =
	normalQuantileOf;

/** The probability that Student's t with so many degrees of freedom is at most x. */
export const tCdf: (x: number, degreesOfFreedom: number) => number = tCdfOf;

/** The quantile of Student's t at a probability. */
export const tQuantile: (probability: number, degreesOfFreedom: number) => number = tQuantileOf;
