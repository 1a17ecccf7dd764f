import type { LineStyle } from "../plots/panels.js";

/** A colour and a dash for each system, apart where lines lie on each other: the wide ones are drawn first. */
export const systemStyles: Readonly<Record<string, LineStyle>> = {
	"fa2-low": { color: "#56b4e9", width: 4 },
	"fa2-high": { color: "#e69f00", width: 4 },
	rim: { color: "#999999", width: 2.5 },
	ipa: { color: "#000000", width: 1.6 },
	"ipa-energy": { color: "#d55e00", dash: "dash", width: 1.8 },
};
