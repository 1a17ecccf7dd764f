import { stringify } from "yaml";
import { readBytes, writeAside } from "../datasets/file.js";
import { planFile } from "../datasets/root.js";
import { indexedJob } from "../measurement/indexedJob.js";
import { parsePlan } from "../measurement/plan.js";
import { planCells } from "../measurement/planCells.js";
import { describeCommand, refuse } from "./command.js";

export const k8sCommand = describeCommand({
	about:
		"The manifests that measure a plan on N nodes of a cluster, for kubectl apply -f FILE. The results land as JSON lines on the claim measure-<plan>, a folder a shard; copied here, `sustainable-ipa merge` makes them one dataset.",
	examples: ["video-quick --shards 4 --image registry/ipa:1 --out job.yaml"],
	args: [{ name: "PLAN", about: "a plan's file, or a shipped one" }],
	options: {
		shards: { value: "N", about: "nodes, at most one a cell", range: "positive integer", required: true },
		image: {
			value: "IMAGE",
			about: "a container image with this package and its command on the PATH",
			required: true,
		},
		namespace: { value: "NAME", about: "of the cluster" },
		"storage-class": { value: "NAME", about: "a class that several nodes can write to (ReadWriteMany)" },
		"node-selector": { value: "KEY=VALUE", about: "only nodes with this label", again: true },
		powercap: {
			about:
				"mount the processor's energy counters, read-only; the pods run as no root user, so make the counters readable on the nodes: chmod -R a+r /sys/devices/virtual/powercap",
		},
		out: { value: "FILE", about: "where the manifests go", otherwise: "standard output" },
		json: { about: "the manifests as one JSON List, which kubectl takes too" },
	},
	run: async ({ values, args: [name = ""] }) => {
		const { shards, image, namespace, "storage-class": storageClass, powercap, out, json } = values;
		if (image === "") refuse("--image", "must name a container image");
		const file = planFile(name);
		const text = (await readBytes(file)).toString("utf8");
		const plan = parsePlan(text, file);
		const cells = planCells(plan).length;
		if (shards > cells) refuse("--shards", `must be 1 to ${cells}, the plan's cells`, shards);
		const labels = values["node-selector"].map((label) => {
			const [key, value, ...rest] = label.split("=");
			return key && value !== undefined && rest.length === 0
				? [key, value]
				: refuse("--node-selector", "must be KEY=VALUE", label);
		});
		const manifests = indexedJob(plan, text, {
			shards,
			image,
			powercap,
			...(namespace === undefined ? {} : { namespace }),
			...(storageClass === undefined ? {} : { storageClass }),
			...(labels.length === 0 ? {} : { nodeSelector: Object.fromEntries(labels) }),
		});
		const written = json
			? `${JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }, null, 2)}\n`
			: manifests.map((manifest) => stringify(manifest)).join("---\n");
		if (out === undefined) process.stdout.write(written);
		else await writeAside(out, written);
		return 0;
	},
});
