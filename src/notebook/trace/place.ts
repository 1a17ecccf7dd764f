/** Where and when a run takes its electricity. */
export interface Place {
	readonly zone: string;
	readonly basis: "direct" | "lifecycle";
	/** First hour, UTC. */
	readonly start: string;
	/** Average intensity of that hour and the ones after it, g/kWh. */
	readonly hourly_g_per_kwh: readonly number[];
}
