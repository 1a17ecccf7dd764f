/**
 * When a batch job's result is wanted, by the rules of Let's Wait Awhile (Wiesner et al., Middleware '21, arXiv
 * 2110.13234; its code at 5e0d155): with a finish inside working hours (Monday to Friday, 9:00 to 17:00) at once, else at
 * 9:00 of the next workday, which after 17:00 on a Friday is, by its authors' rule, Saturday; or at 9:00 of the next
 * Monday or Thursday.
 */
export type Deadline = "next workday" | "Monday or Thursday";

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

/**
 * The deadline of a job that would finish at an instant, ms.
 *
 * @param finish_ms when it would finish if it began at once, ms since 1970 UTC
 */
export function deadline(rule: Deadline, finish_ms: number): number {
	const midnight = Math.floor(finish_ms / day_ms) * day_ms;
	const clock = (finish_ms - midnight) / hour_ms;
	// 1970 began on a Thursday; Monday is 0.
	const weekday = (midnight / day_ms + 3) % 7;
	const nine = (days: number) => midnight + days * day_ms + 9 * hour_ms;
	if (rule === "next workday") {
		if (weekday === 5) return nine(2);
		if (weekday === 6 || clock > 17) return nine(1);
		return clock < 9 ? nine(0) : finish_ms;
	}
	const toThursday = (weekday === 0 && clock > 9) || weekday === 1 || weekday === 2 || (weekday === 3 && clock <= 9);
	return nine(toThursday ? (3 - weekday + 7) % 7 : (7 - weekday) % 7);
}
