import type { SlopeName } from "./latencyModel.js";

/** A variant of a stage: what IPA calls it, where its rows are, and where the paper prints it. */
export interface VariantSource {
	readonly name: string;
	/** The name in the measurements where that was cut off when it was printed. */
	readonly printedAs?: string;
	/** Of the paper's tables of variants (7 to 14): parameters, accuracy, printed base allocation. */
	readonly table: string;
	readonly entity: string;
	/** Billions of operations of a forward pass, where published; else the size is the parameters, millions. */
	readonly gflops?: number;
}

/** A stage of IPA's pipelines: its measurements, and what the latency model takes from another stage. */
export interface StageSource {
	readonly name: string;
	readonly file: "ipa-video-profiles.csv" | "ipa-other-pipelines-profiles.csv";
	/** The stage's name in that file. */
	readonly rows: string;
	/** The statistic that its measurements hold for most cells; IPA's own is the 99th percentile. */
	readonly statistic: "latency_p99_s" | "latency_avg_s";
	/** The column of accuracy in the paper's table. A word error rate w counts as 100 - w. */
	readonly accuracy: string;
	readonly variants: readonly VariantSource[];
	/**
	 * Millions of parameters without the embeddings, of the variants that IPA's published runs had: 12 encoder layers of
	 * width 768 have 85.1, 6 have 42.5, 24 of width 1024 have 302.3 (12 x width^2 a layer, biases and norms). They size
	 * the as-published points, where RoBERTa's two base models are the same network under different vocabularies.
	 */
	readonly bodies?: Readonly<Record<string, number>>;
	/** Slopes that its own cells do not determine, and the stage of a like network that they are taken from. */
	readonly borrowed?: { readonly from: string; readonly slopes: readonly SlopeName[]; readonly because: string };
}

const video = (table: string, names: readonly (readonly [string, number])[]) =>
	names.map(([name, gflops]): VariantSource => ({ name, table, entity: name, gflops }));
const other = "ipa-other-pipelines-profiles.csv";
const variants = (table: string, names: readonly (readonly [string, string, string?])[]) =>
	names.map(
		([name, entity, printedAs]): VariantSource => ({
			name,
			table,
			entity,
			...(printedAs === undefined ? {} : { printedAs }),
		}),
	);

