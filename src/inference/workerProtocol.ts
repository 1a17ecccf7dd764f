/** What a worker is started with. */
export interface WorkerSetting {
	/** ONNX files: one stage, or a detector and a classifier of what it crops. */
	readonly models: readonly string[];
	/** Threads of an operator. */
	readonly threads: number;
	/** The JPEG that inputs are made of. */
	readonly image: string;
}

/** What a worker says, a line of JSON each: `ready` once its models are loaded, then one answer a batch. */
export type WorkerAnswer =
	| { readonly status: "ready"; readonly pid: number }
	| { readonly status: "ran"; readonly latency_s: number }
	| { readonly status: "failed"; readonly reason: string };
