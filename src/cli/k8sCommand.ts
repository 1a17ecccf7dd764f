import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { readBytes, writeAside } from "../datasets/file.js";
import { planFile } from "../datasets/root.js";
import { InputError } from "../errors.js";
import { indexedJob } from "../measurement/indexedJob.js";
import { parsePlan } from "../measurement/plan.js";
import { planCells } from "../measurement/planCells.js";

export const k8sUsage = `sustainable-ipa k8s PLAN --shards N --image IMAGE [--namespace NAME] [--storage-class NAME] [--node-selector KEY=VALUE]... [--powercap] [--out FILE]
  Writes the manifests that measure a plan on N nodes of a cluster: kubectl apply -f FILE. The results land as JSON lines
  on the claim measure-<plan>, a folder a shard; copied here, \`sustainable-ipa merge\` makes them one dataset.
  --image IMAGE               a container image with this package and its command on the PATH
  --storage-class NAME        a class that several nodes can write to (ReadWriteMany)
  --node-selector KEY=VALUE   only nodes with this label (again for more)
  --powercap                  mount the processor's energy counters, read-only; the pods run as no root user, so make the
                              counters readable on the nodes: chmod -R a+r /sys/devices/virtual/powercap
  --out FILE                  where the manifests go (default: standard output)`;

/** Writes the manifests of an Indexed Job. */
export async function k8sCommand(argv: readonly string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		options: {
			shards: { type: "string" },
			image: { type: "string" },
			namespace: { type: "string" },
			"storage-class": { type: "string" },
			"node-selector": { type: "string", multiple: true, default: [] },
			powercap: { type: "boolean", default: false },
			out: { type: "string" },
		},
		allowPositionals: true,
	});
	const [name, ...more] = positionals;
	if (name === undefined || more.length > 0)
		throw new InputError({ file: "k8s", field: "PLAN", rule: "name one plan" });
	if (!values.image) throw new InputError({ file: "k8s", field: "--image", rule: "must name a container image" });
	const file = planFile(name);
	const text = (await readBytes(file)).toString("utf8");
	const plan = parsePlan(text, file);
	const cells = planCells(plan).length;
	const shards = /^\d+$/.test(values.shards ?? "") ? Number(values.shards) : 0;
	if (shards < 1 || shards > cells)
		throw new InputError({
			file: "k8s",
			field: "--shards",
			rule: `must be 1 to ${cells}, the plan's cells`,
			value: values.shards,
		});
	const labels = values["node-selector"].map((label) => {
		const [key, value, ...rest] = label.split("=");
		if (!key || value === undefined || rest.length > 0)
			throw new InputError({ file: "k8s", field: "--node-selector", rule: "must be KEY=VALUE", value: label });
		return [key, value] as const;
	});
	const manifests = indexedJob(plan, text, {
		shards,
		image: values.image,
		powercap: values.powercap,
		...(values.namespace === undefined ? {} : { namespace: values.namespace }),
		...(values["storage-class"] === undefined ? {} : { storageClass: values["storage-class"] }),
		...(labels.length === 0 ? {} : { nodeSelector: Object.fromEntries(labels) }),
	});
	const yaml = manifests.map((manifest) => stringify(manifest)).join("---\n");
	if (values.out === undefined) process.stdout.write(yaml);
	else await writeAside(values.out, yaml);
	return 0;
}
