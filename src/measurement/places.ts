import { homedir, hostname, tmpdir } from "node:os";
import { packageRoot } from "../datasets/root.js";

/**
 * A text that may be published: paths below a home, the checkout, the working folder or the temporary one are cut to their
 * last part, and the names of this machine and of its Prometheus are
 * left out. Paths of the system, the same on every machine, stay.
 *
 * @example
 * withoutPlaces("fatal: detected dubious ownership in repository at '/home/ada/ipa'")
 * // "fatal: detected dubious ownership in repository at '…/ipa'"
 */
export function withoutPlaces(text: string): string {
	const roots = [home(), packageRoot, process.cwd(), tmpdir()].filter((root) => root.length > 1).map(escaped);
	// Up to what ends a path in a sentence.
	const paths = new RegExp(
		`(?<![\\w./-])(?:${[...roots, "/(?:home|Users)/[^/\\s]+", "/root"].join("|")})(?:/[^\\s'"\`:,;()]*)?(?![\\w-])`,
		"g",
	);
	const cut = text.replace(
		paths,
		(path) =>
			`…/${path
				.split("/")
				.filter((part) => part !== "")
				.at(-1)}`,
	);
	return [hostname(), prometheusHost()]
		.filter((name) => name.length > 1 && name !== "localhost" && name !== "127.0.0.1")
		.reduce((so, name) => so.replace(new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-])`, "g"), "…"), cut);
}

/** Empty for a user without one, as in a container that runs under a bare number. */
function home(): string {
	try {
		return homedir();
	} catch {
		return "";
	}
}

function prometheusHost(): string {
	const { SUSTAINABLE_IPA_PROMETHEUS_URL: url = "" } = process.env;
	return URL.canParse(url) ? new URL(url).hostname : "";
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
