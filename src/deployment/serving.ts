/** What a replica of a variant does, by a profile measured beforehand, at batch 1. */
export interface ServingVariant {
	readonly variant: string;
	/** Allocated cores of a replica. */
	readonly cores: number;
	/** Requests/s that a replica serves at most. */
	readonly throughput_rps: number;
	readonly accuracy_pct: number;
}

/** Variants of each stage, in the pipeline's order. */
export type ServingProfile = readonly {
	readonly stage: string;
	readonly variants: readonly ServingVariant[];
}[];

/** A variant and its replicas for each stage. */
export interface DeployedConfiguration {
	readonly variants: readonly string[];
	readonly replicas: readonly number[];
}

/** What a configuration allocates, carries and keeps busy. */
export interface Serving {
	/** `yolov5n+resnet18, 3+3`. */
	readonly label: string;
	readonly cost_cores: number;
	/** Product of the stages' accuracies, percent. */
	readonly accuracy_pct: number;
	/** Of the slowest stage, requests/s. */
	readonly capacity_rps: number;
	/** Core-seconds that a request keeps busy, all stages together: cores / throughput. */
	readonly busy_core_s_per_request: number;
}

/**
 * What a configuration allocates, carries and keeps busy, by a profile. Throws RangeError naming the variant that the
 * profile lacks.
 *
 * @example
 * const profile = [{ stage: "s", variants: [{ variant: "a", cores: 2, throughput_rps: 10, accuracy_pct: 80 }] }];
 * servingOf(profile, { variants: ["a"], replicas: [3] }); // 6 cores, 30 requests/s, 0.2 core-seconds a request
 */
export function servingOf(profile: ServingProfile, { variants, replicas }: DeployedConfiguration): Serving {
	if (variants.length !== profile.length || replicas.length !== profile.length)
		throw new RangeError(`${variants.join("+")}, ${replicas.join("+")}: the profile has ${profile.length} stages`);
	const stages = profile.map(({ stage, variants: known }, s) => {
		const found = known.find(({ variant }) => variant === variants[s]);
		if (found === undefined)
			throw new RangeError(
				`${variants[s]} is not in the profile of ${stage} (${known.map((v) => v.variant).join(", ")})`,
			);
		return { ...found, replicas: replicas[s] as number };
	});
	return {
		label: `${variants.join("+")}, ${replicas.join("+")}`,
		cost_cores: stages.reduce((sum, own) => sum + own.cores * own.replicas, 0),
		accuracy_pct: 100 * stages.reduce((product, own) => (product * own.accuracy_pct) / 100, 1),
		capacity_rps: Math.min(...stages.map((own) => own.throughput_rps * own.replicas)),
		busy_core_s_per_request: stages.reduce((sum, own) => sum + own.cores / own.throughput_rps, 0),
	};
}

/** How near a product of accuracies must be to one that was read off a figure, percentage points. */
const sameAccuracy_pct = 0.25;

/**
 * The configuration behind a cost and an accuracy, as IPA's figures plot a decision: the variants whose product of
 * accuracies is nearest, and of the replicas that cost so much those that carry most. Undefined where no variants are
 * within 0.25 points, or no replicas cost so.
 */
export function servingBehind(profile: ServingProfile, cost_cores: number, accuracy_pct: number): Serving | undefined {
	const names = profile.reduce<string[][]>(
		(combinations, { variants }) => combinations.flatMap((some) => variants.map(({ variant }) => [...some, variant])),
		[[]],
	);
	const one = profile.map(() => 1);
	const error = (variants: string[]) =>
		Math.abs(servingOf(profile, { variants, replicas: one }).accuracy_pct - accuracy_pct);
	const variants = names.reduce((best, next) => (error(next) < error(best) ? next : best));
	if (error(variants) > sameAccuracy_pct) return undefined;
	const splits = replicasCosting(profile, variants, cost_cores);
	const carries = (replicas: readonly number[]) => servingOf(profile, { variants, replicas }).capacity_rps;
	const [first, ...rest] = splits;
	if (first === undefined) return undefined;
	return servingOf(profile, {
		variants,
		replicas: rest.reduce((best, next) => (carries(next) > carries(best) ? next : best), first),
	});
}

function replicasCosting(profile: ServingProfile, variants: readonly string[], cost_cores: number): number[][] {
	const cores = variants.map(
		(name, s) => profile[s]?.variants.find(({ variant }) => variant === name)?.cores ?? Number.POSITIVE_INFINITY,
	);
	const from = (stage: number, left: number): number[][] => {
		const own = cores[stage];
		if (own === undefined) return Math.abs(left) < 1e-6 ? [[]] : [];
		const found: number[][] = [];
		for (let n = 1; n * own <= left + 1e-6; n++)
			for (const rest of from(stage + 1, left - n * own)) found.push([n, ...rest]);
		return found;
	};
	return from(0, cost_cores);
}
