// Run after a change of dependencies: writes into package-lock.json the optional packages of other platforms that a
// partial registry mirror left out, without which `npm ci` refuses the lock. A platform is read off the package's name.
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
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, "\t")}\n`);
console.log(added.length === 0 ? "the lock is complete" : `added ${added.join(", ")}`);
