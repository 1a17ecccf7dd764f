import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type LstmFile, readLstm } from "../datasets/dataFiles.js";
import { writeAside } from "../datasets/file.js";
import { packageRoot } from "../datasets/root.js";
import { readTrace } from "../datasets/trace.js";
import { lstmPredictor } from "../forecast/lstm.js";
import { forecastErrors, predictorErrors, splitSamples, trainingSplit } from "../forecast/samples.js";
import { lstmTraining, trainLstm } from "../forecast/trainLstm.js";
import { numberOption } from "./input/numberOption.js";

export const trainUsage = `sustainable-ipa train [--trace FILE] [--out FILE] [--epochs N] [--seed N]
sustainable-ipa train --table [--trace FILE] [--out FILE]
  Trains IPA's LSTM load predictor on the first 14 days of the trace (default: the shipped one, divided by 8) and writes
  its weights with how they were made (default: data/models/lstm.json); takes about 15 minutes.
  --table   trains nothing: prints the errors of every predictor on the next 7 days, with the weights of FILE`;

/** Trains and writes, or prints the predictor table. */
export async function trainCommand(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			trace: { type: "string", default: join(packageRoot, "data/raw/twitter/twitter-per-second.txt.gz") },
			out: { type: "string", default: join(packageRoot, "data/models/lstm.json") },
			epochs: { type: "string", default: String(lstmTraining.epochs) },
			seed: { type: "string", default: String(lstmTraining.seed) },
			table: { type: "boolean" },
		},
	});
	const epochs = numberOption("--epochs", values.epochs, "positive integer");
	const seed = numberOption("--seed", values.seed, "positive integer");
	const { train, test } = splitSamples(await readTrace(values.trace));
	if (values.table === true) {
		const { weights } = await readLstm(values.out);
		for (const { predictor, samples, smape_pct, mae_rps, under } of predictorErrors(test, weights))
			console.log(
				`${predictor.padEnd(9)} SMAPE ${smape_pct.toFixed(2)} %, mean error ${mae_rps.toFixed(3)} requests/s, too low in ${(100 * under).toFixed(1)} % of ${samples} forecasts`,
			);
		return 0;
	}
	const { weights, losses } = await trainLstm(train, {
		...lstmTraining,
		epochs,
		seed,
		onEpoch: (epoch, loss) => console.error(`epoch ${epoch} of ${epochs}: loss ${loss.toExponential(3)}`),
	});
	const { version_core } = await import("@tensorflow/tfjs");
	const trace_sha256 = createHash("sha256")
		.update(await readFile(values.trace))
		.digest("hex");
	const file: LstmFile = {
		model: "lstm",
		training: {
			command: `sustainable-ipa train --epochs ${epochs} --seed ${seed}`,
			trace: basename(values.trace),
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
	await mkdir(dirname(values.out), { recursive: true });
	await writeAside(values.out, `${JSON.stringify(file)}\n`);
	console.log(`${values.out}: SMAPE ${file.test.smape_pct.toFixed(2)} % on ${file.test.samples} forecasts`);
	return 0;
}
