import { pearsonValue } from "./pearsonValue.js";
import { ranks } from "./ranks.js";

/** Spearman's rho without checks and p value: undefined where an input does not vary. Finite, equally long inputs. */
export function spearmanValue(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
	return pearsonValue(ranks(x), ranks(y));
}
