/** A plain Plotly figure: what plotly.js draws, JSON all through. */
export interface Figure {
	readonly data: readonly Trace[];
	readonly layout: Readonly<Record<string, unknown>>;
}

/** One Plotly trace, by the attribute names of plotly.js' reference. */
export type Trace = Readonly<Record<string, unknown>>;

/** The MIME type by which JupyterLab and VS Code know a Plotly figure. */
export const plotlyMime = "application/vnd.plotly.v1+json";

/** The figure as JSON, without the pictures that it would fetch: those that are part of it stay. */
export function figureJson(figure: object): string {
	return JSON.stringify(figure, (key, value: unknown) =>
		key === "source" && typeof value === "string" && !value.startsWith("data:") ? undefined : value,
	);
}
