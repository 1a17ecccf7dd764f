/** A cell's id in a journal, as a person reads it. */
export function cellLabel(id: string): string {
	const [variant, cores, batch] = JSON.parse(id) as [string, number, number];
	return `${variant}, ${cores} ${cores === 1 ? "core" : "cores"}, batch ${batch}`;
}
