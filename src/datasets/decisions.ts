import type { Decision } from "../deployment/run.js";
import { type Serving, type ServingProfile, servingBehind, servingOf } from "../deployment/serving.js";
import { InputError } from "../errors.js";
import { groupBy } from "../group.js";
import { type CsvRow, readCsv } from "./csv.js";
import { numberField, optionalColumn, optionalNumber } from "./field.js";

/** The decisions of a run, and the first row that tells them. */
export interface DecidedRun {
	/** Empty where the table names no run. */
	readonly run: string;
	readonly row: CsvRow;
	readonly decisions: readonly Decision[];
}

/** Columns that tell a configuration, by variants and replicas, or by cost and accuracy; the first that is there counts. */
interface ConfigurationColumns {
	readonly variants: readonly string[];
	readonly replicas: readonly string[];
	readonly cost_cores: readonly string[];
	readonly accuracy_pct: readonly string[];
}

/** Of what a run was started with. */
export const startColumns: ConfigurationColumns = {
	variants: ["variants_config"],
	replicas: ["replicas_config"],
	cost_cores: ["cost_cores_config"],
	accuracy_pct: ["accuracy_config_pct"],
};

const decisionColumns: ConfigurationColumns = {
	variants: ["variants"],
	replicas: ["replicas"],
	cost_cores: ["cost_cores_logged", "cost_cores"],
	accuracy_pct: ["accuracy_logged_pct", "accuracy_pct"],
};

/** Reads a table of decisions, run by run. Rows that decide nothing, or before the load, are left out. */
export async function readDecisions(file: string, profile: ServingProfile): Promise<DecidedRun[]> {
	const { rows } = await readCsv(file);
	const read = rows.flatMap((row) => {
		const serving = servingIn(row, profile, decisionColumns);
		const t_s = numberField(row, "t_s", "none");
		return serving === undefined || t_s < 0 ? [] : [{ run: optionalColumn(row, "run") ?? "", row, t_s, serving }];
	});
	if (read.length === 0)
		throw new InputError({
			file,
			rule: "must hold decisions: t_s, and variants with replicas, or cost_cores with accuracy_pct",
		});
	return [...groupBy(read, ({ run }) => run)].map(([run, own]) => ({
		run,
		row: (own[0] as { row: CsvRow }).row,
		decisions: own.map(({ t_s, serving }) => ({ t_s, serving })),
	}));
}

/** The decisions of a log's run; those of a table that names no run are of whichever log there is. */
export function decidedFor(decided: readonly DecidedRun[], name: string): DecidedRun | undefined {
	return (
		decided.find(({ run }) => run === name) ??
		decided.find(({ run }) => run !== "" && isRunOf(run, name)) ??
		decided.find(({ run }) => run === "")
	);
}

/** Whether a log's name is that of a run, or ends with it behind a hyphen. */
export function isRunOf(run: string, name: string): boolean {
	return name === run || name.endsWith(`-${run}`);
}

/**
 * The configuration that a row tells; undefined where it tells none. Throws InputError where the profile has no such
 * variants, or none of such a cost and accuracy.
 */
export function servingIn(row: CsvRow, profile: ServingProfile, columns: ConfigurationColumns): Serving | undefined {
	const text = (names: readonly string[]) => names.flatMap((name) => optionalColumn(row, name) ?? [])[0];
	const [variants, replicas] = [text(columns.variants), text(columns.replicas)];
	if (variants !== undefined && replicas !== undefined) return named(row, profile, variants, replicas);
	const number = (names: readonly string[]) =>
		names.flatMap((name) =>
			row.values[name] === undefined ? [] : (optionalNumber(row, name, "not negative") ?? []),
		)[0];
	const [cost, accuracy] = [number(columns.cost_cores), number(columns.accuracy_pct)];
	if (cost === undefined || accuracy === undefined) return undefined;
	const found = servingBehind(profile, cost, accuracy);
	if (found === undefined)
		throw new InputError({
			file: row.file,
			line: row.line,
			rule: "must be a cost and an accuracy that variants of the profile have together",
			value: `${cost} cores, ${accuracy} %`,
		});
	return found;
}

function named(row: CsvRow, profile: ServingProfile, variants: string, replicas: string): Serving {
	const counts = replicas.split("+").map(Number);
	const fail = (rule: string, cause?: unknown): never => {
		throw new InputError({ file: row.file, line: row.line, field: "variants, replicas", rule }, { cause });
	};
	if (!counts.every((count) => Number.isInteger(count) && count > 0))
		fail("must have whole numbers of replicas, 1 or more, with + in between");
	try {
		return servingOf(profile, { variants: variants.split("+"), replicas: counts });
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		return fail(cause.message, cause);
	}
}