/** Every stage of IPA's five pipelines. */
export const stageSources: readonly StageSource[] = [
	{
		name: "crop",
		file: "ipa-video-profiles.csv",
		rows: "yolo",
		statistic: "latency_p99_s",
		accuracy: "mAP",
		// ultralytics/yolov5's README, 640 px.
		variants: video("Table 7", [
			["yolov5n", 4.5],
			["yolov5s", 16.5],
			["yolov5m", 49.0],
			["yolov5l", 109.1],
			["yolov5x", 205.7],
		]),
	},
	{
		name: "classification",
		file: "ipa-video-profiles.csv",
		rows: "resnet-human",
		statistic: "latency_p99_s",
		accuracy: "accuracy %",
		// torchvision's documentation, 224 px.
		variants: video("Table 8", [
			["resnet18", 1.81],
			["resnet34", 3.66],
			["resnet50", 4.09],
			["resnet101", 7.8],
			["resnet152", 11.51],
		]),
	},
	{
		name: "audio",
		file: other,
		rows: "audio",
		statistic: "latency_p99_s",
		accuracy: "WER (lower is better)",
		variants: variants("Table 9", [
			["facebook-s2t-small-librispeech-asr", "s2t-small-librispeech"],
			["facebook-s2t-medium-librispeech-asr", "s2t-medium-librispeech"],
			["facebook-wav2vec2-base-960h", "wav2vec2-base"],
			["facebook-s2t-large-librispeech-asr", "s2t-large-librispeech"],
			["facebook-wav2vec2-large-960h", "wav2vec2-large"],
		]),
		borrowed: {
			from: "nlp-trans",
			slopes: ["both"],
			because: "batches were measured at one allocation alone (s2t-medium on 4 cores); both generate token by token",
		},
	},
	{
		name: "nlp-qa",
		file: other,
		rows: "nlp-qa",
		statistic: "latency_p99_s",
		accuracy: "F1",
		variants: variants("Table 10", [
			["deepset-xlm-roberta-base-squad2", "roberta-base"],
			["deepset-xlm-roberta-large-squad2", "roberta-large"],
		]),
		bodies: { "deepset-xlm-roberta-base-squad2": 85.1, "deepset-roberta-base-squad2": 85.1 },
		borrowed: {
			from: "nlp-li",
			slopes: ["cores", "both"],
			because: "it was measured at one allocation alone (4 cores); both are XLM-RoBERTa encoders",
		},
	},
	{
		name: "nlp-sent",
		file: other,
		rows: "nlp-sent",
		statistic: "latency_avg_s",
		accuracy: "accuracy %",
		variants: variants("Table 12", [
			["Souvikcmsa-SentimentAnalysisDistillBERT", "DistillBerT"],
			["Souvikcmsa-BERT_sentiment_analysis", "Bert"],
			["Souvikcmsa-Roberta_Sentiment_Analysis", "Roberta"],
		]),
		bodies: {
			"Souvikcmsa-SentimentAnalysisDistillBERT": 42.5,
			"distilbert-base-uncased-finetuned-sst-2-english": 42.5,
			"Souvikcmsa-BERT_sentiment_analysis": 85.1,
			"Souvikcmsa-Roberta_Sentiment_Analysis": 302.3,
		},
		borrowed: {
			from: "nlp-li",
			slopes: ["size", "batch", "cores", "both"],
			because: "no clean measurement of it was published; all are BERT-like encoders, sized by their parameters",
		},
	},
	{
		name: "nlp-sum",
		file: other,
		rows: "nlp-sum",
		statistic: "latency_avg_s",
		accuracy: "ROUGE-L",
		variants: variants("Table 11", [
			["sshleifer-distilbart-xsum-1-1", "distilbart-1-1"],
			["sshleifer-distilbart-xsum-12-1", "distilbart-12-1"],
			["sshleifer-distilbart-xsum-6-6", "distilbart-6-6"],
			["sshleifer-distilbart-xsum-12-3", "distilbart-12-3"],
			["sshleifer-distilbart-xsum-9-6", "distilbart-9-6"],
			["sshleifer-distilbart-xsum-12-6", "distilbart-12-6"],
		]),
		borrowed: {
			from: "nlp-trans",
			slopes: ["batch", "cores", "both"],
			because: "it was measured at one cell a variant (2 cores, batch 1); both are encoder-decoders that generate text",
		},
	},
	{
		name: "nlp-li",
		file: other,
		rows: "nlp-li",
		statistic: "latency_avg_s",
		accuracy: "accuracy %",
		variants: variants("Table 13", [
			[
				"dinalzein-xlm-roberta-base-finetuned-language-identification",
				"roberta-base-finetuned",
				"dinalzein-xlm-roberta-base-finetuned-language-...",
			],
		]),
		bodies: { "dinalzein-xlm-roberta-base-finetuned-language-identification": 85.1 },
	},
	{
		name: "nlp-trans",
		file: other,
		rows: "nlp-trans",
		statistic: "latency_avg_s",
		accuracy: "BLEU",
		variants: variants("Table 14", [
			["Helsinki-NLP-opus-mt-fr-en", "opus-mt-fr-en"],
			["Helsinki-NLP-opus-mt-tc-big-fr-en", "opus-mt-tc-big-fr-en"],
		]),
	},
];

/**
 * The pipelines, their stages in order, where their weights stand among the published ones, and what IPA divided its
 * optimiser's SLAs by before it printed them (the notes of "exact SLAs" in data/raw/ipa-paper).
 */
export const pipelineSources = [
	{ name: "video", stages: ["crop", "classification"], weights: "video (sum of normalised ranks)", slaDivisor: 2 / 3 },
	{ name: "audio-qa", stages: ["audio", "nlp-qa"], weights: "audio-qa (sum)", slaDivisor: 2 },
	{ name: "audio-sent", stages: ["audio", "nlp-sent"], weights: "audio-sent (sum)", slaDivisor: 2 },
	{ name: "sum-qa", stages: ["nlp-sum", "nlp-qa"], weights: "sum-qa (sum)", slaDivisor: 1 },
	{ name: "nlp", stages: ["nlp-li", "nlp-trans", "nlp-sum"], weights: "nlp (sum)", slaDivisor: 2 / 3 },
] as const;

export type PipelineSource = (typeof pipelineSources)[number];

/** IPA's setting in all of its final experiments. */
export const ipaSlaFactor = 5;
