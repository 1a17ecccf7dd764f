/** A share as a text, to a tenth of a percent: 0.123 is "12.3 %". */
export function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
