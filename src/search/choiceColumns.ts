import type { PipelineOptions } from "../pipeline/options.js";
import { type SpaceChunk, spaceSize } from "./space.js";

/** What a stage is set to in each row of a chunk. */
export interface ChoiceColumns {
	/** Codes of the variants: positions in `variants`. */
	readonly variant: Uint16Array;
	readonly variants: readonly string[];
	readonly cores: Float64Array;
	readonly batch: Uint32Array;
	readonly replicas: Uint32Array;
}

/**
 * The knobs of a stage as columns of a chunk, variants coded by a dictionary. The rows hold metrics alone, since their
 * place tells their choice (mixed radix): ask for these where a filter or a group needs them.
 *
 * @param stage its position, from 0; throws RangeError where there is none
 */
export function choiceColumns(pipeline: PipelineOptions, { from, rows }: SpaceChunk, stage: number): ChoiceColumns {
	const own = pipeline.stages[stage];
	if (own === undefined) throw new RangeError(`stage ${stage} of a pipeline of ${pipeline.stages.length}`);
	const { radices } = spaceSize(pipeline);
	const below = radices.slice(stage + 1).reduce((product, radix) => product * radix, 1);
	const radix = radices[stage] as number;
	const [least, most] = own.replicas;
	const count = most - least + 1;
	const variants = [...new Set(own.options.map(({ variant }) => variant))];
	const code = own.options.map(({ variant }) => variants.indexOf(variant));
	const columns = {
		variant: new Uint16Array(rows),
		cores: new Float64Array(rows),
		batch: new Uint32Array(rows),
		replicas: new Uint32Array(rows),
	};
	for (let start = 0; start < rows; ) {
		// Rows of one digit of this stage follow each other.
		const position = Math.floor((from + start) / below);
		const end = Math.min(rows, (position + 1) * below - from);
		const digit = position % radix;
		const option = own.options[Math.floor(digit / count)] as (typeof own.options)[number];
		columns.variant.fill(code[Math.floor(digit / count)] as number, start, end);
		columns.cores.fill(option.cores, start, end);
		columns.batch.fill(option.batch, start, end);
		columns.replicas.fill(least + (digit % count), start, end);
		start = end;
	}
	return { ...columns, variants };
}
