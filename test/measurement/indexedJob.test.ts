import { Job } from "kubernetes-models/batch/v1/Job";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { indexedJob } from "../../src/measurement/indexedJob.js";
import { parsePlan } from "../../src/measurement/plan.js";
import { tinyPlan } from "./plans.js";

const text = JSON.stringify(tinyPlan({ cores: [1, 4] }));
const setting = {
	shards: 4,
	image: "registry.example/sustainable-ipa:0.1",
	privileged: true,
	namespace: "energy",
	storageClass: "nfs",
	nodeSelector: { "node-type": "compute_cascadelake_r" },
};
const written = () =>
	indexedJob(parsePlan(text, "plan"), text, setting).map(
		(manifest) => parse(stringify(manifest)) as Record<string, unknown>,
	);

/** Kubernetes' own published schema, as kubernetes-models carries it with a validator. */
function validate(manifest: Record<string, unknown>): void {
	if (manifest.kind === "Job") new Job(manifest as never).validate();
	else if (manifest.kind === "ConfigMap") new ConfigMap(manifest as never).validate();
	else if (manifest.kind === "PersistentVolumeClaim") new PersistentVolumeClaim(manifest as never).validate();
	else throw new Error(`unexpected ${String(manifest.kind)}`);
}

test("the manifests are valid by Kubernetes' schema", () => {
	const manifests = written();
	expect(manifests.map(({ kind }) => kind)).toEqual(["ConfigMap", "PersistentVolumeClaim", "Job"]);
	for (const manifest of manifests) expect(() => validate(manifest)).not.toThrow();
});

test("the schema does refuse: a wrong type, a missing template, an unknown restart policy's type", () => {
	const [, , job] = written();
	const spec = job?.spec as Record<string, unknown>;
	expect(() => validate({ ...job, spec: { ...spec, completions: "four" } })).toThrow();
	expect(() => validate({ ...job, spec: { ...spec, template: undefined } })).toThrow();
});

test("the Job runs shard i of n by its completion index, one a node, with the plan's cores, and no shell", () => {
	const [config, claim, job] = written() as [{ data: { "plan.yaml": string } }, { spec: unknown }, { spec: unknown }];
	expect(parsePlan(config.data["plan.yaml"], "plan")).toEqual(parsePlan(text, "plan"));
	expect(claim.spec).toMatchObject({ accessModes: ["ReadWriteMany"], storageClassName: "nfs" });
	expect(job.spec).toMatchObject({
		completionMode: "Indexed",
		completions: 4,
		parallelism: 4,
		template: {
			spec: {
				nodeSelector: setting.nodeSelector,
				containers: [
					{
						command: ["sustainable-ipa", "measure", "/plan/plan.yaml"],
						args: ["--shard", "$(JOB_COMPLETION_INDEX)/4", "--out", "/results/measure-tiny/$(JOB_COMPLETION_INDEX)"],
						resources: { requests: { cpu: "4" }, limits: { cpu: "4" } },
						securityContext: { privileged: true },
					},
				],
			},
		},
	});
	expect(JSON.stringify(job)).toContain("podAntiAffinity");
});
