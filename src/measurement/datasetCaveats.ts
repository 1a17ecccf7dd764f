import { energyCaveats } from "./energyCaveats.js";
import { idlePowers } from "./idle.js";
import { percent } from "./percent.js";
import type { Plan } from "./plan.js";
import { planCells } from "./planCells.js";
import { probeAgreement } from "./probeAgreement.js";
import { controlVariation, quietVariation } from "./quiet.js";
import type { JournalRecord } from "./records.js";
import { sessionsOf } from "./sessionsOf.js";
import { shortCells } from "./shortCells.js";
import type { CellSummary } from "./summary.js";

/** What a reader of a measured dataset must know of it, a sentence each: the method, the node, the energy sources. */
export function datasetCaveats(
	plan: Plan,
	journals: readonly (readonly JournalRecord[])[],
	summaries: readonly CellSummary[],
	modelled: boolean,
): string[] {
	const found = [...runnerCaveats(plan), "accuracy_pct is the published accuracy of the variant, not measured here"];
	const planned = planCells(plan).length;
	const measured = new Set(summaries.map(({ cell }) => cell.id)).size;
	if (measured < planned) found.push(`${planned - measured} of the plan's ${planned} cells are not measured`);
	const short = shortCells(plan, summaries).length;
	if (short > 0)
		found.push(
			`${short} cells have fewer than the plan's least ${plan.repetitions.min} repetitions: a run did not end`,
		);
	const dropped = summaries.reduce((sum, summary) => sum + summary.dropped, 0);
	found.push(`${dropped} whole repetitions dropped beyond 3 sigma (impossible for cells of up to ten repetitions)`);
	const capped = summaries.filter(({ warm_ups_capped }) => warm_ups_capped > 0).length;
	if (capped > 0)
		found.push(`in ${capped} cells a warm-up ended at its cap of ${plan.warm_up.at_most_s} s, not settled`);
	journals.forEach((records, i) => {
		const node = journals.length === 1 ? "the node" : `node ${i + 1}`;
		const variation = controlVariation(records);
		if (variation.status === "ok")
			found.push(
				`the control workload varied by ${percent(variation.value)} (s / mean): ${node} was ${variation.value > quietVariation ? "NOT quiet" : "quiet"} (limit ${percent(quietVariation)})`,
			);
		for (const { block, drift } of idlePowers(records).values())
			found.push(`idle power drifted by ${percent(drift)} over block ${block + 1} on ${node}`);
		for (const { first, second, type, windows, broken, example } of probeAgreement(records))
			found.push(
				`${first} ${type === "contains" ? "contains" : "agrees with"} ${second} in ${windows - broken} of ${windows} windows on ${node}${broken > 0 ? `: at worst ${example}` : ""}`,
			);
	});
	found.push(...energyCaveats(journals));
	const probes = sessionsOf(journals).flatMap(({ probes_unavailable }) =>
		probes_unavailable.map(({ probe, reason }) => `no energy by ${probe}: ${reason}`),
	);
	found.push(...new Set(probes));
	for (const session of sessionsOf(journals))
		found.push(
			`environment at ${session.started_at}: ${Object.entries(session.environment)
				.map(
					([name, entry]) => `${name} ${entry.status === "available" ? entry.value : `unavailable (${entry.reason})`}`,
				)
				.join("; ")}`,
		);
	if (modelled) found.push("energies of kind modelled are computed from latency, cores and CPU time: never evidence");
	return found;
}

function runnerCaveats({ runner, window_s }: Plan): string[] {
	if (runner.type === "mlserver")
		return [
			`latency_s is the mean over repetitions of the mean latency of a request in windows of at least ${window_s} s, from when it was due to its answer, under an open loop of ${runner.rate_rps} requests/s (${runner.arrivals}): queueing included`,
			"energy is of the whole window, shared among its requests: what the machine draws while it waits for requests is in it",
			"batches and cores are those that the plan says the server was deployed with; they were not checked",
		];
	const found = [
		`latency_s is the mean over repetitions of the mean batch latency in windows of at least ${window_s} s, batches one after another`,
	];
	if (runner.type === "onnx")
		found.push(
			`weights of the embedded models are random (seed ${runner.weights_seed}), batch normalisation is folded in, boxes are not decoded; float32; images of a batch are parts of one picture`,
			"each cell ran in a process of its own, kept on its cores by taskset where that is there; latency is by the process' own clock",
		);
	return found;
}
