/**
 * The control workload: a fixed amount of integer arithmetic on one core, which no data and no model can change, so that
 * its time tells of the node alone.
 *
 * @param steps multiply-and-shift steps
 * @returns what it computed, so that it is not left out as unused
 */
export function arithmetic(steps: number): number {
	let state = 1;
	for (let i = 0; i < steps; i++) {
		state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
		state = (state + i) | 0;
	}
	return state;
}
