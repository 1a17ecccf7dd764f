/** The indices of each cluster's observations, clusters in order of first appearance. */
export function clusterMembers(clusters: readonly (string | number)[]): number[][] {
	const members = new Map<string | number, number[]>();
	clusters.forEach((cluster, i) => {
		const indices = members.get(cluster);
		if (indices === undefined) members.set(cluster, [i]);
		else indices.push(i);
	});
	return [...members.values()];
}
