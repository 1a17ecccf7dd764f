/** What a worker is started with. */
export interface WorkerSetting {
	/** ONNX files: one stage, or a detector and a classifier of what it crops. */
	readonly models: readonly string[];
	/** Threads of an operator. */
	readonly threads: number;
	/** The JPEG that inputs are made of. */
	readonly image: string;
	/** Height and width of a model whose file leaves them open. */
	readonly side_px?: number;
}

/** What a model takes: images of so many pixels, in batches of any size or of one alone. */
export interface ModelInput {
	readonly side_px: number;
	/** Whether the file leaves the side open. */
	readonly freeSide: boolean;
	/** The only batch that the file takes; absent where it takes any. */
	readonly batch?: number;
}

/** What a worker says, a line of JSON each: `ready` once its models are loaded, then one answer a batch. */
export type WorkerAnswer =
	| { readonly status: "ready"; readonly pid: number; readonly inputs: readonly ModelInput[] }
	| { readonly status: "ran"; readonly latency_s: number }
	| { readonly status: "failed"; readonly reason: string };
