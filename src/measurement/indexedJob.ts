import type { Plan } from "./plan.js";

/** What a cluster must be told beyond the plan. */
export interface JobSetting {
	readonly shards: number;
	/** Container image with this package and `sustainable-ipa` on its PATH. */
	readonly image: string;
	readonly namespace?: string;
	readonly storageClass?: string;
	/** Mount the node's energy counters, read-only. The pod's user is not root, so the node must let anyone read them. */
	readonly powercap: boolean;
	/** Only nodes with these labels. */
	readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** A Kubernetes object, ready for YAML. */
export interface Manifest {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: {
		readonly name: string;
		readonly namespace?: string;
		readonly labels?: Readonly<Record<string, string>>;
	};
	readonly [field: string]: unknown;
}

const results = "/results";
/** The counters stand under /sys of the node, which a container has its own of, with that folder masked. */
const counters = { host: "/sys/devices/virtual/powercap", pod: "/host/powercap" };

/** Any number but 0: what the image's own user is does not matter. */
const user = 10_001;

/**
 * The manifests that run a plan's shards on a cluster: the plan as a ConfigMap, a PersistentVolumeClaim that the results
 * land on, and an Indexed Job whose completion index is the shard. A shard has a node of its own, since energy counters
 * are of the whole node, and a pod that is evicted resumes from its journal when it is started again.
 *
 * @param planText the plan file's text, carried as it is
 */
export function indexedJob(plan: Plan, planText: string, setting: JobSetting): readonly Manifest[] {
	const name = jobName(plan);
	const metadata = { name, ...(setting.namespace === undefined ? {} : { namespace: setting.namespace }) };
	const cores = Math.max(...plan.cores, ...plan.variants.flatMap((variant) => variant.cores ?? []));
	const boards = plan.runner.type === "command" && plan.runner.device === "gpu" ? (plan.boards?.length ?? 1) : 0;
	const labels = { "app.kubernetes.io/name": "sustainable-ipa", "app.kubernetes.io/instance": name };
	const container = {
		name: "measure",
		image: setting.image,
		// Kubernetes fills $(NAME) in; there is no shell.
		command: ["sustainable-ipa", "measure", "/plan/plan.yaml"],
		args: [
			"--shard",
			`$(JOB_COMPLETION_INDEX)/${setting.shards}`,
			"--out",
			`${results}/${name}/$(JOB_COMPLETION_INDEX)`,
		],
		env: [
			{
				name: "JOB_COMPLETION_INDEX",
				valueFrom: { fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" } },
			},
			// What is kept aside: the root file system takes nothing.
			{ name: "HOME", value: "/tmp" },
			...(setting.powercap ? [{ name: "SUSTAINABLE_IPA_POWERCAP_ROOT", value: counters.pod }] : []),
		],
		// Requests equal to limits, in whole cores: the static CPU manager then gives the pod cores of its own.
		resources: { requests: quantities(cores, boards), limits: quantities(cores, boards) },
		securityContext: {
			allowPrivilegeEscalation: false,
			readOnlyRootFilesystem: true,
			capabilities: { drop: ["ALL"] },
		},
		volumeMounts: [
			{ name: "plan", mountPath: "/plan", readOnly: true },
			{ name: "results", mountPath: results },
			{ name: "tmp", mountPath: "/tmp" },
			...(setting.powercap ? [{ name: "powercap", mountPath: counters.pod, readOnly: true }] : []),
		],
	};
	const pod = {
		restartPolicy: "Never",
		...(setting.nodeSelector === undefined ? {} : { nodeSelector: setting.nodeSelector }),
		affinity: {
			podAntiAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [
					{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } },
				],
			},
		},
		automountServiceAccountToken: false,
		securityContext: {
			runAsNonRoot: true,
			runAsUser: user,
			runAsGroup: user,
			fsGroup: user,
			seccompProfile: { type: "RuntimeDefault" },
		},
		containers: [container],
		volumes: [
			{ name: "plan", configMap: { name } },
			{ name: "results", persistentVolumeClaim: { claimName: name } },
			{ name: "tmp", emptyDir: {} },
			...(setting.powercap ? [{ name: "powercap", hostPath: { path: counters.host, type: "Directory" } }] : []),
		],
	};
	return [
		{ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "plan.yaml": planText } },
		{
			apiVersion: "v1",
			kind: "PersistentVolumeClaim",
			metadata,
			spec: {
				// Pods of several nodes write to it.
				accessModes: ["ReadWriteMany"],
				...(setting.storageClass === undefined ? {} : { storageClassName: setting.storageClass }),
				resources: { requests: { storage: "1Gi" } },
			},
		},
		{
			apiVersion: "batch/v1",
			kind: "Job",
			metadata: { ...metadata, labels },
			spec: {
				completionMode: "Indexed",
				completions: setting.shards,
				parallelism: setting.shards,
				backoffLimit: 3 * setting.shards,
				template: { metadata: { labels }, spec: pod },
			},
		},
	];
}

/** Kubernetes limits a name that becomes a host name to 63 characters; the Job's index needs some of them. */
function jobName({ name }: Plan): string {
	return `measure-${name}`.slice(0, 52).replace(/-+$/, "");
}

function quantities(cores: number, boards: number): Readonly<Record<string, string>> {
	return { cpu: String(cores), memory: "8Gi", ...(boards === 0 ? {} : { "nvidia.com/gpu": String(boards) }) };
}
