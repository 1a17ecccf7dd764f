import type { PipelineSpec } from "../pipeline/spec.js";
import { significant } from "../report/format.js";

/** What a shared node's floor adds to every system's energy over a load, J; nothing where the pipeline names no node. */
export function floorOf({ node }: PipelineSpec, load_rps: ArrayLike<number>): { readonly floor_j?: number } {
	return node === undefined ? {} : { floor_j: node.floor_w * load_rps.length };
}

/**
 * What a shared node's floor comes to over a load, as a sentence: energies of systems are without it. Undefined where the
 * pipeline names no node.
 *
 * @param load_rps requests in each second
 */
export function floorText(spec: PipelineSpec, load_rps: ArrayLike<number>): string | undefined {
	const { node } = spec;
	const { floor_j } = floorOf(spec, load_rps);
	if (node === undefined || floor_j === undefined) return undefined;
	const requests = Array.from(load_rps).reduce((sum, rate) => sum + rate, 0);
	const perRequest = requests === 0 ? "" : `, ${significant(floor_j / requests)} J a request sent`;
	return `Energies, and grams, are without the floor of the node that the replicas share (${significant(node.floor_w)} W, ${node.kind}). Charged to the pipeline it adds the same to every system: ${significant(floor_j / 1000)} kJ over the load${perRequest}.`;
}
