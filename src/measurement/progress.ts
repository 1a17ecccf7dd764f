/** How far a run has come. Times are s. */
export interface Progress {
	readonly finished: number;
	/** Repetitions that are certain to be run; more may follow where an interval stays wide. */
	readonly planned: number;
	readonly spent_s: number;
	readonly left_s: number | undefined;
	readonly now: string;
}

/** A line for the terminal: "  42/210  20%  1:05 spent, 4:10 left  yolov5n ...". */
export function progressLine({ finished, planned, spent_s, left_s, now }: Progress): string {
	const percent = `${planned === 0 ? 100 : Math.floor((100 * finished) / planned)}%`.padStart(4);
	const left = left_s === undefined ? "" : `, about ${clock(left_s)} left`;
	return `${String(finished).padStart(5)}/${planned} ${percent}  ${clock(spent_s)} spent${left}  ${now}`;
}

/**
 * Time left, from the time that this session's finished repetitions took each, s; undefined before the first.
 *
 * @param done repetitions finished in this session
 */
export function timeLeft(done: number, remaining: number, spent_s: number): number | undefined {
	return done === 0 ? undefined : (spent_s / done) * remaining;
}

function clock(seconds: number): string {
	const whole = Math.round(seconds);
	const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
	return (parts[0] === 0 ? parts.slice(1) : parts).map((n, i) => (i === 0 ? n : String(n).padStart(2, "0"))).join(":");
}
