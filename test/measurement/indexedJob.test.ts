import { Job } from "kubernetes-models/batch/v1/Job";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { indexedJob } from "../../src/measurement/indexedJob.js";
import { parsePlan, readPlan } from "../../src/measurement/plan.js";
import { tinyPlan } from "./plans.js";

const text = JSON.stringify(tinyPlan({ cores: [1, 4] }));
const setting = {
	shards: 4,
	image: "registry.example/sustainable-ipa:0.1",
	powercap: true,
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
					},
				],
			},
		},
	});
	expect(JSON.stringify(job)).toContain("podAntiAffinity");
});

test("pods have no privilege: no root, no escalation, no capability, a read-only root, and one folder of the node's", () => {
	const podOf = (powercap: boolean) => {
		const [, , job] = indexedJob(parsePlan(text, "plan"), text, { ...setting, powercap }) as unknown as [
			unknown,
			unknown,
			{
				spec: {
					template: { spec: Record<string, unknown> & { containers: Record<string, unknown>[]; volumes: object[] } };
				};
			},
		];
		return job.spec.template.spec;
	};
	const pod = podOf(true);
	expect(pod).toMatchObject({
		automountServiceAccountToken: false,
		securityContext: { runAsNonRoot: true, runAsUser: expect.any(Number), seccompProfile: { type: "RuntimeDefault" } },
	});
	expect((pod.securityContext as { runAsUser: number }).runAsUser).toBeGreaterThan(0);
	expect(pod.containers[0]?.securityContext).toEqual({
		allowPrivilegeEscalation: false,
		readOnlyRootFilesystem: true,
		capabilities: { drop: ["ALL"] },
	});
	expect(JSON.stringify(pod)).not.toMatch(/privileged|hostNetwork|hostPID/);
	const hostPaths = (own: typeof pod) => own.volumes.filter((volume) => "hostPath" in volume);
	expect(hostPaths(pod)).toEqual([
		{ name: "powercap", hostPath: { path: "/sys/devices/virtual/powercap", type: "Directory" } },
	]);
	expect(pod.containers[0]?.volumeMounts).toContainEqual({
		name: "powercap",
		mountPath: "/host/powercap",
		readOnly: true,
	});
	expect(pod.containers[0]?.env).toContainEqual({ name: "SUSTAINABLE_IPA_POWERCAP_ROOT", value: "/host/powercap" });
	expect(hostPaths(podOf(false))).toEqual([]);
});

test("a plan that works on GPUs asks for as many as it names", async () => {
	const plan = await readPlan("data/plans/video-gpu.yaml");
	const [, , job] = indexedJob(plan, "", { shards: 1, image: "image", powercap: false });
	expect(JSON.stringify(job)).toContain('"limits":{"cpu":"1","memory":"8Gi","nvidia.com/gpu":"1"}');
});
