import { readFileSync } from "node:fs";

/** A server that is asked over HTTP, and what it is shown. */
export interface Server {
	/** Without credentials and without a slash at its end: it may be told. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Takes out of a text whatever must not be told. */
	readonly hide: (text: string) => string;
}

export type ServerAt =
	| { readonly status: "server"; readonly server: Server }
	| { readonly status: "fault"; readonly reason: string; readonly remedy: string };

/**
 * The server at a URL, with the credentials that the environment gives: `<prefix>_USER` and `<prefix>_PASSWORD` (basic),
 * or `<prefix>_TOKEN` (bearer); each of the last two also as `..._FILE`, a file that holds it. A name and a password in
 * the URL are taken out of it and sent as basic credentials, so that no message and no file has them. A fault names the
 * variable and the remedy, never a secret.
 *
 * @example
 * serverAt("http://reader:secret@localhost:9090", "SUSTAINABLE_IPA_PROMETHEUS", {})
 * // a server whose url is http://localhost:9090, with the header authorization: Basic cmVhZGVyOnNlY3JldA==
 */
export function serverAt(
	url: string,
	prefix: string,
	environment: Readonly<Record<string, string | undefined>> = process.env,
): ServerAt {
	const fault = (reason: string, remedy: string): ServerAt => ({ status: "fault", reason, remedy });
	const shown = url.slice(url.lastIndexOf("@") + 1).replace(/^[a-z]+:\/\//i, "");
	const named = `${prefix}_URL`;
	if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
		return fault(`${named} must begin with http:// or https://`, `export ${named}=http://${shown}`);
	const parsed = new URL(url);
	const clean = new URL(url);
	clean.username = "";
	clean.password = "";
	if (clean.search !== "" || clean.hash !== "") {
		[clean.search, clean.hash] = ["", ""];
		return fault(`${named} must end with the path`, `export ${named}=${clean.href}`);
	}
	let secrets: { readonly user?: string; readonly password?: string; readonly token?: string };
	try {
		secrets = {
			...optional("user", decoded(parsed.username) || environment[`${prefix}_USER`]),
			...optional("password", decoded(parsed.password) || secretOf(`${prefix}_PASSWORD`, environment)),
			...optional("token", secretOf(`${prefix}_TOKEN`, environment)),
		};
	} catch (error) {
		return fault((error as Error).message, "name a file that this user may read");
	}
	const { user, password, token } = secrets;
	if (token !== undefined && (user ?? password) !== undefined)
		return fault(`${prefix} has a token and a user or a password`, `unset ${prefix}_TOKEN, or the other two`);
	if (password !== undefined && user === undefined)
		return fault(`${prefix}_PASSWORD is set without a user`, `export ${prefix}_USER=...`);
	const basic = user === undefined ? undefined : Buffer.from(`${user}:${password ?? ""}`).toString("base64");
	const authorization = token === undefined ? basic && `Basic ${basic}` : `Bearer ${token}`;
	const hidden = [token, password, basic, encoded(password), parsed.password].filter(
		(text) => text !== undefined && text !== "",
	);
	return {
		status: "server",
		server: {
			url: clean.href.replace(/\/+$/, ""),
			headers: authorization === undefined ? {} : { authorization },
			hide: (text) => hidden.reduce<string>((so, secret) => so.replaceAll(secret as string, "***"), text),
		},
	};
}

/** What helps against a server that answers 401 or 403. */
export function credentialsRemedy(prefix: string): string {
	return `export ${prefix}_USER=... ${prefix}_PASSWORD_FILE=... (basic), or ${prefix}_TOKEN_FILE=... (bearer)`;
}

function secretOf(name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
	const file = environment[`${name}_FILE`];
	if (file === undefined || file === "") return environment[name];
	try {
		return readFileSync(file, "utf8").trim();
	} catch (error) {
		throw new Error(`the file that ${name}_FILE names cannot be read (${(error as NodeJS.ErrnoException).code})`);
	}
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function encoded(text: string | undefined): string | undefined {
	return text === undefined ? undefined : encodeURIComponent(text);
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
	return value === undefined || value === "" ? {} : ({ [key]: value } as { [P in K]?: string });
}
