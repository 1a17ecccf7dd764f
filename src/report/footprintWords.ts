import type { Known } from "../carbon/sci.js";
import type { NamedFootprint } from "../levers/sciUse.js";

const significant = (value: number): string => (value === 0 ? "0" : Number(value.toPrecision(3)).toString());

/** `12.3 g (8.1 to 15; modelled)`, or why there is none. */
function said(known: Known, unit?: string): string {
	if (known.status === "unavailable") return `unavailable (${known.reason})`;
	const { value, low, high, kind } = known.factor;
	const range = low === high ? "" : `${significant(low)} to ${significant(high)}; `;
	return `${significant(value)} ${unit ?? known.factor.unit} (${range}${kind})`;
}

/** The footprint of one pipeline in full, or a table of a dataset's cells. */
export function footprintText(what: string, footprints: readonly NamedFootprint[]): string {
	const [first] = footprints;
	if (first === undefined) return `${what}: no cells\n`;
	const lines = footprints.length === 1 ? whole(first) : table(what, footprints);
	return `${[...lines, ...sources(footprints)].join("\n")}\n`;
}

function whole({ name, perRequest: own, per1000, perMonth, rate_rps }: NamedFootprint): string[] {
	return [
		`${name}: Software Carbon Intensity per ${own.functional_unit} (ISO/IEC 21031: (E x I + M) per R)`,
		`  energy                  ${said(own.energy_j)}`,
		`  E, with PUE ${significant(own.pue.value)}        ${said(own.energy_kwh)}`,
		`  I                       ${said(own.intensity_g_per_kwh)}`,
		`  E x I                   ${said(own.operational_g)}`,
		`  M, embodied             ${said(own.embodied_g)}`,
		`  SCI                     ${said(own.sci_g)}`,
		`  embodied share          ${said(own.embodied_share, "of 1")}`,
		`  money, wholesale        ${said(own.money)}`,
		`  water                   ${said(own.water_l)}`,
		`  1,000 requests          ${totals(per1000)}`,
		`  a month${rate_rps === undefined ? "" : ` at ${significant(rate_rps)}/s`}`.padEnd(26) + totals(perMonth),
	];
}

const totals = ({ energy_kwh, sci_g, money }: NamedFootprint["per1000"]): string => list([energy_kwh, sci_g, money]);

/** Each, but the same reason once. */
function list(all: readonly Known[]): string {
	return [
		...new Set(
			all.map((each) => said(each, each.status === "available" && each.factor.unit === "1" ? "of 1" : undefined)),
		),
	].join(", ");
}

function table(what: string, footprints: readonly NamedFootprint[]): string[] {
	const head = `${what}: per 1,000 requests: energy at the plug, SCI (E x I + M), embodied share`;
	return [
		head,
		...footprints.map(
			({ name, perRequest, per1000 }) =>
				`  ${name}: ${list([per1000.energy_kwh, per1000.sci_g, perRequest.embodied_share])}`,
		),
	];
}

/** Every source that a number rests on, once. */
function sources(footprints: readonly NamedFootprint[]): string[] {
	const own = footprints[0]!.perRequest;
	const named: readonly (readonly [string, readonly string[]])[] = [
		["PUE", own.pue.sources],
		...(["intensity_g_per_kwh", "embodied_g", "money"] as const).map(
			(key) => [key, own[key].status === "available" ? own[key].factor.sources : []] as const,
		),
	];
	const seen = new Set<string>();
	return [
		"Ranges are of sources and hours, no confidence intervals. Rests on:",
		...named.flatMap(([, of]) =>
			of.filter((source) => !seen.has(source) && seen.add(source)).map((source) => `  ${source}`),
		),
	];
}
