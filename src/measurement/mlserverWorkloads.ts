import { credentialsRemedy, serverAt } from "../energy/credentials.js";
import { InputError } from "../errors.js";
import { infer, modelReady, noiseImage, openLoop, V2Error, v2Body } from "../inference/v2.js";
import type { Plan } from "./plan.js";
import type { WorkloadSource } from "./workload.js";

type MlserverRunner = Extract<Plan["runner"], { type: "mlserver" }>;

/**
 * A served pipeline under an open loop. Each window has arrivals of its own, from the plan's seed. A batch of a cell is
 * that many requests: the server forms its batches itself, from those that wait.
 */
export function mlserverWorkloads(runner: MlserverRunner, seed: number): WorkloadSource {
	const { url, model, rate_rps, arrivals, height_px, width_px, timeout_s } = runner;
	const body = v2Body([noiseImage(height_px, width_px, seed)]);
	const found = serverAt(url, "SUSTAINABLE_IPA_SERVER");
	if (found.status === "fault")
		throw new InputError({ file: "runner", field: "url", rule: `${found.reason}: ${found.remedy}` });
	const { server } = found;
	let windows = 0;
	return {
		prepare: async ({ variant, batch }) => {
			const { headers } = server;
			const target = { url, model: model.replaceAll("{variant}", () => variant), timeout_s, headers };
			const reason = await modelReady(target, body);
			if (reason !== undefined)
				throw new InputError({
					file: url,
					field: "runner.model",
					rule: `must be ready: ${reason}${/it asks for credentials/.test(reason) ? ` (${credentialsRemedy("SUSTAINABLE_IPA_SERVER")})` : ""}`,
				});
			const send = () => infer(target, body).catch(named);
			return {
				cpuOf: "elsewhere",
				runBatch: async () => {
					await Promise.all(Array.from({ length: batch }, send));
					return undefined;
				},
				serve: async ({ atLeast_s, atLeastBatches }, signal) => {
					const { latencies_s, elapsed_s } = await openLoop({
						rate_rps,
						arrivals,
						seed: seed + ++windows,
						atLeast_s,
						atLeastRequests: atLeastBatches * batch,
						multipleOf: batch,
						send,
						signal,
					});
					return { latencies_s, elapsed_s, batches: latencies_s.length / batch };
				},
				close: async () => {},
			};
		},
	};
}

/** A server's failure, as an error of what the plan names. */
function named(error: unknown): never {
	throw error instanceof V2Error ? new InputError({ file: "runner", rule: `must answer: ${error.message}` }) : error;
}
