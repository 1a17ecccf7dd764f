// Run after a change of dependencies: writes into package-lock.json the optional packages of other platforms that a
// partial registry mirror left out, without which `npm ci` refuses the lock, and the checksum of every package that has
// none, as the registry tells it. A platform is read off the package's name.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const added = [];
for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
	for (const [name, version] of Object.entries(optionalDependencies)) {
		const path = `node_modules/${name}`;
		if (lock.packages[path] || lock.packages[`${parent}/${path}`]) continue;
		const platform = /(?<os>android|darwin|freebsd|linux|win32)-(?<cpu>arm64|arm|x64|ia32)(?<musl>-musl)?/.exec(
			name,
		)?.groups;
		if (platform === undefined) throw new Error(`${name} is not in the lock and names no platform`);
		lock.packages[path] = {
			version,
			cpu: [platform.cpu],
			...(dev ? { dev } : {}),
			...(platform.os === "linux" ? { libc: [platform.musl ? "musl" : "glibc"] } : {}),
			optional: true,
			os: [platform.os],
		};
		added.push(name);
	}
}
let checked = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
	if (path === "" || entry.link || entry.integrity) continue;
	const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
	const integrity = execFileSync("npm", ["view", `${name}@${entry.version}`, "dist.integrity"], {
		encoding: "utf8",
	}).trim();
	if (!/^sha512-/.test(integrity)) throw new Error(`the registry tells no checksum of ${name}@${entry.version}`);
	// Where npm itself writes it: after the version.
	const { version, ...rest } = entry;
	lock.packages[path] = { version, integrity, ...rest };
	checked++;
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, "\t")}\n`);
console.log(
	added.length + checked === 0 ? "the lock is complete" : `added ${added.length} packages and ${checked} checksums`,
);
