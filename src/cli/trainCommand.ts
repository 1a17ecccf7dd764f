import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type LstmFile, readLstm } from "../datasets/dataFiles.js";
import { writeAside } from "../datasets/file.js";
import { packageRoot } from "../datasets/root.js";
import { readTrace } from "../datasets/trace.js";
import { lstmPredictor } from "../forecast/lstm.js";
import { forecastErrors, predictorErrors, splitSamples, trainingSplit } from "../forecast/samples.js";
import { lstmTraining, trainLstm } from "../forecast/trainLstm.js";
import { decimals, percent } from "../report/format.js";
import { answer, describeCommand, jsonOption } from "./command.js";

export const trainCommand = describeCommand({
	about:
		"Trains IPA's LSTM load predictor on the first 14 days of the trace (the shipped one, divided by 8) and writes its weights with how they were made; takes about 15 minutes.",
	examples: ["--out lstm.json", "--table"],
	options: {
		trace: { value: "FILE", about: "another trace", otherwise: "the shipped one" },
		out: { value: "FILE", about: "the weights", otherwise: "data/models/lstm.json of the package" },
		epochs: { value: "N", about: "passes over the samples", range: "positive integer", fallback: lstmTraining.epochs },
		seed: { value: "N", about: "of the training", range: "positive integer", fallback: lstmTraining.seed },
		table: {
			about: "train nothing: the errors of every predictor on the next 7 days, with the weights of --out",
		},
		...jsonOption,
	},
	run: async ({ values, note }) => {
		const { epochs, seed, json } = values;
		const traceFile = values.trace ?? join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz");
		const out = values.out ?? join(packageRoot, "data/models/lstm.json");
		const { train, test } = splitSamples(await readTrace(traceFile));
		if (values.table) {
			const errors = predictorErrors(test, (await readLstm(out)).weights);
			answer(json, errors, () =>
				errors
					.map(
						({ predictor, samples, smape_pct, mae_rps, under }) =>
							`${predictor.padEnd(9)} SMAPE ${decimals(2)(smape_pct)} %, mean error ${decimals(3)(mae_rps)} requests/s, too low in ${percent(under, 1)} of ${samples} forecasts`,
					)
					.join("\n"),
			);
			return 0;
		}
		const { weights, losses } = await trainLstm(train, {
			...lstmTraining,
			epochs,
			seed,
			onEpoch: (epoch, loss) => note(`epoch ${epoch} of ${epochs}: loss ${loss.toExponential(3)}`),
		});
		const { version_core } = await import("@tensorflow/tfjs");
		const trace_sha256 = createHash("sha256")
			.update(await readFile(traceFile))
			.digest("hex");
		const file: LstmFile = {
			model: "lstm",
			training: {
				command: `sustainable-ipa train --epochs ${epochs} --seed ${seed}`,
				trace: basename(traceFile),
				trace_sha256,
				damping: trainingSplit.damping,
				train_s: [...trainingSplit.train_s],
				test_s: [...trainingSplit.test_s],
				samples: train.count,
				left_out_for_gaps: train.leftOut,
				epochs,
				batch: lstmTraining.batch,
				learning_rate: lstmTraining.learningRate,
				seed,
				loss_by_epoch: losses,
				tfjs: version_core,
				trained: new Date().toISOString().slice(0, 10),
			},
			test: forecastErrors(lstmPredictor(weights), test),
			weights: {
				...weights,
				kernel: weights.kernel.map((row) => [...row]),
				recurrent: weights.recurrent.map((row) => [...row]),
				bias: [...weights.bias],
				dense: [...weights.dense],
			},
		};
		await mkdir(dirname(out), { recursive: true });
		await writeAside(out, `${JSON.stringify(file)}\n`);
		const { training, test: errors } = file;
		answer(
			json,
			{ out, training, test: errors },
			() => `${out}: SMAPE ${decimals(2)(errors.smape_pct)} % on ${errors.samples} forecasts`,
		);
		return 0;
	},
});
